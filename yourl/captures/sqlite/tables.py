"""The small tables: inboxes with their rules and turns, counted events, and ended sessions.

Functions that write run within the caller's transaction.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping

from yourl.captures.bounds import MOST_ENDED_SESSIONS
from yourl.captures.errors import TooManyInboxRules
from yourl.captures.ids import make_id
from yourl.captures.model import InboxSummary
from yourl.captures.rules import InboxRules, unpack_rules

_NO_TAIL = 2**63 - 1


def inboxes(connection: sqlite3.Connection) -> tuple[InboxSummary, ...]:
    """Every inbox that holds a capture, by name."""
    found: dict[str, tuple[int, int, int, dict[str, int]]] = {}
    evicted = dict(connection.execute("SELECT name, evicted FROM inbox"))
    for name, device, count, size, last in connection.execute(
        "SELECT inbox, device, count, size, last FROM kind WHERE count > 0"
    ):
        total, total_size, newest, devices = found.get(name, (0, 0, 0, {}))
        devices[device] = devices.get(device, 0) + count
        found[name] = (total + count, total_size + size, max(newest, last), devices)
    return tuple(
        InboxSummary(name, count, size, make_id(last, _NO_TAIL), evicted.get(name, 0), devices)
        for name, (count, size, last, devices) in sorted(found.items())
    )


def last_ids(connection: sqlite3.Connection) -> Mapping[str, str]:
    """Inbox -> an id that sorts like that of its newest capture."""
    rows = connection.execute("SELECT inbox, max(last) FROM kind GROUP BY inbox").fetchall()
    return {name: make_id(last, _NO_TAIL) for name, last in rows}


def rules_of(connection: sqlite3.Connection, inbox: str) -> InboxRules:
    """The inbox's rules, or the default."""
    row = connection.execute("SELECT rules FROM inbox WHERE name = ?", (inbox,)).fetchone()
    return unpack_rules(row[0]) if row and row[0] else InboxRules()


def change_rules(connection: sqlite3.Connection, inbox: str, packed: str, most: int) -> None:
    """Replace the rules, and start the sequence of answers anew.

    :raises TooManyInboxRules: where ``most`` other inboxes have rules
    """
    ruled = {name for (name,) in connection.execute("SELECT name FROM inbox WHERE rules IS NOT NULL")}
    if inbox not in ruled and len(ruled) >= most:
        raise TooManyInboxRules(most)
    connection.execute("INSERT OR IGNORE INTO inbox (name) VALUES (?)", (inbox,))
    connection.execute("UPDATE inbox SET rules = ?, turn = 0 WHERE name = ?", (packed, inbox))


def remove_rules(connection: sqlite3.Connection, inbox: str) -> None:
    """Remove the rules; of an inbox that holds nothing, nothing is left."""
    connection.execute("UPDATE inbox SET rules = NULL, turn = 0 WHERE name = ?", (inbox,))
    connection.execute("DELETE FROM inbox WHERE name = ? AND name NOT IN (SELECT inbox FROM kind)", (inbox,))


def take_turn(connection: sqlite3.Connection, inbox: str) -> int:
    """How many turns were taken before."""
    connection.execute("INSERT OR IGNORE INTO inbox (name) VALUES (?)", (inbox,))
    connection.execute("UPDATE inbox SET turn = turn + 1 WHERE name = ?", (inbox,))
    return int(connection.execute("SELECT turn FROM inbox WHERE name = ?", (inbox,)).fetchone()[0]) - 1


def count_event(connection: sqlite3.Connection, key: str, seconds: float) -> int:
    """Count an event of the period that its first began; expired ones are deleted on the way."""
    now = time.time()
    connection.execute("DELETE FROM event WHERE until <= ?", (now,))
    connection.execute("INSERT OR IGNORE INTO event VALUES (?, 0, ?)", (key, now + seconds))
    connection.execute("UPDATE event SET count = count + 1 WHERE name = ?", (key,))
    return int(connection.execute("SELECT count FROM event WHERE name = ?", (key,)).fetchone()[0])


def events(connection: sqlite3.Connection, key: str) -> int:
    """How many events of the present period were counted."""
    row = connection.execute(
        "SELECT count FROM event WHERE name = ? AND until > ?", (key, time.time())
    ).fetchone()
    return int(row[0]) if row else 0


_EVERY_SESSION = ""
"""The id of the row whose time ends all sessions that expire no later."""


def end_session(connection: sqlite3.Connection, session_id: str, expires: int) -> None:
    """Remember an ended session; expired ones are deleted on the way."""
    connection.execute("DELETE FROM ended_session WHERE expires <= ?", (time.time(),))
    connection.execute("INSERT OR REPLACE INTO ended_session VALUES (?, ?)", (session_id, expires))
    count, last = connection.execute("SELECT count(*), max(expires) FROM ended_session").fetchone()
    if count > MOST_ENDED_SESSIONS:
        connection.execute("DELETE FROM ended_session")
        connection.execute("INSERT INTO ended_session VALUES (?, ?)", (_EVERY_SESSION, last))


def session_has_ended(connection: sqlite3.Connection, session_id: str, expires: int) -> bool:
    """Whether a session was ended."""
    ended = "SELECT 1 FROM ended_session WHERE id = ? OR (id = ? AND expires >= ?)"
    return connection.execute(ended, (session_id, _EVERY_SESSION, expires)).fetchone() is not None
