"""Finding captures in Redis: the index is read in batches, and the filters are checked here.

There is no index but order and inbox, so a rare filter is a scan; it ends after a time, as every search does.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from yourl.captures.codec import fields_of, unpack_summary
from yourl.captures.ids import MAX_SEQUENCE, make_id, sequence_at, sequence_of, tail_of
from yourl.captures.model import Page, Query, Summary
from yourl.captures.redis.nodes import Nodes
from yourl.captures.redis.scripts import INDEX, PAGE, content_key
from yourl.captures.search import Term, searchable_text, terms_of, text_matches

LARGEST_BATCH = 512
TEXT_BATCH = 32
"""Captures whose bodies are fetched at a time."""
_DIGITS = 8  # of each length in front of a content


def pack_content(head: str, document: str, body: bytes) -> bytes:
    """Head, document and body as one value."""
    return b"%08x%08x%s%s%s" % (len(head), len(document), head.encode(), document.encode(), body)


def unpack_content(content: bytes) -> tuple[bytes, bytes, bytes]:
    """Head, document and body of one value."""
    head_end = 2 * _DIGITS + int(content[:_DIGITS], 16)
    end = head_end + int(content[_DIGITS : 2 * _DIGITS], 16)
    return content[2 * _DIGITS : head_end], content[head_end:end], content[end:]


@dataclass(slots=True)
class _Search:
    query: Query
    terms: tuple[Term, ...]
    low: int
    high: int
    deadline: float
    found: list[Summary] = field(default_factory=list)
    last: int = 0
    is_complete: bool = True


def find(nodes: Nodes, query: Query, seconds: float) -> Page:
    """One page of what a query asks for.

    :raises StoreUnavailable: where Redis is away
    """
    search = _Search(query, terms_of(query.text), *_range(query), time.monotonic() + seconds)
    _run(nodes, search)
    is_last = search.is_complete and len(search.found) < query.limit
    return Page(tuple(search.found), _next(search, is_last), search.is_complete)


def _range(query: Query) -> tuple[int, int]:
    low = sequence_of(query.after) + 1 if query.after else 1
    high = sequence_of(query.before) - 1 if query.before else MAX_SEQUENCE
    if query.since is not None:
        low = max(low, sequence_at(query.since))
    if query.until is not None:
        high = min(high, sequence_at(query.until))
    return low, high


def _run(nodes: Nodes, search: _Search) -> None:
    query, low, high = search.query, search.low, search.high
    direction = "newest" if query.newest_first else "oldest"
    size = TEXT_BATCH if search.terms else min(query.limit, LARGEST_BATCH)
    while low <= high:
        rows = nodes.script(f"{INDEX}feed", PAGE, query.inbox, low, high, size, direction)
        summaries = [unpack_summary(packed, make_id(int(seq), int(tail, 16))) for seq, tail, packed in rows]
        wanted = [summary for summary in summaries if _matches(summary, query)]
        texts = _texts(nodes, wanted) if search.terms else {}
        for summary in summaries:
            search.last = sequence_of(summary.id)
            if _matches(summary, query) and _text_matches(texts.get(summary.id), search.terms):
                search.found.append(summary)
                if len(search.found) >= query.limit:
                    return
        if len(rows) < size:
            return
        if time.monotonic() > search.deadline:
            search.is_complete = False
            return
        low, high = (low, search.last - 1) if query.newest_first else (search.last + 1, high)
        size = min(size * 2, LARGEST_BATCH)


def _matches(summary: Summary, query: Query) -> bool:
    return (
        (not query.method or summary.method == query.method)
        and (query.status is None or query.status[0] <= summary.status <= query.status[1])
        and (not query.device_type or summary.device_type == query.device_type)
        and (not query.client or summary.client == query.client)
        and (not query.finding or query.finding in summary.findings)
    )


def _texts(nodes: Nodes, summaries: list[Summary]) -> dict[str, str]:
    """Id -> searchable text, fetched inbox by inbox, as each inbox has its own slot."""
    by_inbox: dict[str, list[Summary]] = {}
    for summary in summaries:
        by_inbox.setdefault(summary.inbox, []).append(summary)
    texts: dict[str, str] = {}
    for inbox, group in by_inbox.items():
        keys = [content_key(inbox, tail_of(summary.id)) for summary in group]
        for summary, content in zip(group, nodes.command(keys[0], "MGET", *keys), strict=True):
            if content is not None:
                head, _, body = unpack_content(content)
                texts[summary.id] = searchable_text(summary.url, fields_of(head), body)
    return texts


def _text_matches(text: str | None, terms: tuple[Term, ...]) -> bool:
    return not terms or (text is not None and text_matches(text, terms))


def _next(search: _Search, is_last: bool) -> str | None:
    query, last = search.query, search.last
    if query.newest_first:
        return None if is_last else make_id(last, 0) if last else query.before or None
    newest = search.found[-1].id if search.found else ""
    if newest and sequence_of(newest) == last:
        return newest
    return make_id(last, 0) if last else query.after
