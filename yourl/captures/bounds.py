"""How much is kept: the bounds of a store, and their reader for a setting.

Every start reads them, so nothing else of the room is imported here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MIB = 1024 * 1024
TYPICAL_SIZE = 2048
"""Bytes a request, from which one of the two bounds follows where only the other is given."""
LEAST_SIZE, MOST_SIZE = MIB, 1024 * 1024 * MIB
MOST_COUNT = 10_000_000
MOST_INBOXES = 256
MOST_ENDED_SESSIONS = 1024
"""Sessions that a store remembers one by one as signed out. With more, all that expire no later than the last
of them have ended: some visitors have to sign in again."""

_COUNT = re.compile(r"[0-9]{1,8}")
_SIZE = re.compile(r"([0-9]{1,7}) ?([kmg])i?b", re.IGNORECASE)
_UNITS = {"k": 1024, "m": MIB, "g": 1024 * MIB}
_ALLOWED_BOUNDS = (
    f"how many requests (1 to {MOST_COUNT}), how much of them (1MiB to 1024GiB), or both: 10000,20MiB"
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is kept, in captures and in bytes, in all and per inbox; the rest makes room for newer ones.

    Where the whole is full, the inbox that takes the most gives way, so that a flood at one inbox does not
    push out another's. The default needs, with its indexes, less than the 64 MiB of a container's /dev/shm.
    """

    count: int = 10_000
    size: int = 20 * MIB
    inbox_count: int = 5_000
    inbox_size: int = 10 * MIB
    inboxes: int = MOST_INBOXES
    """With more than these, an inbox without rules gives way: the one with the fewest requests, and of those
    the one that has been idle for the longest time. So a flood of new names pushes out itself. As many may
    have rules, with requests or without; rules for another one are refused."""

    @classmethod
    def of(cls, count: int, size: int) -> Bounds:
        """Bounds for so many captures and bytes in all, half of them for one inbox."""
        return cls(count, size, max(1, count // 2), max(1, size // 2))


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
