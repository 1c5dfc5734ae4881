"""SQLite's lock, which all processes share, and what is done while it is held.

The lock is tried again after a fraction of a millisecond, as SQLite's own waiting begins with a whole one and
soon sleeps for a hundred.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


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
