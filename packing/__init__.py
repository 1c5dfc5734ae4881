"""What the build uses beside build_zipapp.py: the standard library and nothing else."""
