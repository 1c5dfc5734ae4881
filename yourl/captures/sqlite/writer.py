"""Storing captures: one by one statement, those of several threads together in one transaction.

Python's ``sqlite3`` gives up the interpreter's lock in every call, and has to get it back from other threads;
in the meantime all processes wait for SQLite's lock. So there is one call for a capture: a trigger keeps the
counts, and refuses what is too much.

Threads that come while a group is stored are served together by the next one. Between processes SQLite's lock
is tried again after a fraction of a millisecond, as SQLite's own waiting begins with a whole one and soon
sleeps for a hundred.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TypeVar

from yourl.captures.bounds import Bounds
from yourl.captures.codec import pack_document, pack_head, pack_summary
from yourl.captures.ids import make_id, new_tail, sequence_now
from yourl.captures.model import Capture
from yourl.captures.sqlite import text_index
from yourl.captures.sqlite.eviction import make_room, make_room_for_inbox
from yourl.captures.sqlite.schema import MIXED

LARGEST_GROUP = 64
"""Captures in one transaction."""
OVERHEAD = 256
"""Bytes that a row and its index entries take beside what is in it."""

# A temporary trigger is the connection's own: processes with another version or other bounds have another.
_TRIGGER = """
CREATE TEMP TRIGGER IF NOT EXISTS count_capture AFTER INSERT ON main.capture BEGIN
    UPDATE kind SET count = count + 1, size = size + new.cost, last = new.seq WHERE id = new.kind;
    SELECT RAISE(ABORT, '{no_kind}') WHERE changes() = 0;
    UPDATE total SET last = new.seq, count = count + 1, size = size + new.cost, waiting = waiting + 1
    WHERE id = 1;
    SELECT RAISE(ABORT, '{no_room}') FROM total WHERE id = 1 AND (
        count > {count} OR size > {size}
        -- An inbox holds no more than all do: as long as that is little, none is looked at.
        OR ((count > {inbox_count} OR size > {inbox_size}) AND EXISTS (
            SELECT 1 FROM kind WHERE inbox = (SELECT inbox FROM kind WHERE id = new.kind)
            GROUP BY inbox HAVING sum(count) > {inbox_count} OR sum(size) > {inbox_size}
        ))
    );
END
"""
_NO_KIND, _NO_ROOM = "no such kind", "no room"
_INSERT = """
INSERT INTO capture (seq, tail, kind, client, findings, cost, summary, head, document, body)
VALUES (max(?, (SELECT last FROM total WHERE id = 1) + 1), ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KIND = "SELECT id FROM kind WHERE inbox = ? AND method = ? AND status = ? AND device = ?"
_NEW_KIND = "INSERT OR IGNORE INTO kind (inbox, method, status, device) VALUES (?, ?, ?, ?)"
KIND_COUNT = "SELECT count(*) FROM kind WHERE inbox = ?"

Result = TypeVar("Result")
Kind = tuple[str, str, int, str]
"""Inbox, method, status and device class."""
MOST_KINDS = 4096
"""Kinds whose ids are remembered."""
MOST_KINDS_OF_INBOX = 64
"""Kinds of an inbox before captures of further ones are counted together, by device class alone. A sender
chooses method and status; with 5,000 different ones, a put would take 25 ms in place of 0.06."""


def transaction(connection: sqlite3.Connection, step: Callable[[], Result], patience: float) -> Result:
    """Run ``step`` in a transaction that may write; all of it is kept or nothing.

    :param patience: seconds to wait for the transactions of other processes
    :raises sqlite3.Error: what ``step`` raised, or that the lock was not to be had in time
    """
    locked(lambda: connection.execute("BEGIN IMMEDIATE"), patience)
    try:
        result = step()
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def locked(statement: Callable[[], Result], patience: float) -> Result:
    """Run one statement that takes SQLite's lock, again and again while another process has it.

    :raises sqlite3.Error: what the statement raised, or that the lock was not to be had in time
    """
    deadline = 0.0
    while True:
        try:
            return statement()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            deadline = deadline or time.monotonic() + patience
            if time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.0001, 0.0004))  # noqa: S311 (no secret: keeps two processes apart)


@dataclass(frozen=True, slots=True)
class _Packed:
    key: Kind
    cost: int
    """Bytes that are counted."""
    columns: tuple[str, str, int, str, str, str, bytes]
    """From ``client`` on."""


def _packed(capture: Capture) -> _Packed:
    known = capture.summary
    summary, head, document = pack_summary(known), pack_head(capture), pack_document(capture)
    cost = len(capture.body) + len(summary) + len(head) + len(document) + OVERHEAD
    client = known.client.encode("utf-8", "replace").decode()
    return _Packed(
        (known.inbox, known.method, known.status, known.device_type),
        cost,
        (client, " ".join(known.findings), cost, summary, head, document, capture.body),
    )


@dataclass(slots=True)
class _Job:
    packed: _Packed
    tail: int
    seq: int | None = None
    is_done: bool = False


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
        self._kinds: dict[Kind, int] = {}
        self._jobs: deque[_Job] = deque()
        self._unseen = 0
        """Captures that were stored since the last look at how many wait for the text index."""
        self.lock = threading.Lock()
        """Held by the thread that uses the connection."""

    def begin(self, connection: sqlite3.Connection) -> None:
        """Prepare a new connection. The file may be another one: the ids of its kinds are not known."""
        known = asdict(self._bounds)
        connection.execute(_TRIGGER.format(no_kind=_NO_KIND, no_room=_NO_ROOM, **known))
        self._kinds.clear()

    def put(self, capture: Capture) -> str | None:
        """Store one capture, with those of other threads that come meanwhile.

        Returns its id; None where it alone is larger than what may be kept.

        :raises sqlite3.Error: where it was not stored
        """
        job = _Job(_packed(capture), new_tail())
        if job.packed.cost > min(self._bounds.size, self._bounds.inbox_size):
            return None
        self._jobs.append(job)
        with self.lock:
            while not job.is_done:
                group = [self._jobs.popleft() for _ in range(min(len(self._jobs), LARGEST_GROUP))]
                try:
                    self._store(group)
                finally:
                    for each in group:
                        each.is_done = True
        if job.seq is None:
            raise sqlite3.OperationalError("the group that the capture was in could not be stored")
        return make_id(job.seq, job.tail)

    def _store(self, group: list[_Job]) -> None:
        connection = self._opened()
        if len(group) > 1 or not self._insert_alone(connection, group[0]):
            self._insert_together(connection, group)
        self._index_waiting(connection, len(group))

    def _transaction(self, connection: sqlite3.Connection, step: Callable[[], object]) -> None:
        transaction(connection, step, self._patience)

    def _insert_alone(self, connection: sqlite3.Connection, job: _Job) -> bool:
        """Insert a capture in a transaction of SQLite's own; false where more has to be done for it."""
        kind = self._kinds.get(job.packed.key)
        if kind is None:
            return False
        try:
            job.seq = locked(lambda: _inserted(connection, job, kind), self._patience)
        except sqlite3.IntegrityError:
            return False
        return True

    def _insert_together(self, connection: sqlite3.Connection, group: list[_Job]) -> None:
        """Insert captures in one transaction, with what else has to be done for them."""

        def insert_all() -> None:
            for job in group:
                self._insert(connection, job)

        try:
            self._transaction(connection, insert_all)
        except BaseException:
            self._kinds.clear()  # those that were made are gone, and others may get their ids
            for job in group:
                job.seq = None
            raise

    def _insert(self, connection: sqlite3.Connection, job: _Job) -> None:
        """Insert a capture within the caller's transaction, and make room for it, in steps if need be."""
        key, cost = job.packed.key, job.packed.cost
        while job.seq is None:
            kind = self._kinds.get(key) or self._kind(connection, key)
            try:
                job.seq = _inserted(connection, job, kind)
            except sqlite3.IntegrityError as error:
                if str(error) == _NO_KIND:  # it was deleted with its last capture
                    self._kinds.pop(key, None)
                elif not make_room(connection, self._bounds, key[0], cost, has_text=self._has_text):
                    raise

    def _index_waiting(self, connection: sqlite3.Connection, stored: int) -> None:
        """Now and then look whether a batch waits for the text index. Where it fails they wait on."""
        self._unseen += stored
        if not self._has_text or self._unseen < text_index.BATCH // 8:
            return
        self._unseen = 0
        with contextlib.suppress(sqlite3.Error):
            (waiting,) = connection.execute("SELECT waiting FROM total WHERE id = 1").fetchone()
            if waiting >= text_index.BATCH:
                self._transaction(connection, lambda: text_index.add_waiting(connection, self._part_size))

    def _kind(self, connection: sqlite3.Connection, key: Kind) -> int:
        """The id of the kind, which is made where it is new, and remembered."""
        row = connection.execute(_KIND, key).fetchone()
        if row is None:
            inbox, _, _, device = key
            make_room_for_inbox(connection, self._bounds, inbox, has_text=self._has_text)
            (kinds,) = connection.execute(KIND_COUNT, (inbox,)).fetchone()
            chosen = key if kinds < MOST_KINDS_OF_INBOX else (inbox, *MIXED, device)
            connection.execute(_NEW_KIND, chosen)
            row = connection.execute(_KIND, chosen).fetchone()
        if len(self._kinds) >= MOST_KINDS:
            self._kinds.clear()
        self._kinds[key] = int(row[0])
        return int(row[0])


def _inserted(connection: sqlite3.Connection, job: _Job, kind: int) -> int:
    values = (sequence_now(), job.tail, kind, *job.packed.columns)
    return int(connection.execute(_INSERT, values).lastrowid or 0)
