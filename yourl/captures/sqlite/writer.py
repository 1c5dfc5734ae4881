"""Storing captures in groups: those of several threads, or of several requests, in one transaction.

A thread that waits for its capture stores those together with it that have come meanwhile. A thread that does
not wait leaves it to a later call, behind the requests that are here already: the more there are, the more
captures share a transaction.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from yourl.captures.bounds import Bounds
from yourl.captures.ids import MAX_SEQUENCE, make_id
from yourl.captures.model import Capture
from yourl.captures.sqlite import text_index
from yourl.captures.sqlite.inserting import Inserter, Row, row_of
from yourl.captures.sqlite.transactions import transaction
from yourl.promise import Promise

LARGEST_GROUP = 64
"""Captures that are stored before any of them is answered."""


@dataclass(slots=True)
class _Job:
    row: Row
    promise: Promise | None = None
    """Where no thread waits for the capture."""
    is_done: bool = False
    error: Exception | None = None
    """Why the row is not in the file."""

    def keep_promise(self) -> None:
        """Tell the id to whom it was promised."""
        if self.promise is not None:
            self.promise.value.set_result(self.row.id)


class Writer:
    """Stores captures through one connection at a time, which the caller opens.

    :param opened: the connection to write with; raises ``sqlite3.Error`` where there is none
    :param patience: seconds to wait for the transactions of other processes
    """

    def __init__(
        self,
        opened: Callable[[], sqlite3.Connection],
        bounds: Bounds,
        *,
        has_text: bool,
        patience: float,
    ) -> None:
        self._opened = opened
        self._bounds = bounds
        self._has_text = has_text
        self._patience = patience
        self._part_size = text_index.part_size(bounds.count)
        self._inserter = Inserter(bounds, has_text=has_text, patience=patience)
        self._jobs: deque[_Job] = deque()
        self._will_be_called = False
        """Whether somebody has been asked to call ``store_waiting``."""
        self._unseen = 0
        """Captures that were stored since the last look at how many wait for the text index."""
        self.lock = threading.Lock()
        """Held by the thread that uses the connection."""

    def begin(self, connection: sqlite3.Connection) -> None:
        """Prepare a new connection."""
        self._inserter.begin(connection)

    def put(self, capture: Capture) -> str | None:
        """Store one capture, with others that have come meanwhile.

        Returns its id; None where it alone is larger than what may be kept.

        :raises sqlite3.Error: where it was not stored
        """
        row = self._row(capture)
        if row is None:
            return None
        job = _Job(row)
        self._jobs.append(job)
        self._store_until(lambda: job.is_done)
        if job.error is not None:
            raise job.error
        return row.id

    def put_soon(self, capture: Capture) -> Promise | None:
        """Have a capture stored by the next call of ``store_waiting``; see ``must_be_called``.

        Returns its id; None where it alone is larger than what may be kept.
        """
        row = self._row(capture)
        if row is None:
            return None
        promise = Promise(make_id(random.getrandbits(MAX_SEQUENCE.bit_length()), row.tail))
        self._jobs.append(_Job(row, promise))
        return promise

    @property
    def has_full_group(self) -> bool:
        """Whether as many captures wait as should."""
        return len(self._jobs) >= LARGEST_GROUP

    def must_be_called(self) -> bool:
        """Whether the caller is to have ``store_waiting`` called soon; False where another is to already."""
        is_first, self._will_be_called = not self._will_be_called, True
        return is_first

    def store_waiting(self) -> int:
        """Store the captures that wait now; how many were stored. Promises for the others end with None."""
        self._will_be_called = False  # before looking: what comes later has this called again
        return self._store_until(lambda: not self._jobs)

    def _row(self, capture: Capture) -> Row | None:
        row = row_of(capture)
        return None if row.cost > min(self._bounds.size, self._bounds.inbox_size) else row

    def _store_until(self, is_enough: Callable[[], bool]) -> int:
        """Store what waits, group by group; how many were stored."""
        stored = 0
        while True:
            with self.lock:
                group = [] if is_enough() else self._store_group()
            for job in group:
                job.keep_promise()
            stored += sum(job.error is None for job in group)
            if not group:
                return stored

    def _store_group(self) -> list[_Job]:
        """Store what waits, as much as may be at once; the jobs that are done with it."""
        group = [self._jobs.popleft() for _ in range(min(len(self._jobs), LARGEST_GROUP))]
        try:
            connection = self._opened()
            self._inserter.insert(connection, [job.row for job in group])
            self._index_waiting(connection, len(group))
        except Exception as error:  # of any kind: each caller gets it, on its own thread
            for job in group:
                job.error = error if job.row.seq is None else None
        for job in group:
            job.is_done = True
        return group

    def _index_waiting(self, connection: sqlite3.Connection, stored: int) -> None:
        """Now and then look whether a batch waits for the text index. Where it fails they wait on."""
        self._unseen += stored
        if not self._has_text or self._unseen < text_index.BATCH // 8:
            return
        self._unseen = 0
        with contextlib.suppress(sqlite3.Error):
            (waiting,) = connection.execute("SELECT waiting FROM total WHERE id = 1").fetchone()
            if waiting >= text_index.BATCH:
                transaction(
                    connection, lambda: text_index.add_waiting(connection, self._part_size), self._patience
                )
