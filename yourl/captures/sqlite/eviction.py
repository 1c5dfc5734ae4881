"""Deleting captures: on request, and to make room. Every function runs within the caller's transaction."""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from yourl.captures.bounds import Bounds
from yourl.captures.sqlite import text_index

STEP = 512
"""Captures that are deleted in one transaction, at most."""

TOTALS = (
    "SELECT total.count, total.size, ifnull(sum(kind.count), 0), ifnull(sum(kind.size), 0)"
    " FROM total LEFT JOIN kind ON kind.inbox = ? WHERE total.id = 1"
)
INBOX_TOTALS = "SELECT inbox, sum(count), sum(size), max(last) FROM kind GROUP BY inbox"
KINDS_OF_INBOX = "SELECT id FROM kind WHERE inbox = ?"
OLDEST_OF_KIND = "SELECT seq, kind, cost FROM capture WHERE kind = ? ORDER BY seq LIMIT ?"
DELETE_UP_TO = "DELETE FROM capture WHERE kind = ? AND seq <= ?"

Excess = tuple[int, int]
"""Captures and bytes to delete."""
Row = tuple[int, int, int]
"""``seq``, ``kind`` and ``cost`` of a capture."""


def make_room(
    connection: sqlite3.Connection, bounds: Bounds, inbox: str, cost: int, *, has_text: bool, step: int = STEP
) -> int:
    """Delete the oldest captures where one more of ``cost`` bytes would be too much; how many."""
    evicted = 0
    of_inbox, _ = _excesses(connection, bounds, inbox, cost)
    if of_inbox:
        evicted += _evict(connection, bounds, inbox, of_inbox, has_text=has_text, step=step)
    _, of_all = _excesses(connection, bounds, inbox, cost)
    if of_all:
        largest = _largest(connection, by_size=of_all[1] > 0)
        evicted += _evict(connection, bounds, largest, of_all, has_text=has_text, step=step)
    return evicted


def _excesses(
    connection: sqlite3.Connection, bounds: Bounds, inbox: str, cost: int
) -> tuple[Excess | None, Excess | None]:
    """What is too much with one more capture of ``cost`` bytes: of the inbox, and of all."""
    count, size, own_count, own_size = connection.execute(TOTALS, (inbox,)).fetchone()
    return (
        _excess(own_count + 1, own_size + cost, bounds.inbox_count, bounds.inbox_size),
        _excess(count + 1, size + cost, bounds.count, bounds.size),
    )


def _excess(count: int, size: int, most: int, most_size: int) -> Excess | None:
    """What to delete, if anything: a hundredth more than must be, so that it is not done with every put."""
    if count <= most and size <= most_size:
        return None
    return max(count - most + most // 100, 0), max(size - most_size + most_size // 100, 0)


def make_room_for_inbox(
    connection: sqlite3.Connection, bounds: Bounds, inbox: str, *, has_text: bool
) -> None:
    """Before a new inbox begins: with too many of them, delete of the one that gives way, see ``Bounds``."""
    totals = connection.execute(INBOX_TOTALS).fetchall()
    if len(totals) >= bounds.inboxes and inbox not in {name for name, *_ in totals}:
        ruled = {name for (name,) in connection.execute("SELECT name FROM inbox WHERE rules IS NOT NULL")}
        least = min(totals, key=lambda row: (row[0] in ruled, row[1], row[3]))
        _evict(connection, bounds, least[0], (STEP, 0), has_text=has_text, step=STEP)
        # Of an inbox that nothing was set for, nothing is left.
        connection.execute("DELETE FROM inbox WHERE rules IS NULL AND name NOT IN (SELECT inbox FROM kind)")


def _largest(connection: sqlite3.Connection, *, by_size: bool) -> str:
    totals = connection.execute(INBOX_TOTALS).fetchall()
    return str(max(totals, key=lambda row: (row[2] if by_size else row[1], row[0]))[0])


def _evict(
    connection: sqlite3.Connection, bounds: Bounds, inbox: str, excess: Excess, *, has_text: bool, step: int
) -> int:
    chosen = _oldest(connection, inbox, excess, step)
    for kind in {kind for _, kind, _ in chosen}:
        # One statement: each call lets other threads of this process in, while all processes wait.
        connection.execute(DELETE_UP_TO, (kind, chosen[-1][0]))
    _discount(connection, chosen, bounds, has_text=has_text)
    connection.execute("UPDATE total SET evicted = evicted + ? WHERE id = 1", (len(chosen),))
    connection.execute("INSERT OR IGNORE INTO inbox (name) VALUES (?)", (inbox,))
    connection.execute("UPDATE inbox SET evicted = evicted + ? WHERE name = ?", (len(chosen), inbox))
    return len(chosen)


def _oldest(connection: sqlite3.Connection, inbox: str, excess: Excess, step: int) -> list[Row]:
    """The oldest captures of an inbox: so many, or more where they take too few bytes; at most ``step``."""
    count, size = excess
    kinds = connection.execute(KINDS_OF_INBOX, (inbox,)).fetchall()
    cursors = [connection.execute(OLDEST_OF_KIND, (kind, step)) for (kind,) in kinds]
    chosen: list[Row] = []
    freed = 0
    for row in islice(heapq.merge(*cursors), step):
        if len(chosen) >= count and freed >= size:
            break
        chosen.append(row)
        freed += row[2]
    for cursor in cursors:
        cursor.close()  # SQLite drops no table while a statement is unfinished
    return chosen


def delete(connection: sqlite3.Connection, seqs: Sequence[int], bounds: Bounds, *, has_text: bool) -> int:
    """Delete captures by seq; how many there were."""
    gone = []
    for seq in sorted(seqs):
        row = connection.execute("SELECT seq, kind, cost FROM capture WHERE seq = ?", (seq,)).fetchone()
        if row is not None:
            connection.execute("DELETE FROM capture WHERE seq = ?", (seq,))
            gone.append(row)
    _discount(connection, gone, bounds, has_text=has_text)
    return len(gone)


def _discount(connection: sqlite3.Connection, gone: Sequence[Row], bounds: Bounds, *, has_text: bool) -> None:
    """Take captures that were deleted, in order, off the counts; a kind ends with its last capture."""
    counts: Counter[int] = Counter()
    sizes: Counter[int] = Counter()
    for _, kind, cost in gone:
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
        text_index.forget(connection, [seq for seq, *_ in gone], text_index.most_parts(bounds.count))
