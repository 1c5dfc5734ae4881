"""The store in a SQLite file. Every process of the machine may use it at once."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TypeVar

from yourl.captures.bounds import Bounds
from yourl.captures.codec import unpack, unpack_summary
from yourl.captures.errors import StoreUnavailable
from yourl.captures.ids import is_id, sequence_of, tail_of
from yourl.captures.model import Capture, InboxSummary, Page, Query
from yourl.captures.rules import InboxRules, pack_rules
from yourl.captures.sqlite import eviction, reading, schema, tables
from yourl.captures.sqlite.transactions import transaction
from yourl.captures.sqlite.writer import Writer
from yourl.captures.store import USUAL_TIME_LIMITS, StoreStatus, TimeLimits
from yourl.captures.wakeups import Board, WakeupWatcher
from yourl.promise import Promise, RunSoon

Result = TypeVar("Result")
MOST_SCANNED = 20_000
"""Captures up to which a search without an index ends in time."""
READERS = 2
"""Connections for reading that are kept open; each has a cache of its own."""

REMEMBERED = 5.0
"""Seconds after which rules are read again in any case: a process can be killed before it tells."""
MOST_REMEMBERED = 256

_inherited: list[object] = []


class SqliteStore:
    """Captures in the file at ``path``, which is made, migrated or moved aside as needed.

    :param is_durable: False for a file that no later run will read: a power loss may then damage it
    :param report: takes one sentence for the log
    :param use_text_index: whether to use FTS5; if not given, where there may be so many captures that looking
        at each would take too long. Keeping the index costs half as much again as a ``put`` without it.
    :raises StoreUnavailable: where the file cannot be used
    """

    name = "sqlite"

    def __init__(
        self,
        path: Path,
        bounds: Bounds | None = None,
        *,
        is_durable: bool = True,
        report: Callable[[str], None] = lambda sentence: None,
        use_text_index: bool | None = None,
        time_limits: TimeLimits = USUAL_TIME_LIMITS,
    ) -> None:
        self.path = path
        self.bounds = bounds or Bounds()
        self._is_durable = is_durable
        self._report = report
        self._time_limits = time_limits
        schema.prepare(path, is_durable=is_durable, report=report)
        with contextlib.closing(schema.connect(path, is_durable=is_durable)) as connection:
            is_wanted = self.bounds.count > MOST_SCANNED if use_text_index is None else use_text_index
            self._has_text = is_wanted and schema.has_text_index(connection)
        self._state = "ok"
        self._reason = ""
        self._lost = 0
        self._begin_process()

    def _begin_process(self) -> None:
        """What each process has for itself."""
        self._pid = os.getpid()
        self._writing: sqlite3.Connection | None = None
        self._inode = 0
        self._readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer = Writer(
            self._connection, self.bounds, has_text=self._has_text, patience=self._time_limits.lock
        )
        self._board = Board(self.path.with_name(self.path.name + ".watch"))
        self._counting = threading.Lock()
        self._rules: dict[str, tuple[bytes, float, InboxRules]] = {}

    def _check_process(self) -> None:
        if self._pid != os.getpid():
            # A connection must not be used, nor even closed, on the other side of a fork.
            _inherited.append((self._writing, self._readers, self._writer, self._board))
            self._begin_process()

    def _connection(self) -> sqlite3.Connection:
        """The connection for writing; a new one where the file was replaced or removed."""
        inode = schema.inode_of(self.path)
        if self._writing is None or inode != self._inode:
            self._close_connections()
            if not inode:
                schema.prepare(self.path, is_durable=self._is_durable, report=self._report)
            self._inode = schema.inode_of(self.path)
            self._writing = schema.connect(self.path, is_durable=self._is_durable)
            self._writer.begin(self._writing)
        return self._writing

    def put(self, capture: Capture) -> str | None:
        """Store a capture; its id once it is committed, None where that failed or it is too large."""
        self._check_process()
        try:
            capture_id = self._writer.put(capture)
        except (sqlite3.Error, StoreUnavailable, OSError) as error:
            self._note_failure(error)
            return None
        if capture_id is None:
            self._count_lost()
            return None
        self._note_success()
        return capture_id

    def put_soon(self, capture: Capture, run_soon: RunSoon) -> Promise | None:
        """Store a capture together with those that come meanwhile; None where it is too large."""
        self._check_process()
        promise = self._writer.put_soon(capture)
        if promise is not None:
            if self._writer.has_full_group:
                self._store_waiting()
            elif self._writer.must_be_called():
                run_soon(self._store_waiting)
        return promise

    def _store_waiting(self) -> None:
        """Store what waits. Where that fails, its promises end with None, and the next ``put`` says why."""
        if self._writer.store_waiting():
            self._note_success()

    def _note_success(self) -> None:
        """Something was stored: tell those who wait for it."""
        if self._state != "ok":
            self._state, self._reason = "ok", ""
            self._report("Requests are kept again.")
        self._board.notify()

    def _count_lost(self) -> None:
        with self._counting:
            self._lost += 1

    def _note_failure(self, error: Exception) -> None:
        self._count_lost()
        is_full = "full" in str(error) or (isinstance(error, OSError) and error.errno == 28)
        state = "full" if is_full else "away"
        if self._state != state:
            self._state, self._reason = state, f"{self.path} cannot be written: {error}."
            self._report(f"Requests are not kept: {self._reason}")
        if _is_damage(error):
            self._replace_file()

    def _replace_file(self) -> None:
        with self._writer.lock, contextlib.suppress(StoreUnavailable):
            inode = self._inode
            self._close_connections()
            schema.replace_damaged(self.path, inode, is_durable=self._is_durable, report=self._report)

    def _close_connections(self) -> None:
        if self._writing is not None:
            self._writing.close()
            self._writing = None
        with contextlib.suppress(Empty):
            while True:
                self._readers.get_nowait().close()

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A connection for reading.

        :raises StoreUnavailable: where the file cannot be read
        """
        self._check_process()
        connection = None
        try:
            connection = self._reader()
            yield connection
        except (sqlite3.Error, OSError) as error:
            if connection is not None:
                connection.close()
                connection = None
            if _is_damage(error):
                self._replace_file()
            raise StoreUnavailable(f"{self.path} cannot be read: {error}.") from error
        finally:
            if connection is not None:
                if self._readers.qsize() < READERS:
                    self._readers.put_nowait(connection)
                else:
                    connection.close()

    def _reader(self) -> sqlite3.Connection:
        if schema.inode_of(self.path) != self._inode:
            with self._writer.lock:
                self._connection()
        with contextlib.suppress(Empty):
            return self._readers.get_nowait()
        connection = schema.connect(self.path, is_durable=self._is_durable)
        connection.execute("PRAGMA busy_timeout = 1000")
        return connection

    def _change(self, step: Callable[[sqlite3.Connection], Result], seconds: float | None = None) -> Result:
        """Run a small change in a transaction.

        :param seconds: how long to wait for other threads, then for other processes
        :raises StoreUnavailable: where it failed
        """
        self._check_process()
        patience = self._time_limits.lock if seconds is None else seconds
        try:
            with self._locked(patience):
                connection = self._connection()
                return transaction(connection, lambda: step(connection), patience)
        except (sqlite3.Error, OSError) as error:
            raise StoreUnavailable(f"{self.path} cannot be written: {error}.") from error

    @contextlib.contextmanager
    def _locked(self, seconds: float) -> Iterator[None]:
        if not self._writer.lock.acquire(timeout=seconds):
            raise StoreUnavailable(f"{self.path} cannot be written: another thread is writing.")
        try:
            yield
        finally:
            self._writer.lock.release()

    def get(self, capture_id: str) -> Capture | None:
        """The capture, or None."""
        if not is_id(capture_id):
            return None
        with self._reading() as connection:
            row = connection.execute(
                "SELECT summary, head, document, body FROM capture WHERE seq = ? AND tail = ?",
                (sequence_of(capture_id), tail_of(capture_id)),
            ).fetchone()
        return None if row is None else unpack(unpack_summary(row[0], capture_id), *row[1:])

    def find(self, query: Query) -> Page:
        """One page of what a query asks for."""
        with self._reading() as connection:
            seconds = self._time_limits.search
            return reading.find(connection, query, has_text=self._has_text, seconds=seconds)

    def delete(self, capture_id: str) -> bool:
        """Delete one capture."""
        if not is_id(capture_id) or self.get(capture_id) is None:
            return False
        return self._delete([sequence_of(capture_id)]) == 1

    def clear(self, inbox: str = "") -> int:
        """Delete the captures of an inbox or of all that are there now, in small steps."""
        deleted = 0
        query = Query(inbox=inbox, limit=eviction.STEP)
        while page := self.find(query).requests:
            deleted += self._delete([sequence_of(summary.id) for summary in page])
            query = Query(inbox=inbox, limit=eviction.STEP, before=page[-1].id)
        return deleted

    def _delete(self, seqs: list[int]) -> int:
        return self._change(
            lambda connection: eviction.delete(connection, seqs, self.bounds, has_text=self._has_text)
        )

    def inboxes(self) -> tuple[InboxSummary, ...]:
        """Every inbox that holds a capture."""
        with self._reading() as connection:
            return tables.inboxes(connection)

    def last_ids(self) -> Mapping[str, str]:
        """Inbox -> an id at or after that of its newest capture, and before any later one."""
        with self._reading() as connection:
            return tables.last_ids(connection)

    def rules_of(self, inbox: str) -> InboxRules:
        """The inbox's rules; the default where none were set or nothing can be read.

        Every request asks for them, so they are remembered until any process changes some.
        """
        self._check_process()
        now, mark = time.monotonic(), self._board.mark()  # before the rules are read
        known = self._rules.get(inbox)
        if known is not None and known[0] == mark and known[1] > now:
            return known[2]
        try:
            with self._reading() as connection:
                found = tables.rules_of(connection, inbox)
        except StoreUnavailable:
            return InboxRules()
        if mark is not None:
            if len(self._rules) >= MOST_REMEMBERED:
                self._rules.clear()
            self._rules[inbox] = (mark, now + REMEMBERED, found)
        return found

    def change_rules(self, inbox: str, rules: InboxRules) -> None:
        """Replace the rules, and start the sequence of answers anew."""
        packed, most = pack_rules(rules), self.bounds.inboxes
        if rules == InboxRules():
            self._change(lambda connection: tables.remove_rules(connection, inbox))
        else:
            self._change(lambda connection: tables.change_rules(connection, inbox, packed, most))
        self._board.change_mark()

    def take_turn(self, inbox: str) -> int:
        """How many turns were taken before."""
        return self._change(lambda connection: tables.take_turn(connection, inbox))

    def count_event(self, key: str, seconds: float) -> int:
        """Count an event of the period that its first began."""
        return self._change(lambda connection: tables.count_event(connection, key, seconds))

    def events(self, key: str) -> int:
        """How many events of the present period were counted."""
        with self._reading() as connection:
            return tables.events(connection, key)

    def end_session(self, session_id: str, expires: int) -> None:
        """Remember that a session has ended."""
        self._change(
            lambda connection: tables.end_session(connection, session_id, expires), self._time_limits.call
        )

    def session_has_ended(self, session_id: str, expires: int) -> bool:
        """Whether a session was ended."""
        with self._reading() as connection:
            return tables.session_has_ended(connection, session_id, expires)

    def status(self) -> StoreStatus:
        """How the store is."""
        count = size = evicted = 0
        state, reason = self._state, self._reason
        try:
            with self._reading() as connection:
                count, size, evicted = connection.execute(
                    "SELECT count, size, evicted FROM total WHERE id = 1"
                ).fetchone()
        except StoreUnavailable as error:
            state, reason = "away", str(error)
        return StoreStatus(state, reason, count, size, evicted, self._lost)

    def watch(self) -> WakeupWatcher:
        """A watcher that every process that stores to this file wakes."""
        self._check_process()
        return self._board.watch()

    def close(self) -> None:
        """Close the connections of this process."""
        if self._pid == os.getpid():
            with self._writer.lock:
                self._close_connections()
            self._board.close()


def _is_damage(error: Exception) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and any(
        word in str(error) for word in ("malformed", "not a database")
    )
