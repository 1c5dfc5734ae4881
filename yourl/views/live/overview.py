"""``/live``: what was kept last, which inboxes there are, and how the store is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yourl.answers import Answer
from yourl.captures.errors import BadFilter, StoreUnavailable
from yourl.captures.model import MAX_LIMIT, Page, Query
from yourl.captures.queries import FILTERS
from yourl.captures.store import CaptureStore
from yourl.captures.timeline import over_time
from yourl.inspection import query_of
from yourl.representation import as_dict, prefers_html
from yourl.views import accept, context, html_response, json_response, services
from yourl.views.live.asking import filters, open_store, parameters
from yourl.views.live.gate import READER, refuse
from yourl.views.live.inboxes import inbox_document
from yourl.views.live.listing import bounded, listing_document
from yourl.views.live.signing import sign_in_by_link
from yourl.views.sessions import change_token


def live() -> Answer:
    """The page, or the same as JSON for a program; the link that signs in leads here too."""
    return sign_in_by_link() or refuse(READER) or _overview()


def _overview() -> Answer:
    if not prefers_html(accept()):
        return json_response(_document(open_store(), filters(parameters())))
    try:
        return _page(_document(open_store(), filters(parameters())))
    except StoreUnavailable as error:
        return _page(_empty(), fault=str(error))
    except BadFilter as error:
        return _page(_empty(), status=400, fault=str(error))


def _document(store: CaptureStore, query: Query) -> dict[str, Any]:
    """A page of the listing, and what is told beside it."""
    found = store.find(_wider(query))
    listing = listing_document(bounded(_first(found, query.limit)))
    return {
        **listing,
        "inboxes": [inbox_document(inbox) for inbox in store.inboxes()],
        "over_time": over_time([summary.time for summary in found.requests]),
        "devices": dict(Counter(summary.device_type for summary in found.requests)),
        "store": _store_document(),
        "masked": services().settings.mask,
    }


def _wider(query: Query) -> Query:
    """The query for list and charts at once. A search for words is not made longer for the charts."""
    return query if query.text else replace(query, limit=MAX_LIMIT)


def _first(found: Page, limit: int) -> Page:
    """The beginning of a page that was asked for with a higher limit."""
    if len(found.requests) <= limit:
        return found
    return replace(found, requests=found.requests[:limit], next=found.requests[limit - 1].id)


def _empty() -> dict[str, Any]:
    return {
        "requests": [], "next": None, "is_complete": True, "inboxes": [], "over_time": [], "devices": {},
        "store": _store_document(), "masked": services().settings.mask,
    }  # fmt: skip


def _store_document() -> dict[str, Any]:
    store = services().store
    return {"name": store.name, **as_dict(store.status())}


def _page(document: Mapping[str, Any], status: int = 200, fault: str = "") -> Answer:
    from yourl.pages.live import live_page

    given = {name: values[0] for name, values in query_of(context().head)[0].items()}
    more = {
        "prefix": context().prefix,
        "filters": {name: given.get(name, "") for name in FILTERS},
        "before": given.get("before", ""),
        "change_token": change_token(),
        "fault": fault,
    }
    return html_response(live_page({**document, **more}), status)
