"""Answers that are kept back: until their time has come, or until something happens on a channel.

A thread that would wait is a thread lost; so the application answers at once, says in ``Wait`` what its
answer waits for, and the loop does the waiting. Knows nothing of what the channels mean.
"""

from __future__ import annotations

from collections.abc import Iterable

from yourl.server.connection import Connection

LEAST_INTERVAL = 0.5
"""Seconds between two looks for the same waiting request, so that many events do not become much work."""
MEMORY = 60.0
"""Seconds for which an event is remembered for requests that are being answered."""
MOST_REMEMBERED = 1024
"""Channels whose last event is remembered."""


class WaitingAnswers:
    """The connections whose answer waits, by the channels on which something may happen."""

    def __init__(self) -> None:
        self._by_channel: dict[str, set[Connection]] = {}
        self._channels: dict[Connection, tuple[str, ...]] = {}
        self._due: dict[Connection, float] = {}
        self._looked_at: dict[Connection, float] = {}
        """When the connection was last answered or taken."""
        self._happened: dict[str, float] = {}
        """Channel -> when something last happened there."""

    def __len__(self) -> int:
        return len(self._channels)

    @property
    def has_channels(self) -> bool:
        """Whether anything is waited for but time."""
        return bool(self._by_channel)

    def add(self, connection: Connection, channels: Iterable[str], asked_at: float) -> None:
        """Keep the connection until ``discard``.

        :param asked_at: when the application began the answer (monotonic clock); what has happened since then
            it may have missed
        """
        self._channels[connection] = tuple(channels)
        self._looked_at[connection] = connection.since
        for channel in self._channels[connection]:
            self._by_channel.setdefault(channel, set()).add(connection)
            if self._happened.get(channel, -1.0) >= asked_at:
                self._make_due(connection)

    def longest(self) -> Connection:
        """The connection that has been here for the longest time."""
        return next(iter(self._channels))

    def discard(self, connection: Connection) -> None:
        """Forget the connection; it need not be here."""
        self._due.pop(connection, None)
        self._looked_at.pop(connection, None)
        for channel in self._channels.pop(connection, ()):
            waiting = self._by_channel[channel]
            waiting.discard(connection)
            if not waiting:
                del self._by_channel[channel]

    def notify(self, channel: str, now: float) -> None:
        """Something has happened on this channel; ``now`` is monotonic."""
        self._remember(channel, now)
        for connection in self._by_channel.get(channel, ()):
            self._make_due(connection)

    def _make_due(self, connection: Connection) -> None:
        self._due.setdefault(connection, self._looked_at[connection] + LEAST_INTERVAL)

    def _remember(self, channel: str, now: float) -> None:
        if len(self._happened) >= MOST_REMEMBERED and channel not in self._happened:
            self._happened = {name: at for name, at in self._happened.items() if now - at < MEMORY}
            while len(self._happened) >= MOST_REMEMBERED:
                del self._happened[min(self._happened, key=self._happened.__getitem__)]
        self._happened[channel] = now

    def take_due(self, now: float) -> dict[Connection, float]:
        """The connections for which something has happened -> when they were last taken or answered.

        They stay here until ``discard``, so that what happens while they are looked at is not missed.
        ``now`` and the moments are monotonic.
        """
        due = [connection for connection, moment in self._due.items() if moment <= now]
        taken = {connection: self._looked_at[connection] for connection in due}
        for connection in due:
            del self._due[connection]
            self._looked_at[connection] = now
        return taken

    def put_off(self, connection: Connection, looked_at: float) -> None:
        """Make a connection due again that was taken but not looked at; it need not be here any more."""
        if connection in self._channels:
            self._looked_at[connection] = self._due[connection] = looked_at
