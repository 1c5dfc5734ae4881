"""The full-text index: FTS5 tables that cover one range of captures each.

Captures are added some hundred at a time, so that a ``put`` does not pay for its own; those that wait are
searched one by one. Client and findings are in the index too, as words that no text is likely to
have: an index of their own would be written at a random place by each ``put``.

Knows the tables ``part``, ``total`` and ``capture``.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from yourl.captures.codec import fields_of, url_of_summary
from yourl.captures.search import MAX_TEXT, Term, index_text, searchable_text

_Row = tuple[int, str, str, str, str, bytes | None]

BATCH = 256
"""Captures that are added at a time."""
LEAST_PART, MOST_PART = 1_024, 8_192

_COLUMNS = "SELECT seq, client, findings, summary, head, substr(body, 1, ?) FROM capture"
ROWS_AFTER = f"{_COLUMNS} WHERE seq > ? ORDER BY seq LIMIT ?"
ROWS_BETWEEN = f"{_COLUMNS} WHERE seq BETWEEN ? AND ? ORDER BY seq"
PARTS = "SELECT id, low, high FROM part ORDER BY id"
_NO_LONGER_WAITING = "UPDATE total SET waiting = max(0, waiting - ?) WHERE id = 1"


def part_size(bound: int) -> int:
    """Captures in one part of the index of a store that keeps at most ``bound``."""
    return min(max(bound // 16, LEAST_PART), MOST_PART)


def most_parts(bound: int) -> int:
    """Parts that there may be before two become one."""
    return 4 * bound // part_size(bound) + 4


def add_waiting(connection: sqlite3.Connection, size_of_part: int) -> int:
    """Add the next batch of captures to the index; how many. Within the caller's transaction."""
    newest = connection.execute("SELECT id, high, added FROM part ORDER BY id DESC LIMIT 1").fetchone()
    after = newest[1] if newest else 0
    rows = connection.execute(ROWS_AFTER, (MAX_TEXT, after, BATCH)).fetchall()
    if rows:
        is_full = newest is None or newest[2] >= size_of_part
        _fill(connection, _new_part(connection, rows[0][0]) if is_full else newest[0], rows)
    connection.execute(_NO_LONGER_WAITING, (len(rows) or BATCH,))
    return len(rows)


def _new_part(connection: sqlite3.Connection, low: int) -> int:
    cursor = connection.execute("INSERT INTO part (low, high, added) VALUES (?, ?, 0)", (low, low))
    part = int(cursor.lastrowid or 0)
    _make_table(connection, part)
    return part


def _make_table(connection: sqlite3.Connection, part: int) -> None:
    # Only whether a word occurs is wanted: no positions, no lengths, no copy of the text.
    connection.execute(
        f"CREATE VIRTUAL TABLE text_{part} USING fts5"
        " (text, content='', detail=none, columnsize=0, tokenize='ascii')"
    )


def _fill(connection: sqlite3.Connection, part: int, rows: Sequence[_Row]) -> None:
    connection.executemany(
        f"INSERT INTO text_{part} (rowid, text) VALUES (?, ?)",  # noqa: S608 (a number)
        ((row[0], _indexed(row)) for row in rows),
    )
    connection.execute(
        "UPDATE part SET high = max(high, ?), added = added + ? WHERE id = ?", (rows[-1][0], len(rows), part)
    )


def _indexed(row: _Row) -> str:
    _, client, findings, summary, head, body = row
    marks = " ".join([client_word(client), *map(finding_word, findings.split())])
    return f"{index_text(text_of_row(summary, head, body))} {marks}"


def client_word(client: str) -> str:
    """The word that stands for a client in the index."""
    return f"xclient{client.encode('utf-8', 'replace').hex()}"


def finding_word(code: str) -> str:
    """The word that stands for a finding in the index."""
    return f"xfinding{code.encode('utf-8', 'replace').hex()}"


def text_of_row(summary: str, head: str, body: bytes | None) -> str:
    """The searchable text of a stored capture; SQLite's ``substr`` makes NULL of an empty body."""
    return searchable_text(url_of_summary(summary), fields_of(head), body or b"")


def forget(connection: sqlite3.Connection, gone: Sequence[int], most_parts: int) -> None:
    """Note that captures were deleted, and drop the parts of which nothing is left.

    A part is not rewritten while its captures go: with the oldest going first it is soon gone whole. Only
    where a few captures of each part stay, two parts become one.

    :param gone: seqs in ascending order. Within the caller's transaction.
    """
    parts = connection.execute(PARTS).fetchall()
    waiting = len(gone)
    for part, low, high in parts:
        number = bisect_right(gone, high) - bisect_left(gone, low)
        waiting -= number
        if number:
            connection.execute("UPDATE part SET gone = gone + ? WHERE id = ?", (number, part))
    if waiting > 0:
        connection.execute(_NO_LONGER_WAITING, (waiting,))
    newest = parts[-1][0] if parts else 0
    for (part,) in connection.execute(
        "SELECT id FROM part WHERE gone >= added AND id < ?", (newest,)
    ).fetchall():
        _drop(connection, part)
    if len(parts) > most_parts:
        _merge_two(connection)


def _drop(connection: sqlite3.Connection, part: int) -> None:
    connection.execute(f"DROP TABLE text_{part}")
    connection.execute("DELETE FROM part WHERE id = ?", (part,))


def _merge_two(connection: sqlite3.Connection) -> None:
    """Make one part of the two neighbours that have the least left; never of the newest."""
    parts = connection.execute("SELECT id, low, high, added - gone FROM part ORDER BY id").fetchall()[:-1]
    pairs = list(pairwise(parts))
    if not pairs:
        return
    one, two = min(pairs, key=lambda pair: pair[0][3] + pair[1][3])
    connection.execute(f"DROP TABLE text_{one[0]}")
    _drop(connection, two[0])
    _make_table(connection, one[0])
    connection.execute("UPDATE part SET high = ?, added = 0, gone = 0 WHERE id = ?", (two[2], one[0]))
    rows = connection.execute(ROWS_BETWEEN, (MAX_TEXT, one[1], two[2])).fetchall()
    if rows:
        _fill(connection, one[0], rows)


def candidates(
    connection: sqlite3.Connection, match: str, low: int, high: int, newest_first: bool
) -> Iterator[int]:
    """Seqs within the range that may match, in order: all that are not indexed yet, of the others few.

    :param match: what ``match_of`` gives
    """
    parts = connection.execute(PARTS).fetchall()
    indexed_to = max((part[2] for part in parts), default=0)
    order = "DESC" if newest_first else "ASC"
    waiting = connection.execute(
        f"SELECT seq FROM capture WHERE seq > ? AND seq < ? ORDER BY seq {order}",  # noqa: S608 (a constant)
        (max(low, indexed_to), high),
    )
    if newest_first:
        yield from (seq for (seq,) in waiting)
    for part, first, last in reversed(parts) if newest_first else parts:
        if last > low and first < high:
            found = connection.execute(
                f"SELECT rowid FROM text_{part} WHERE text_{part} MATCH ? AND rowid > ? AND rowid < ?"  # noqa: S608
                f" ORDER BY rowid {order}",
                (match, low, high),
            )
            yield from (seq for (seq,) in found)
    if not newest_first:
        yield from (seq for (seq,) in waiting)


def match_of(terms: Sequence[Term], client: str = "", finding: str = "") -> str:
    """An FTS5 expression for what is wanted; empty where the index does not narrow the search.

    Tokens are ASCII letters and digits or one other character, so quoting is safe.
    """
    words: dict[str, None] = {}
    if client:
        words[f'"{client_word(client)}"'] = None
    if finding:
        words[f'"{finding_word(finding)}"'] = None
    for term in terms:
        for number, token in enumerate(term.tokens, 1):
            is_prefix = number == len(term.tokens) and term.last_is_prefix
            words[f'"{token}"{"*" if is_prefix else ""}'] = None
    return " AND ".join(words)
