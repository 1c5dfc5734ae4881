"""One account of the memory that connections hold, and who is evicted when it is used up. Knows no Gunicorn.

What counts: bodies that arrive or wait for a thread, what answering a large body may take, and bytes of
answers that clients have not taken yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yourl.server.connection import Connection, State

TARGET = 7 / 8
"""Eviction goes on down to this share of the limit, so that it is not due again with the next byte."""


class MemoryAccount:
    """Bytes held by the connections of one worker; ``limit`` in bytes."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self.reserved = 0
        """The part of ``held`` that is set aside for answers being made. It is free as soon as they are."""

    def count(self, connection: Connection, size: int) -> None:
        """Note that the connection now holds ``size`` bytes."""
        self.held += size - connection.held
        connection.held = size

    @property
    def is_full(self) -> bool:
        """Whether clients hold more than the limit allows."""
        return self.held - self.reserved > self.limit

    def has_room_for(self, size: int) -> bool:
        """Whether ``size`` more bytes are within the limit."""
        return self.held + size <= self.limit

    def to_evict(self, connections: Iterable[Connection], now: float) -> Iterator[Connection]:
        """The connections to close, one at a time, as long as too much is held.

        First those that hold much and make little progress: stalled bodies, and answers that are read slowly.
        The caller closes each before it asks for the next. A request that a thread works on is never given
        up.
        """
        candidates = [c for c in connections if c.held and c.state < State.RUNNING]
        candidates.sort(key=lambda c: c.stall_score(now))
        while candidates and self.held - self.reserved > self.limit * TARGET:
            yield candidates.pop()
