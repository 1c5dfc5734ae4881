"""The file: its tables, how an older one is migrated, and what becomes of a damaged one.

Every file is made by running all steps in order, so a new file and a migrated one are the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

from yourl.captures.errors import StoreUnavailable

# A "kind" is what the captures of one inbox with the same method, status and device class share. There are
# few of them, so one index (kind, seq) serves every combination of these filters, and their counters say how
# much an inbox holds. AUTOINCREMENT: an id that another process still remembers is never given again.
_TABLES = """
CREATE TABLE kind (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    inbox TEXT NOT NULL, method TEXT NOT NULL, status INTEGER NOT NULL, device TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0, last INTEGER NOT NULL DEFAULT 0,
    UNIQUE (inbox, method, status, device)
);
CREATE TABLE capture (
    seq INTEGER PRIMARY KEY,
    tail INTEGER NOT NULL, kind INTEGER NOT NULL, client TEXT NOT NULL, findings TEXT NOT NULL,
    cost INTEGER NOT NULL, summary TEXT NOT NULL, head TEXT NOT NULL, document TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX capture_kind ON capture (kind, seq);
CREATE TABLE total (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    last INTEGER NOT NULL DEFAULT 0, evicted INTEGER NOT NULL DEFAULT 0
);
INSERT INTO total (id) VALUES (1);
CREATE TABLE inbox (
    name TEXT PRIMARY KEY,
    rules TEXT, turn INTEGER NOT NULL DEFAULT 0, evicted INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE event (name TEXT PRIMARY KEY, count INTEGER NOT NULL, until REAL NOT NULL);
CREATE INDEX event_until ON event (until);
"""

# The text index is cut into parts by age: a part is dropped whole when its captures are gone, which costs
# nothing, where deleting from one index costs as much as adding to it. ``high`` is the last seq of the part.
_TEXT_INDEX = """
CREATE TABLE part (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    low INTEGER NOT NULL, high INTEGER NOT NULL, added INTEGER NOT NULL, gone INTEGER NOT NULL DEFAULT 0
);
ALTER TABLE total ADD COLUMN waiting INTEGER NOT NULL DEFAULT 0;
UPDATE total SET waiting = count;
"""

_ENDED_SESSIONS = """
CREATE TABLE ended_session (id TEXT PRIMARY KEY, expires INTEGER NOT NULL) WITHOUT ROWID;
"""

MIXED = ("", 0)
"""Method and status of a kind whose captures have any."""
STEPS = (_TABLES, _TEXT_INDEX, _ENDED_SESSIONS)
"""What brings a file from each version to the next; ``PRAGMA user_version`` counts them."""
PAGE_SIZE = 8192  # a capture takes two or three kilobytes; on pages of four, half would be left empty
CACHE_KIB = 1024
OPENING_TIMEOUT = 1.0
"""Seconds that opening the file may wait for another process."""


def has_text_index(connection: sqlite3.Connection) -> bool:
    """Whether this SQLite was compiled with FTS5."""
    try:
        connection.execute("CREATE VIRTUAL TABLE temp.probe USING fts5 (text)")
        connection.execute("DROP TABLE temp.probe")
    except sqlite3.OperationalError:
        return False
    return True


def connect(path: Path, *, is_durable: bool) -> sqlite3.Connection:
    """A connection to the file, whose transactions are begun by hand.

    :param is_durable: whether the file should outlive a power loss undamaged. What is committed is in the
        kernel's hands either way, and survives the end of every process.
    """
    # After a process was killed, the next one that opens the file recovers its log, and others must wait for
    # that.
    connection = sqlite3.connect(path, timeout=OPENING_TIMEOUT, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if is_durable else 'OFF'}")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA journal_size_limit = 8388608")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA busy_timeout = 0")  # from here on, the writer waits by itself
    except BaseException:
        connection.close()
        raise
    return connection


def prepare(path: Path, *, is_durable: bool, report: Callable[[str], None]) -> None:
    """Make, or migrate, the file. One process does it while others wait.

    A file that is damaged or no database is moved aside, and a new one made.

    :raises StoreUnavailable: where the file cannot be used, and why
    """
    try:
        with _only_one(path):
            if not _bring_up_to_date(path, is_durable):
                _move_aside(path, report)
                _bring_up_to_date(path, is_durable)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"{path} cannot be used: {error}.") from error


def replace_damaged(path: Path, inode: int, *, is_durable: bool, report: Callable[[str], None]) -> None:
    """Move a file that turned out damaged aside, unless another process has done so already.

    :param inode: of the file as this process opened it
    """
    try:
        with _only_one(path):
            if inode_of(path) == inode:
                _move_aside(path, report)
            _bring_up_to_date(path, is_durable)
    except (OSError, sqlite3.Error) as error:
        raise StoreUnavailable(f"{path} cannot be used: {error}.") from error


def inode_of(path: Path) -> int:
    """What tells the file from another of the same name; 0 where there is none."""
    try:
        return os.stat(path).st_ino  # noqa: PTH116 (asked with every write; half the time of Path.stat)
    except OSError:
        return 0


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    with path.with_name(path.name + ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bring_up_to_date(path: Path, is_durable: bool) -> bool:
    """Run the steps that the file has not seen; false where the file is damaged."""
    if not path.exists():
        path.touch(mode=0o600)
    try:
        with contextlib.closing(connect(path, is_durable=is_durable)) as connection:
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute("PRAGMA journal_mode = WAL")
            _run_steps(connection, path)
            return _is_sound(connection)
    except sqlite3.OperationalError:
        raise  # locked, full, read-only: nothing that moving the file would mend
    except sqlite3.DatabaseError:
        return False


def _run_steps(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > len(STEPS):
        raise StoreUnavailable(f"{path} was written by a newer version of this program.")
    for number, step in enumerate(STEPS[version:], version + 1):
        # executescript would commit first: one transaction per step, so that no step is left half done.
        connection.execute("BEGIN IMMEDIATE")
        for statement in filter(str.strip, step.split(";")):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")


def _is_sound(connection: sqlite3.Connection) -> bool:
    """Whether the tables answer. Checking every page would take minutes with a large file."""
    try:
        connection.execute("SELECT count, size, last, evicted, waiting FROM total WHERE id = 1").fetchone()[0]
        connection.execute("SELECT seq, kind, summary FROM capture ORDER BY seq DESC LIMIT 1").fetchone()
        connection.execute("SELECT id, inbox, count FROM kind LIMIT 1").fetchone()
        connection.execute("SELECT name, rules FROM inbox LIMIT 1").fetchone()
    except (sqlite3.Error, TypeError):
        return False
    return True


def _move_aside(path: Path, report: Callable[[str], None]) -> None:
    moment = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.damaged-{moment}")
    # The log and its index first: beside a new file, an old log would damage that one too.
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    path.rename(aside)
    report(f"{path} is damaged or no database; it was moved to {aside.name}, and a new one is used.")
