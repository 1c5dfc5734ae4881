"""The page for one inspection.

A page is at most four times as large as the request that it shows, and 64 KiB: it is made as rich as that
allows. Where the rich one is larger, a plainer one is made. The files come last, into the room that is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yourl.pages.allowance import Allowance
from yourl.pages.assets import Page, encoded
from yourl.pages.body import shown_body
from yourl.pages.copies import copies_of, files_of
from yourl.pages.rendering import fragment, render
from yourl.pages.route import drawn_route, proxy_count

FIXED_SIZE = 62 * 1024
"""The rest of the 64 KiB is for the head of the answer."""
SIZE_PER_BYTE_SENT = 4


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a request is shown."""

    values: int
    """Bytes of HTML that values may take, besides half as many as were sent."""
    body: int
    """Bytes of HTML that the main form of the body may take; all of them together twice as many."""
    rows: int
    """Rows of each list."""
    copies: bool


RICH = Detail(values=16 * 1024, body=32 * 1024, rows=100, copies=True)
PLAIN = Detail(values=8 * 1024, body=8 * 1024, rows=50, copies=False)
FRUGAL = Detail(values=2 * 1024, body=1024, rows=20, copies=False)
MOST_VALUES = 64 * 1024

FILES_PLACE = "<!-- files -->"
"""Where the files are put once the size of the page is known; no escaped value can hold it."""
FILES_MARKUP = 700
"""Bytes of markup around the files."""


def inspection_page(doc: Mapping[str, Any]) -> Page:
    """The page for one inspection.

    :param doc: what ``representation.inspection_document`` gives
    """
    sent = bytes_sent(doc)
    largest = FIXED_SIZE + SIZE_PER_BYTE_SENT * sent - FILES_MARKUP
    for detail in (RICH, PLAIN, FRUGAL):
        page = _page(doc, detail, sent)
        if len(page.content) <= largest:
            break
    files = fragment("files.html", files=files_of(doc, largest - len(page.content), sent))
    # Bytes, and not before: the files are long, and the page may hold a character that doubles them as text.
    before, _, after = page.content.partition(encoded(FILES_PLACE))
    return Page(b"".join((before, encoded(files), after)), page.content_security_policy)


def bytes_sent(doc: Mapping[str, Any]) -> int:
    """About as many bytes as the request had."""
    fields = doc["headers_as_received"] or doc["headers"].items()
    line = len(doc["method"]) + len(doc["full_path"]) + 12
    return line + sum(len(name) + len(value) + 4 for name, value in fields) + int(doc["body"]["size"])


def _page(doc: Mapping[str, Any], detail: Detail, sent: int) -> Page:
    return render(
        "inspection.html",
        **page_values(doc, detail, sent),
        copies=copies_of(doc) if detail.copies else None,
        files_place=FILES_PLACE,
    )


def page_values(doc: Mapping[str, Any], detail: Detail, sent: int) -> dict[str, Any]:
    """What the template shows of one inspection, without the copies of it."""
    hops = doc["proxy"]["hops"]
    return {
        "doc": doc,
        "allowance": Allowance(min(detail.values + sent // 2, MOST_VALUES), detail.rows),
        "fields": doc["headers_as_received"] or list(doc["headers"].items()),
        "query": [(name, value) for name, values in doc["query"].items() for value in values],
        "route": drawn_route(hops),
        "proxy_count": proxy_count(hops),
        "body": shown_body(doc["body"], detail.body),
        "body_limit": detail.body,
        "body_allowance": Allowance(2 * detail.body, detail.rows),
    }
