"""The live page: what was kept, newest first, with filters and two small charts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yourl.captures.model import MAX_LIMIT
from yourl.captures.queries import FILTERS
from yourl.captures.search import MAX_QUERY
from yourl.devices import DEVICE_TYPES
from yourl.pages.allowance import Allowance
from yourl.pages.assets import Page
from yourl.pages.errors import path_prefix
from yourl.pages.filters import DEVICE_NAMES
from yourl.pages.live.addresses import live_address, query_string
from yourl.pages.live.assets import LIST_SCRIPT, STYLE
from yourl.pages.live.charts import DEVICE_WIDTH, HEIGHT, WIDTH, device_bars, time_chart
from yourl.pages.rendering import render

MOST_ROWS = MAX_LIMIT
MOST_INBOXES = 100
"""Inboxes that are listed, and that can be chosen."""
VALUES = 64 * 1024
VALUES_OF_A_ROW = 1200
"""Bytes of HTML for the values of a row, on average."""

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_STATUSES = ("2xx", "3xx", "4xx", "5xx")

# What the script copies for each request that arrives; every part of a row is in it.
BLANK_ROW: dict[str, Any] = {
    **dict.fromkeys(("id", "inbox", "time", "method", "url", "client", "content_type"), "-"),
    "device_type": "unknown",
    "status": 0,
    "size": 0,
    "findings": ["-"],
    "signature": {"valid": False, "why": "-"},
}

Option = tuple[str, str]
"""Value and label of a choice in a form."""


def live_page(given: Mapping[str, Any]) -> Page:
    """The list, its filters and its charts.

    :param given: ``prefix``; ``requests``, summaries with the newest first; ``next``, the id at which older
        ones begin, or None; ``is_complete``; ``filters``, as text; ``inboxes``; ``over_time``; ``devices``;
        ``store``; ``masked``; ``change_token``, empty where nothing may be changed; ``fault``, a sentence or
        empty; and, on a page of older ones, ``before``
    """
    rows = given["requests"][:MOST_ROWS]
    inboxes, filters = given["inboxes"], {name: given["filters"].get(name, "") for name in FILTERS}
    live = live_address(given["prefix"])
    return render(
        "live_list.html",
        style=STYLE,
        script=LIST_SCRIPT,
        forms=True,
        connects=True,
        given=given,
        live=live,
        root=path_prefix(given["prefix"]),
        rows=rows,
        filters=filters,
        filter_names=" ".join(FILTERS),
        longest=MAX_QUERY,
        most_rows=MOST_ROWS,
        allowance=Allowance(VALUES + len(rows) * VALUES_OF_A_ROW, MOST_INBOXES),
        before=given.get("before", ""),
        newest_address=live + query_string(filters),
        older_address=live + query_string(filters, before=given["next"]) if given["next"] else "",
        is_filtered=any(filters.values()),
        choices=_choices(filters, [inbox["name"] for inbox in inboxes[:MOST_INBOXES]]),
        chart_size=(WIDTH, HEIGHT),
        device_width=DEVICE_WIDTH,
        chart=time_chart(given["over_time"]),
        device_bars=device_bars(given["devices"]),
        blank_row=BLANK_ROW,
    )


def _choices(filters: Mapping[str, Any], inboxes: Iterable[str]) -> dict[str, list[Option]]:
    """The values that can be chosen for a filter; the one that is set is among them."""
    known: dict[str, list[Option]] = {
        "inbox": [(name, name) for name in inboxes],
        "method": [(method, method) for method in _METHODS],
        "status": [(status, status) for status in _STATUSES],
        "device": [(kind, DEVICE_NAMES.get(kind, kind)) for kind in DEVICE_TYPES],
    }
    for name, options in known.items():
        chosen = filters.get(name, "")
        if chosen and chosen not in dict(options):
            options.append((chosen, chosen))
    return known
