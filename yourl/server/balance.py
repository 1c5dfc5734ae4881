"""Shares new connections among the workers: the one with the fewest takes the next. Knows no Gunicorn.

All workers wait on the same listening sockets. The one that wakes up first would take a whole burst of
connections, and as long as these are kept alive it works alone: with two workers on two processors every
other run of a load test had half the throughput.

Connections that are kept alive would stay where they are when a worker is replaced: its clients go to the
others, and the new one has nothing to do. So a worker that is far ahead ends one now and then with an answer
that says so; its client connects anew, to the worker with the fewest.
"""

from __future__ import annotations

import mmap

SLOTS = 64
"""Workers that take part; further ones take what they get."""
SLACK = 4
"""Connections by which a worker may be ahead of the one with the fewest. With 1, workers whose clients
connect anew for each request would leave connections to each other too often, and answer an eighth less."""
GIVING_PAUSE = 0.005
"""Seconds between two connections that a worker gives away, so that it has seen the first one go. Also where
the others never take any (they hang), two hundred clients a second that connect anew are no burden."""
_MOST = 0xFFFE
_ABSENT = 0


class Balance:
    """How many connections each worker has, in memory that a master shares with the workers it forks."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 2 * SLOTS)).cast("H")

    def share_of(self, slot: int) -> Share:
        """The share of the worker that has this slot."""
        return Share(self._counts, slot) if slot < SLOTS else Share()

    def clear(self, slot: int) -> None:
        """The worker of this slot has ended."""
        self.share_of(slot).leave()


class Share:
    """What one worker reads and writes of it. Without ``counts``: a worker that is alone.

    :param counts: of each slot 0, or one more than the number of connections
    """

    def __init__(self, counts: memoryview[int] | None = None, slot: int = 0) -> None:
        self._counts = counts
        self._slot = slot
        self._gives_from = 0.0

    def report(self, connections: int) -> None:
        """This worker accepts connections, and serves so many."""
        if self._counts is not None:
            self._counts[self._slot] = min(connections, _MOST) + 1

    def leave(self) -> None:
        """This worker accepts no more, and what it reports from now on does not count."""
        if self._counts is not None:
            self._counts[self._slot] = _ABSENT
            self._counts = None

    def may_take(self, connections: int) -> bool:
        """Whether a worker that serves so many connections may take the next one."""
        if self._counts is None:
            return True
        return connections < _fewest(self._counts) + SLACK

    def gives_away(self, now: float) -> bool:
        """Whether this worker should end a connection that it could keep alive; any thread may ask.

        :param now: on the monotonic clock
        """
        counts = self._counts  # another thread may leave meanwhile
        if counts is None or now < self._gives_from:
            return False
        self._gives_from = now + GIVING_PAUSE
        # Only what it may not take again: else the same clients would connect anew for ever.
        return counts[self._slot] - 1 > _fewest(counts) + SLACK


def _fewest(counts: memoryview[int]) -> int:
    """The connections of the worker with the fewest."""
    return min(filter(None, counts.tolist()), default=_MOST) - 1  # what counts is one more than there are
