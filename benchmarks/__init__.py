"""Programs that measure yourl and its peers in the same run; ``python -m benchmarks LIST`` names them."""
