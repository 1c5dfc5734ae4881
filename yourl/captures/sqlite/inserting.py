"""How captures get into the file: one statement for several of them, and what else a new one may need.

Python's ``sqlite3`` gives up the interpreter's lock in every call, and has to get it back from other threads;
in the meantime all processes wait for SQLite's lock. So there is one call for up to ``MOST_AT_ONCE`` of them:
a trigger keeps the counts, and refuses what is too much.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache

from yourl.captures.bounds import Bounds
from yourl.captures.codec import pack_document, pack_head, pack_summary
from yourl.captures.ids import make_id, new_tail, sequence_now
from yourl.captures.model import Capture
from yourl.captures.sqlite.eviction import make_room, make_room_for_inbox
from yourl.captures.sqlite.schema import MIXED
from yourl.captures.sqlite.transactions import locked, transaction

OVERHEAD = 256
"""Bytes that a row and its index entries take beside what is in it."""
MOST_AT_ONCE = 16
"""Captures in one statement. There is a statement for each power of two up to here, and all stay prepared."""

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
_KIND = "SELECT id FROM kind WHERE inbox = ? AND method = ? AND status = ? AND device = ?"
_NEW_KIND = "INSERT OR IGNORE INTO kind (inbox, method, status, device) VALUES (?, ?, ?, ?)"
KIND_COUNT = "SELECT count(*) FROM kind WHERE inbox = ?"
_COLUMNS = ("tail", "kind", "client", "findings", "cost", "summary", "head", "document", "body")

Kind = tuple[str, str, int, str]
"""Inbox, method, status and device class."""
MOST_KINDS = 4096
"""Kinds whose ids are remembered."""
MOST_KINDS_OF_INBOX = 64
"""Kinds of an inbox before captures of further ones are counted together, by device class alone. A sender
chooses method and status; with 5,000 different ones, a put would take 25 ms in place of 0.06."""


@cache
def _insert(count: int) -> str:
    """The statement for so many captures.

    The first has the sequence number of now, or the next one after the last that was given; the others follow
    it. SQLite evaluates the inner SELECT once, as it depends on no row: before the trigger changes ``last``.
    """
    row = f"({', '.join('?' * len(_COLUMNS))})"
    rows = ", ".join(f"({number}, {row[1:]}" for number in range(count))
    columns = ", ".join(f"row.column{number}" for number in range(2, len(_COLUMNS) + 2))
    return (
        f"INSERT INTO capture (seq, {', '.join(_COLUMNS)})"  # noqa: S608 (constants)
        f" SELECT (SELECT max(?, last + 1) FROM total WHERE id = 1) + row.column1, {columns}"
        f" FROM (VALUES {rows}) AS row"
    )


@dataclass(slots=True)
class Row:
    """A capture as it goes into the file."""

    key: Kind
    cost: int
    """Bytes that are counted."""
    tail: int
    columns: tuple[str, str, int, str, str, str, bytes]
    """From ``client`` on."""
    seq: int | None = None
    """Assigned by the transaction that inserts it; None as long as it is not in the file."""

    @property
    def id(self) -> str | None:
        """The capture's id, once it is in the file."""
        return None if self.seq is None else make_id(self.seq, self.tail)


def row_of(capture: Capture) -> Row:
    """The row for a capture."""
    known = capture.summary
    summary, head, document = pack_summary(known), pack_head(capture), pack_document(capture)
    cost = len(capture.body) + len(summary) + len(head) + len(document) + OVERHEAD
    client = known.client.encode("utf-8", "replace").decode()
    return Row(
        (known.inbox, known.method, known.status, known.device_type),
        cost,
        new_tail(),
        (client, " ".join(known.findings), cost, summary, head, document, capture.body),
    )


class Inserter:
    """Inserts rows; used by one thread at a time.

    :param patience: seconds to wait for the transactions of other processes
    """

    def __init__(self, bounds: Bounds, *, has_text: bool, patience: float) -> None:
        self._bounds = bounds
        self._has_text = has_text
        self._patience = patience
        self._kinds: dict[Kind, int] = {}

    def begin(self, connection: sqlite3.Connection) -> None:
        """Prepare a new connection. The file may be another one: the ids of its kinds are not known."""
        connection.execute(_TRIGGER.format(no_kind=_NO_KIND, no_room=_NO_ROOM, **asdict(self._bounds)))
        self._kinds.clear()

    def insert(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Insert rows, which then have their ``seq``.

        :raises sqlite3.Error: where some were not inserted; those have no ``seq``
        """
        first = 0
        while first < len(rows):
            count = MOST_AT_ONCE
            while count > len(rows) - first:
                count //= 2
            some = rows[first : first + count]
            if not self._insert_at_once(connection, some):
                self._insert_one_by_one(connection, some)
            first += count

    def _insert_at_once(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> bool:
        """Insert rows in a transaction of SQLite's own; false where more has to be done for one of them."""
        values: list[object] = [sequence_now()]
        for row in rows:
            kind = self._kinds.get(row.key)
            if kind is None:
                return False
            values += (row.tail, kind, *row.columns)
        try:
            last = locked(lambda: connection.execute(_insert(len(rows)), values).lastrowid, self._patience)
        except sqlite3.IntegrityError:
            return False
        _number(rows, int(last or 0))
        return True

    def _insert_one_by_one(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
        """Insert rows in one transaction, with what else has to be done for them."""

        def insert_all() -> None:
            for row in rows:
                self._insert_with_room(connection, row)

        try:
            transaction(connection, insert_all, self._patience)
        except BaseException:
            self._kinds.clear()  # those that were made are gone, and others may get their ids
            for row in rows:
                row.seq = None
            raise

    def _insert_with_room(self, connection: sqlite3.Connection, row: Row) -> None:
        """Insert a row within the caller's transaction, and make room for it, in steps if need be."""
        while row.seq is None:
            kind = self._kinds.get(row.key) or self._kind(connection, row.key)
            try:
                values = (sequence_now(), row.tail, kind, *row.columns)
                _number([row], int(connection.execute(_insert(1), values).lastrowid or 0))
            except sqlite3.IntegrityError as error:
                if str(error) == _NO_KIND:  # it was deleted with its last capture
                    self._kinds.pop(row.key, None)
                elif not make_room(connection, self._bounds, row.key[0], row.cost, has_text=self._has_text):
                    raise

    def _kind(self, connection: sqlite3.Connection, key: Kind) -> int:
        """The id of the kind, which is made where it is new, and remembered."""
        found = connection.execute(_KIND, key).fetchone()
        if found is None:
            inbox, _, _, device = key
            make_room_for_inbox(connection, self._bounds, inbox, has_text=self._has_text)
            (kinds,) = connection.execute(KIND_COUNT, (inbox,)).fetchone()
            chosen = key if kinds < MOST_KINDS_OF_INBOX else (inbox, *MIXED, device)
            connection.execute(_NEW_KIND, chosen)
            found = connection.execute(_KIND, chosen).fetchone()
        if len(self._kinds) >= MOST_KINDS:
            self._kinds.clear()
        self._kinds[key] = int(found[0])
        return int(found[0])


def _number(rows: Sequence[Row], last: int) -> None:
    for seq, row in enumerate(rows, last - len(rows) + 1):
        row.seq = seq
