"""Deleting captures: on request, and to make room. Every function runs within the caller's transaction."""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from yourl.captures.bounds import Bounds
from yourl.captures.sqlite import text_index

STEP = 512
"""Captures that are deleted in one transaction, at most."""

INBOX_TOTALS = "SELECT inbox, sum(count), sum(size), max(last) FROM kind GROUP BY inbox"
INBOX_TOTAL = "SELECT sum(count), sum(size) FROM kind WHERE inbox = ?"
KINDS_OF_INBOX = "SELECT id FROM kind WHERE inbox = ?"
OLDEST_OF_KIND = "SELECT seq, cost FROM capture WHERE kind = ? ORDER BY seq LIMIT ?"


def make_room(
    connection: sqlite3.Connection,
    bounds: Bounds,
    inboxes: Iterable[str],
    *,
    has_text: bool,
    step: int = STEP,
) -> int:
    """Delete the oldest captures of the inboxes that are too large; how many.

    :param inboxes: those just written to
    """
    evicted = 0
    for inbox in inboxes:
        count, size = connection.execute(INBOX_TOTAL, (inbox,)).fetchone()
        if (count or 0) > bounds.inbox_count or (size or 0) > bounds.inbox_size:
            over = _excess(count, size, bounds.inbox_count, bounds.inbox_size)
            evicted += _evict(connection, bounds, inbox, *over, has_text=has_text, step=step)
    count, size = connection.execute("SELECT count, size FROM total WHERE id = 1").fetchone()
    if count > bounds.count or size > bounds.size:
        over = _excess(count, size, bounds.count, bounds.size)
        largest = _largest(connection, by_size=size > bounds.size)
        evicted += _evict(connection, bounds, largest, *over, has_text=has_text, step=step)
    return evicted


def make_room_for_inbox(
    connection: sqlite3.Connection, bounds: Bounds, inbox: str, *, has_text: bool
) -> None:
    """Before a new inbox begins: with too many of them, delete of the one that gives way, see ``Bounds``."""
    totals = connection.execute(INBOX_TOTALS).fetchall()
    if len(totals) >= bounds.inboxes and inbox not in {name for name, *_ in totals}:
        ruled = {name for (name,) in connection.execute("SELECT name FROM inbox WHERE rules IS NOT NULL")}
        least = min(totals, key=lambda row: (row[0] in ruled, row[1], row[3]))
        _evict(connection, bounds, least[0], STEP, 0, has_text=has_text, step=STEP)
        # Of an inbox that nothing was set for, nothing is left.
        connection.execute("DELETE FROM inbox WHERE rules IS NULL AND name NOT IN (SELECT inbox FROM kind)")


def _excess(count: int, size: int, most: int, most_size: int) -> tuple[int, int]:
    """How much to delete: a hundredth more than must be, so that it is not done with every request."""
    return max(count - most + most // 100, 0), max(size - most_size + most_size // 100, 0)


def _largest(connection: sqlite3.Connection, *, by_size: bool) -> str:
    totals = connection.execute(INBOX_TOTALS).fetchall()
    return str(max(totals, key=lambda row: (row[2] if by_size else row[1], row[0]))[0])


def _evict(
    connection: sqlite3.Connection,
    bounds: Bounds,
    inbox: str,
    count: int,
    size: int,
    *,
    has_text: bool,
    step: int,
) -> int:
    deleted = delete(connection, _oldest(connection, inbox, count, size, step), bounds, has_text=has_text)
    connection.execute("UPDATE total SET evicted = evicted + ? WHERE id = 1", (deleted,))
    connection.execute("INSERT OR IGNORE INTO inbox (name) VALUES (?)", (inbox,))
    connection.execute("UPDATE inbox SET evicted = evicted + ? WHERE name = ?", (deleted, inbox))
    return deleted


def _oldest(connection: sqlite3.Connection, inbox: str, count: int, size: int, step: int) -> list[int]:
    """The oldest captures of an inbox: so many, or more where they take too few bytes; at most ``step``."""
    kinds = connection.execute(KINDS_OF_INBOX, (inbox,)).fetchall()
    cursors = [connection.execute(OLDEST_OF_KIND, (kind, step)) for (kind,) in kinds]
    chosen: list[int] = []
    freed = 0
    for seq, cost in islice(heapq.merge(*cursors), step):
        if len(chosen) >= count and freed >= size:
            break
        chosen.append(seq)
        freed += cost
    for cursor in cursors:
        cursor.close()  # SQLite drops no table while a statement is unfinished
    return chosen


def delete(connection: sqlite3.Connection, seqs: Sequence[int], bounds: Bounds, *, has_text: bool) -> int:
    """Delete captures by seq; how many there were."""
    counts: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    gone = []
    for seq in sorted(seqs):
        row = connection.execute("SELECT kind, cost FROM capture WHERE seq = ?", (seq,)).fetchone()
        if row is None:
            continue
        kind, cost = row
        connection.execute("DELETE FROM capture WHERE seq = ?", (seq,))
        gone.append(seq)
        counts[kind] += 1
        sizes[kind] += cost
    for kind, count in counts.items():
        connection.execute(
            "UPDATE kind SET count = count - ?, size = size - ? WHERE id = ?", (count, sizes[kind], kind)
        )
        connection.execute("DELETE FROM kind WHERE id = ? AND count <= 0", (kind,))
    connection.execute(
        "UPDATE total SET count = count - ?, size = size - ? WHERE id = 1", (len(gone), sizes.total())
    )
    if gone and has_text:
        text_index.forget(connection, gone, text_index.most_parts(bounds.count))
    return len(gone)
