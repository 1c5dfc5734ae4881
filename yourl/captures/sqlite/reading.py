"""Finding captures: which index leads, which conditions are checked row by row, and when to stop.

The filter that leaves the fewest captures leads where that is known; the others are checked on each row. A
search ends after a time; its page then says so and where to go on.
"""

from __future__ import annotations

import heapq
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from yourl.captures.codec import unpack_summary
from yourl.captures.ids import MAX_SEQUENCE, make_id, sequence_at, sequence_of
from yourl.captures.model import Page, Query, Summary
from yourl.captures.search import MAX_TEXT, Term, may_match, terms_of, text_matches
from yourl.captures.sqlite import text_index
from yourl.captures.sqlite.schema import MIXED

FEW = 200
"""Captures of the wanted kinds up to which their own index leads, whatever else is asked."""

KINDS = "SELECT id, inbox, method, status, device, count FROM kind"
_COLUMNS = "seq, tail, kind, client, findings, summary"
_TEXT_COLUMNS = f"head, substr(body, 1, {MAX_TEXT})"

_Row = tuple[Any, ...]
"""``seq`` and what the conditions are checked on; the text only where words are looked for."""


def statement(where: str, *, with_text: bool, newest_first: bool) -> str:
    """Rows in order, read as they are found: to ask for each by its ``seq`` would take twice as long."""
    columns = f"{_COLUMNS}, {_TEXT_COLUMNS}" if with_text else _COLUMNS
    return f"SELECT {columns} FROM capture WHERE {where} ORDER BY seq {'DESC' if newest_first else 'ASC'}"  # noqa: S608 (constants)


ALL = "seq > ? AND seq < ?"
OF_KIND = "kind = ? AND seq > ? AND seq < ?"
ONE = "seq = ?"


@dataclass(frozen=True, slots=True)
class _Plan:
    low: int
    high: int
    kinds: Mapping[int, bool] | None
    """Kinds that are wanted, and whether each capture's method and status are to be checked; None for all."""
    kind_count: int
    terms: tuple[Term, ...]


@dataclass(slots=True)
class _Found:
    summaries: list[Summary]
    last: int = 0
    """The seq of the last capture that was looked at."""
    is_complete: bool = True


def find(connection: sqlite3.Connection, query: Query, *, has_text: bool, seconds: float) -> Page:
    """One page of what a query asks for, all of it from one moment."""
    deadline = time.monotonic() + seconds
    found = _Found([])
    connection.execute("BEGIN")
    connection.set_progress_handler(lambda: time.monotonic() > deadline, 20_000)
    try:
        _collect(connection, query, found, has_text, deadline)
    except sqlite3.OperationalError as error:
        if "interrupted" not in str(error):
            raise
        found.is_complete = False
    finally:
        connection.set_progress_handler(None, 0)
        connection.execute("COMMIT")
    is_last = found.is_complete and len(found.summaries) < query.limit
    return Page(tuple(found.summaries), _next(query, found, is_last), found.is_complete)


def _collect(
    connection: sqlite3.Connection, query: Query, found: _Found, has_text: bool, deadline: float
) -> None:
    plan = _plan(connection, query)
    for row in _candidates(connection, query, plan, has_text):
        if time.monotonic() > deadline:
            found.is_complete = False
            return
        found.last = row[0]
        summary = _checked(row, query, plan)
        if summary is not None:
            found.summaries.append(summary)
            if len(found.summaries) >= query.limit:
                return


def _next(query: Query, found: _Found, is_last: bool) -> str | None:
    if query.newest_first:
        # The lowest id with this sequence number: the next page begins right below it.
        return None if is_last else make_id(found.last, 0) if found.last else query.before or None
    newest = found.summaries[-1].id if found.summaries else ""
    if newest and sequence_of(newest) == found.last:
        return newest
    return make_id(found.last, 0) if found.last else query.after


def _plan(connection: sqlite3.Connection, query: Query) -> _Plan:
    low, high = 0, MAX_SEQUENCE
    if query.after:
        low = sequence_of(query.after)
    if query.before:
        high = sequence_of(query.before)
    if query.since is not None:
        low = max(low, sequence_at(query.since) - 1)
    if query.until is not None:
        high = min(high, sequence_at(query.until) + 1)
    kinds, count = _wanted_kinds(connection, query)
    return _Plan(low, high, kinds, count, terms_of(query.text))


def _wanted_kinds(connection: sqlite3.Connection, query: Query) -> tuple[dict[int, bool] | None, int]:
    if not (query.inbox or query.method or query.device_type or query.status):
        return None, 0
    wanted = {}
    total = 0
    for kind, inbox, method, status, device, count in connection.execute(KINDS):
        is_mixed = (method, status) == MIXED
        if (
            (not query.inbox or inbox == query.inbox)
            and (not query.device_type or device == query.device_type)
            and (is_mixed or _are_wanted(method, status, query))
        ):
            wanted[kind] = is_mixed
            total += count
    return wanted, total


def _are_wanted(method: str, status: int, query: Query) -> bool:
    least, most = query.status or (0, 999)
    return (not query.method or method == query.method) and least <= status <= most


def _candidates(connection: sqlite3.Connection, query: Query, plan: _Plan, has_text: bool) -> Iterator[_Row]:
    newest = query.newest_first

    def rows(where: str, *values: int) -> Iterator[_Row]:
        sql = statement(where, with_text=bool(plan.terms), newest_first=newest)
        return connection.execute(sql, values)

    match = text_index.match_of(plan.terms, query.client, query.finding) if has_text else ""
    if match and not (plan.kinds is not None and plan.kind_count <= FEW):
        seqs = text_index.candidates(connection, match, plan.low, plan.high, newest)
        return (row for seq in seqs for row in rows(ONE, seq))
    if plan.kinds is not None:
        # Each kind's captures are in order already: merge them as far as they are wanted.
        of_kinds = (rows(OF_KIND, kind, plan.low, plan.high) for kind in sorted(plan.kinds))
        return heapq.merge(*of_kinds, key=itemgetter(0), reverse=newest)
    return rows(ALL, plan.low, plan.high)


def _checked(row: _Row, query: Query, plan: _Plan) -> Summary | None:
    """The capture's summary if it meets every condition."""
    seq, tail, kind, client, findings, packed = row[:6]
    if plan.kinds is not None and kind not in plan.kinds:
        return None
    if query.client and client != query.client:
        return None
    if query.finding and query.finding not in findings.split():
        return None
    if plan.terms and not _text_matches(packed, row[6], row[7], plan.terms):
        return None
    summary = unpack_summary(packed, make_id(seq, tail))
    if plan.kinds is not None and plan.kinds[kind] and not _are_wanted(summary.method, summary.status, query):
        return None
    return summary


def _text_matches(summary: str, head: str, body: bytes | None, terms: tuple[Term, ...]) -> bool:
    return may_match(summary, head, body or b"", terms) and text_matches(
        text_index.text_of_row(summary, head, body), terms
    )
