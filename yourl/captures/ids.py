"""Ids of captures: 128 bits as 32 hexadecimal digits, sortable by the order in which they were stored.

The upper half is a sequence number: microseconds since 1970, raised where needed so that it grows with every
commit. A store assigns it inside the transaction that stores the capture, so a reader who has seen an id has
seen all lower ones: an id is a cursor. The lower half is random: it tells apart what different stores number
alike, after a restart say.
"""

from __future__ import annotations

import random
import re
import time
from datetime import datetime, timedelta, timezone

_ID = re.compile(r"[0-9a-f]{32}")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MAX_SEQUENCE = 2**53 - 1
"""Until the year 2255; Lua, which Redis runs, counts no further without loss."""


MAX_TAIL = 2**63 - 1
"""What a signed 64-bit column can hold."""


def make_id(sequence: int, tail: int) -> str:
    """The id with this sequence number and this random part."""
    return f"{sequence:016x}{tail:016x}"


def new_tail() -> int:
    """63 random bits; ``random`` seeds itself anew after a fork."""
    return random.getrandbits(MAX_TAIL.bit_length())


def is_id(text: str) -> bool:
    """Whether ``text`` has the form of an id."""
    return _ID.fullmatch(text) is not None and sequence_of(text) <= MAX_SEQUENCE and tail_of(text) <= MAX_TAIL


def sequence_of(capture_id: str) -> int:
    """The sequence number in an id."""
    return int(capture_id[:16], 16)


def tail_of(capture_id: str) -> int:
    """The random part of an id."""
    return int(capture_id[16:], 16)


def sequence_now() -> int:
    """The sequence number of a capture stored now, if none stored before has a higher one."""
    return time.time_ns() // 1000


def sequence_at(moment: datetime) -> int:
    """The sequence number of a capture stored at ``moment``."""
    return min(max((moment - _EPOCH) // timedelta(microseconds=1), 0), MAX_SEQUENCE)
