"""Storing captures: one transaction for all that wait for it, in this process and under SQLite's one lock.

Threads that come while a transaction runs are served together by the next one. Between processes SQLite's own
lock decides; it is tried again after a fraction of a millisecond, as SQLite's own waiting begins with a whole
one and soon sleeps for a hundred.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from yourl.captures.codec import pack_details, pack_summary
from yourl.captures.ids import make_id, new_tail, sequence_now
from yourl.captures.model import Capture
from yourl.captures.sqlite import text_index
from yourl.captures.sqlite.eviction import make_room, make_room_for_inbox
from yourl.captures.store import Bounds

LARGEST_GROUP = 64
"""Captures in one transaction."""
OVERHEAD = 256
"""Bytes that a row and its index entries take beside what is in it."""
PATIENCE = 1.0
"""Seconds that a transaction waits for those of other processes."""

Result = TypeVar("Result")
Kind = tuple[str, str, int, str]


def transaction(connection: sqlite3.Connection, step: Callable[[], Result]) -> Result:
    """Run ``step`` in a transaction that may write; all of it is kept or nothing.

    :raises sqlite3.Error: what ``step`` raised, or that the lock was not to be had in time
    """
    _begin(connection)
    try:
        result = step()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _begin(connection: sqlite3.Connection) -> None:
    deadline = 0.0
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            deadline = deadline or time.monotonic() + PATIENCE
            if time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.0001, 0.0008))  # noqa: S311 (so that two processes do not keep in step)
        else:
            return


@dataclass(slots=True)
class _Job:
    capture: Capture
    id: str | None = None
    is_done: bool = False


class Writer:
    """Stores captures through one connection at a time, which the caller opens.

    :param opened: the connection to write with; raises ``sqlite3.Error`` where there is none
    """

    def __init__(self, opened: Callable[[], sqlite3.Connection], bounds: Bounds, *, has_text: bool) -> None:
        self._opened = opened
        self._bounds = bounds
        self._has_text = has_text
        self._part_size = text_index.part_size(bounds.count)
        self._kinds: dict[Kind, int] = {}
        self._jobs: deque[_Job] = deque()
        self.lock = threading.Lock()
        """Held by the thread that uses the connection."""

    def put(self, capture: Capture) -> str:
        """Store one capture, with those of other threads that come meanwhile.

        :raises sqlite3.Error: where it was not stored
        """
        job = _Job(capture)
        self._jobs.append(job)
        with self.lock:
            if not job.is_done:
                group = [self._jobs.popleft() for _ in range(min(len(self._jobs), LARGEST_GROUP))]
                try:
                    self._store(group)
                finally:
                    for each in group:
                        each.is_done = True
        if job.id is None:
            raise sqlite3.OperationalError("the group that the capture was in could not be stored")
        return job.id

    def _store(self, group: list[_Job]) -> None:
        connection = self._opened()
        packed = [(job, pack_summary(job.capture.summary), pack_details(job.capture)) for job in group]
        ids = transaction(connection, lambda: self._insert_all(connection, packed))
        for job, capture_id in zip(group, ids, strict=True):
            job.id = capture_id
        self._maintain(connection)

    def _insert_all(self, connection: sqlite3.Connection, packed: list[tuple[_Job, str, str]]) -> list[str]:
        last, count, size = connection.execute("SELECT last, count, size FROM total WHERE id = 1").fetchone()
        ids, added = [], 0
        for job, summary, details in packed:
            last = max(sequence_now(), last + 1)
            tail = new_tail()
            added += self._insert(connection, job.capture, last, tail, summary, details)
            ids.append(make_id(last, tail))
        connection.execute(
            "UPDATE total SET last = ?, count = ?, size = ?, waiting = waiting + ? WHERE id = 1",
            (last, count + len(ids), size + added, len(ids)),
        )
        inboxes = {job.capture.summary.inbox for job, *_ in packed}
        make_room(connection, self._bounds, inboxes, has_text=self._has_text)
        return ids

    def _insert(
        self,
        connection: sqlite3.Connection,
        capture: Capture,
        seq: int,
        tail: int,
        summary: str,
        details: str,
    ) -> int:
        known = capture.summary
        client = known.client.encode("utf-8", "replace").decode()
        cost = len(capture.body) + len(summary) + len(details) + OVERHEAD
        kind = self._count_kind(
            connection, known.inbox, known.method, known.status, known.device_type, cost, seq
        )
        connection.execute(
            "INSERT INTO capture (seq, tail, kind, client, findings, cost, summary, details, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (seq, tail, kind, client, " ".join(known.findings), cost, summary, details, capture.body),
        )
        for code in known.findings:
            connection.execute("INSERT OR IGNORE INTO finding (code, seq) VALUES (?, ?)", (code, seq))
        return cost

    def _count_kind(
        self,
        connection: sqlite3.Connection,
        inbox: str,
        method: str,
        status: int,
        device: str,
        cost: int,
        seq: int,
    ) -> int:
        """The id of the kind, with the capture counted; made where it is new."""
        key = (inbox, method, status, device)
        count = "UPDATE kind SET count = count + 1, size = size + ?, last = ? WHERE id = ?"
        kind = self._kinds.get(key)
        if kind is not None and connection.execute(count, (cost, seq, kind)).rowcount == 1:
            return kind
        chosen = "SELECT id FROM kind WHERE inbox = ? AND method = ? AND status = ? AND device = ?"
        row = connection.execute(chosen, key).fetchone()
        if row is None:
            make_room_for_inbox(connection, self._bounds, inbox, has_text=self._has_text)
            connection.execute("INSERT INTO kind (inbox, method, status, device) VALUES (?, ?, ?, ?)", key)
            row = connection.execute(chosen, key).fetchone()
        if len(self._kinds) > 4096:
            self._kinds.clear()
        self._kinds[key] = int(row[0])
        connection.execute(count, (cost, seq, row[0]))
        return int(row[0])

    def _maintain(self, connection: sqlite3.Connection) -> None:
        """Index the captures that wait for it, once there are enough of them."""
        if not self._has_text:
            return
        waiting = connection.execute("SELECT waiting FROM total WHERE id = 1").fetchone()[0]
        if waiting >= text_index.BATCH:
            transaction(connection, lambda: text_index.add_waiting(connection, self._part_size))

    def forget_kinds(self) -> None:
        """After the file was replaced, the ids of its kinds mean nothing any more."""
        self._kinds.clear()
