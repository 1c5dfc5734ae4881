"""How much is kept, from the text of a setting."""

from __future__ import annotations

import re

from yourl.captures.store import MIB, Bounds

TYPICAL_SIZE = 2048
"""Bytes a request, from which one of the two bounds follows where only the other is given."""
LEAST_SIZE, MOST_SIZE = MIB, 1024 * 1024 * MIB
MOST_COUNT = 10_000_000

_COUNT = re.compile(r"[0-9]{1,8}")
_SIZE = re.compile(r"([0-9]{1,7}) ?([kmg])i?b", re.IGNORECASE)
_UNITS = {"k": 1024, "m": MIB, "g": 1024 * MIB}
_ALLOWED_BOUNDS = (
    f"how many requests (1 to {MOST_COUNT}), how much of them (1MiB to 1024GiB), or both: 10000,20MiB"
)


def read_bounds(text: str) -> Bounds:
    """A reader of a number of requests, of bytes (``20MiB``), or of both.

    What is not given follows from the other: a request takes about 2 KiB.

    :raises ValueError: with what is allowed
    """
    count = size = None
    for word in map(str.strip, text.split(",")):
        sized = _SIZE.fullmatch(word)
        if sized and size is None:
            size = int(sized[1]) * _UNITS[sized[2].lower()]
        elif _COUNT.fullmatch(word) and count is None:
            count = int(word)
        else:
            raise ValueError(_ALLOWED_BOUNDS)
    if size is None:
        size = max((count or 0) * TYPICAL_SIZE, LEAST_SIZE)
    if count is None:
        count = min(max(size // TYPICAL_SIZE, 1), MOST_COUNT)
    if not LEAST_SIZE <= size <= MOST_SIZE or not 1 <= count <= MOST_COUNT:
        raise ValueError(_ALLOWED_BOUNDS)
    return Bounds.of(count, size)
