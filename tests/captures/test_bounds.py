"""How much is kept, by the text of a setting."""

from __future__ import annotations

import pytest

from yourl.captures.bounds import MIB, Bounds, read_bounds


@pytest.mark.parametrize(
    ("text", "count", "size"),
    [
        ("10000,20MiB", 10_000, 20 * MIB),
        ("1gib, 5", 5, 1024 * MIB),
        ("100000", 100_000, 100_000 * 2048),
        ("10", 10, MIB),
        ("1 GB", 524_288, 1024 * MIB),
        ("2048k" + "ib", 1024, 2 * MIB),
    ],
)
def test_bounds(text: str, count: int, size: int) -> None:
    """Either bound may be given, or both; one inbox may take half."""
    assert Bounds(count, size, max(1, count // 2), size // 2) == read_bounds(text)


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "5,5", "1MiB,2MiB", "1KiB", "10000000000", "1e3", "ten", "5MiB x"]
)
def test_no_bounds(text: str) -> None:
    """Anything else is refused with what is allowed."""
    with pytest.raises(ValueError, match="MiB"):
        read_bounds(text)
