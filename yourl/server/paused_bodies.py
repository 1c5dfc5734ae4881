"""Which bodies are read on when memory is short. Knows no Gunicorn.

If every body were read a little further, memory would fill with halves: none can be answered, and some must
be refused. So when memory is short, bodies wait at the client while a request is answered whose memory will
be free soon. If no such request runs, a few bodies are read to their end. After those that have begun, the
newest go first: the oldest may be those of an attacker who sends no more. And while bodies wait, clients that
send nothing are evicted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from yourl.http1.limits import SMALL_BODY, Limits
from yourl.server.connection import Connection, State
from yourl.server.memory import FREE, MemoryAccount

SLOW = 16 * 1024
"""Bytes that a client must send in this time, or another has its turn:"""

TURN = 0.5
"""seconds."""

STALLED = 2.0
"""Seconds without so many bytes after which a client is evicted, if bodies wait for its memory."""

LONGEST_GAP = 0.5
"""Seconds between two looks; after more, the machine had stalled and not the clients."""


class PausedBodies:
    """The connections whose body is not read for now."""

    def __init__(self, memory: MemoryAccount, limits: Limits) -> None:
        self._memory = memory
        self._most_chosen = max(1, int(limits.memory * (1 - FREE)) // limits.body_size)
        self._chosen: dict[Connection, int] = {}
        self._turns_changed_at = 0.0
        self._paused: dict[Connection, bool] = {}
        """Whether it was its turn when memory became short for an answer."""
        self._progress: dict[Connection, tuple[int, float]] = {}
        """How far a body that is read had come, and when."""
        self._looked_at = 0.0

    def may_read(self, connection: Connection) -> bool:
        """Whether more may be read now; always true for heads and small bodies."""
        if not self._memory.is_short or _is_small(connection):
            return True
        if self._memory.reserved:
            return False
        if connection not in self._chosen and len(self._chosen) < self._most_chosen:
            self._chosen[connection] = 0
        return connection in self._chosen

    def pause(self, connection: Connection, now: float) -> None:
        """Take note that the connection is not read."""
        had_turn = connection in self._chosen
        self.discard(connection)
        self._paused[connection] = had_turn
        connection.pause(now)

    def discard(self, connection: Connection) -> None:
        """Forget the connection; it need not be here."""
        self._paused.pop(connection, None)
        self._chosen.pop(connection, None)

    def change_turns(self, now: float) -> None:
        """End the turn of each client that has sent little for a while, if others wait."""
        if self._paused and now - self._turns_changed_at >= TURN:
            self._turns_changed_at = now
            sizes = {connection: connection.reader.size for connection in self._chosen}
            self._chosen = {c: size for c, size in sizes.items() if size - self._chosen[c] >= SLOW}

    def take_ready(self, now: float) -> Iterator[Connection]:
        """The connections that may be read again; the caller reads each before it asks for the next."""
        newest_first = list(reversed(self._paused))
        for connection in sorted(newest_first, key=lambda paused: not self._paused[paused]):
            if connection not in self._paused:
                continue  # evicted meanwhile
            if not self.may_read(connection):
                return
            del self._paused[connection]
            connection.resume(now)
            yield connection

    def stalled(self, connections: Iterable[Connection], now: float) -> list[Connection]:
        """The clients that hold memory and send next to nothing, if other bodies wait for it."""
        machine_stalled = now - self._looked_at > LONGEST_GAP
        self._looked_at = now
        before = {} if machine_stalled else self._progress
        self._progress = {}
        if not self._paused or self._memory.reserved:
            return []
        for connection in connections:
            if connection.state is State.READING and connection.held > SMALL_BODY:
                size, since = before.get(connection, (connection.reader.size, now))
                if connection in self._paused or connection.reader.size - size >= SLOW:
                    size, since = connection.reader.size, now
                self._progress[connection] = size, since
        return [connection for connection, (_, since) in self._progress.items() if now - since >= STALLED]


def _is_small(connection: Connection) -> bool:
    """Whether what arrives is a head, or a body that is read at any time."""
    head = connection.reader.head
    if head is None:
        return True
    # Every large body read up to that size would be too much together, so its announced length counts.
    return (connection.held if head.content_length is None else head.content_length) <= SMALL_BODY
