"""Which bodies are read on when memory is short. Knows no Gunicorn.

If every body were read a little further, memory would fill with halves: none can be answered, and some must
be refused. So when memory is short, bodies wait at the client while a request is answered whose memory will
be free soon. If no such request runs, a few bodies are read to their end; those that need least go first.
"""

from __future__ import annotations

from collections.abc import Iterator

from yourl.http1.limits import SMALL_BODY, Limits
from yourl.server.connection import Connection
from yourl.server.memory import FREE, MemoryAccount

SLOW = 16 * 1024
"""Bytes that a client must send between two looks, or another has its turn."""


class PausedBodies:
    """The connections whose body is not read for now."""

    def __init__(self, memory: MemoryAccount, limits: Limits) -> None:
        self._memory = memory
        self._body_size = limits.body_size
        self._most_chosen = max(1, int(limits.memory * (1 - FREE)) // limits.body_size)
        self._chosen: dict[Connection, int] = {}
        self._paused: dict[Connection, None] = {}

    def may_read(self, connection: Connection) -> bool:
        """Whether more may be read now; always true for heads and small bodies."""
        if connection.held <= SMALL_BODY or connection.reader.head is None or not self._memory.is_short:
            return True
        if self._memory.reserved:
            return False
        if connection not in self._chosen and len(self._chosen) < self._most_chosen:
            self._chosen[connection] = 0
        return connection in self._chosen

    def pause(self, connection: Connection, now: float) -> None:
        """Take note that the connection is not read."""
        self.discard(connection)
        self._paused[connection] = None
        connection.pause(now)

    def discard(self, connection: Connection) -> None:
        """Forget the connection; it need not be here."""
        self._paused.pop(connection, None)
        self._chosen.pop(connection, None)

    def change_turns(self) -> None:
        """End the turn of each client that has sent little since the last look, if others wait."""
        if self._paused:
            sizes = {connection: connection.reader.size for connection in self._chosen}
            self._chosen = {c: size for c, size in sizes.items() if size - self._chosen[c] >= SLOW}

    def take_ready(self, now: float) -> Iterator[Connection]:
        """The connections that may be read again; the caller reads each before it asks for the next."""
        for connection in sorted(self._paused, key=self._missing):
            if connection not in self._paused:
                continue  # evicted meanwhile
            if not self.may_read(connection):
                return
            del self._paused[connection]
            connection.resume(now)
            yield connection

    def _missing(self, connection: Connection) -> int:
        """Bytes that the body lacks; the most that are allowed if its length is not known."""
        head = connection.reader.head
        length = head.content_length if head else None
        return (self._body_size if length is None else length) - connection.reader.size
