"""Shares new connections among the workers: the one with the fewest takes the next. Knows no Gunicorn.

All workers wait on the same listening sockets. The one that wakes up first would take a whole burst of
connections, and as long as these are kept alive it works alone: with two workers on two processors every
other run of a load test had half the throughput.
"""

from __future__ import annotations

import mmap

SLOTS = 64
"""Workers that take part; further ones take what they get."""
SLACK = 4
"""Connections by which a worker may be ahead of the one with the fewest. With 1, workers whose clients
connect anew for each request would leave connections to each other too often, and answer an eighth less."""
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
        fewest = min(filter(None, self._counts.tolist()), default=_MOST)
        return connections < fewest - 1 + SLACK  # what counts is one more than there are
