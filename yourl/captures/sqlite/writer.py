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

from yourl.captures.bounds import Bounds
from yourl.captures.codec import pack_document, pack_head, pack_summary
from yourl.captures.ids import make_id, new_tail, sequence_now
from yourl.captures.model import Capture
from yourl.captures.sqlite import text_index
from yourl.captures.sqlite.eviction import make_room, make_room_for_inbox

LARGEST_GROUP = 64
"""Captures in one transaction."""
OVERHEAD = 256
"""Bytes that a row and its index entries take beside what is in it."""

Result = TypeVar("Result")
Kind = tuple[str, str, int, str]


def transaction(connection: sqlite3.Connection, step: Callable[[], Result], patience: float) -> Result:
    """Run ``step`` in a transaction that may write; all of it is kept or nothing.

    :param patience: seconds to wait for the transactions of other processes
    :raises sqlite3.Error: what ``step`` raised, or that the lock was not to be had in time
    """
    _begin(connection, patience)
    try:
        result = step()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _begin(connection: sqlite3.Connection, patience: float) -> None:
    deadline = 0.0
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            deadline = deadline or time.monotonic() + patience
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


@dataclass(frozen=True, slots=True)
class _Packed:
    capture: Capture
    summary: str
    head: str
    document: str
    cost: int
    """Bytes that are counted."""


def _packed(capture: Capture) -> _Packed:
    summary, head, document = pack_summary(capture.summary), pack_head(capture), pack_document(capture)
    cost = len(capture.body) + len(summary) + len(head) + len(document) + OVERHEAD
    return _Packed(capture, summary, head, document, cost)


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
        self._least_count = min(bounds.count, bounds.inbox_count)
        self._least_size = min(bounds.size, bounds.inbox_size)
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
            while not job.is_done:
                group = [self._jobs.popleft() for _ in range(min(len(self._jobs), LARGEST_GROUP))]
                try:
                    self._store(group)
                except sqlite3.Error:
                    if job.id is None:
                        raise
                    # It is stored; only the text index could not be brought up to date.
                finally:
                    for each in group:
                        each.is_done = True
        if job.id is None:
            raise sqlite3.OperationalError("the group that the capture was in could not be stored")
        return job.id

    def _store(self, group: list[_Job]) -> None:
        connection = self._opened()
        packed = [_packed(job.capture) for job in group]
        ids, waiting = transaction(connection, lambda: self._insert_all(connection, packed), self._patience)
        for job, capture_id in zip(group, ids, strict=True):
            job.id = capture_id
        if self._has_text and waiting >= text_index.BATCH:
            transaction(
                connection, lambda: text_index.add_waiting(connection, self._part_size), self._patience
            )

    def _insert_all(self, connection: sqlite3.Connection, group: list[_Packed]) -> tuple[list[str], int]:
        """Insert captures; their ids, and how many wait for the text index."""
        last, count, size, waiting = connection.execute(
            "SELECT last, count, size, waiting FROM total WHERE id = 1"
        ).fetchone()
        ids = []
        for packed in group:
            last, tail = max(sequence_now(), last + 1), new_tail()
            self._insert(connection, packed, last, tail)
            ids.append(make_id(last, tail))
        count, size = count + len(ids), size + sum(packed.cost for packed in group)
        connection.execute(
            "UPDATE total SET last = ?, count = count + ?, size = size + ?, waiting = waiting + ?"
            " WHERE id = 1",
            (last, len(ids), sum(packed.cost for packed in group), len(ids)),
        )
        # An inbox holds no more than all do: as long as that is little, none needs to be looked at.
        if count > self._least_count or size > self._least_size:
            inboxes = {packed.capture.summary.inbox for packed in group}
            make_room(connection, self._bounds, inboxes, has_text=self._has_text)
        return ids, waiting + len(ids)

    def _insert(self, connection: sqlite3.Connection, packed: _Packed, seq: int, tail: int) -> None:
        known = packed.capture.summary
        client = known.client.encode("utf-8", "replace").decode()
        key = (known.inbox, known.method, known.status, known.device_type)
        kind = self._count_kind(connection, key, packed.cost, seq)
        connection.execute(
            "INSERT INTO capture (seq, tail, kind, client, findings, cost, summary, head, document, body)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(seq, tail, kind, client, " ".join(known.findings), packed.cost),
                *(packed.summary, packed.head, packed.document, packed.capture.body),
            ),
        )

    def _count_kind(self, connection: sqlite3.Connection, key: Kind, cost: int, seq: int) -> int:
        """The id of the kind, with the capture counted; made where it is new."""
        count = "UPDATE kind SET count = count + 1, size = size + ?, last = ? WHERE id = ?"
        kind = self._kinds.get(key)
        if kind is not None and connection.execute(count, (cost, seq, kind)).rowcount == 1:
            return kind
        chosen = "SELECT id FROM kind WHERE inbox = ? AND method = ? AND status = ? AND device = ?"
        row = connection.execute(chosen, key).fetchone()
        if row is None:
            make_room_for_inbox(connection, self._bounds, key[0], has_text=self._has_text)
            connection.execute("INSERT INTO kind (inbox, method, status, device) VALUES (?, ?, ?, ?)", key)
            row = connection.execute(chosen, key).fetchone()
        if len(self._kinds) > 4096:
            self._kinds.clear()
        self._kinds[key] = int(row[0])
        connection.execute(count, (cost, seq, row[0]))
        return int(row[0])

    def forget_kinds(self) -> None:
        """After the file was replaced, the ids of its kinds mean nothing any more."""
        self._kinds.clear()
