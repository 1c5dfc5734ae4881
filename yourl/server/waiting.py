"""Answers that are kept back: until their time has come, or until something happens on a channel.

A thread that would wait is a thread lost; so the application answers at once, says in ``Wait`` what its
answer waits for, and the loop does the waiting. Knows nothing of what the channels mean.
"""

from __future__ import annotations

from collections.abc import Iterable

from yourl.server.connection import Connection, State

LEAST_INTERVAL = 0.5
"""Seconds between two answers to the same waiting request, so that many events do not become much work."""


class WaitingAnswers:
    """The connections whose answer waits, by the channels on which something may happen."""

    def __init__(self) -> None:
        self._by_channel: dict[str, set[Connection]] = {}
        self._channels: dict[Connection, tuple[str, ...]] = {}
        self._due: dict[Connection, float] = {}

    def __len__(self) -> int:
        return len(self._channels)

    def add(self, connection: Connection, channels: Iterable[str]) -> None:
        """Keep the connection until ``discard`` or ``take_due``."""
        self._channels[connection] = tuple(channels)
        for channel in self._channels[connection]:
            self._by_channel.setdefault(channel, set()).add(connection)

    def discard(self, connection: Connection) -> None:
        """Forget the connection; it need not be here."""
        self._due.pop(connection, None)
        for channel in self._channels.pop(connection, ()):
            waiting = self._by_channel[channel]
            waiting.discard(connection)
            if not waiting:
                del self._by_channel[channel]

    def notify(self, channel: str) -> None:
        """Something has happened on this channel."""
        for connection in self._by_channel.get(channel, ()):
            self._due.setdefault(connection, connection.since + LEAST_INTERVAL)

    def take_due(self, now: float) -> list[Connection]:
        """The connections for which something has happened, no longer kept here; ``now`` is monotonic."""
        if not self._due:
            return []
        due = [connection for connection, moment in self._due.items() if moment <= now]
        for connection in due:
            self.discard(connection)
        return [connection for connection in due if connection.state is State.WAITING]
