"""``/live/requests``: what is kept, page by page; and the deletion of an inbox, or of all there is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from yourl.answers import Answer
from yourl.captures.documents import summary_document
from yourl.captures.errors import BadFilter
from yourl.captures.inboxes import NAME_RULE, is_inbox_name
from yourl.captures.model import Page, Summary
from yourl.inspection import query_of
from yourl.text import json_size
from yourl.views import context, json_response
from yourl.views.live.asking import filters, open_store, parameters
from yourl.views.live.forms import form
from yourl.views.live.signing import NEXT_FIELD, see_other

MAX_SIZE = 1024 * 1024
"""Bytes of URLs and content types on one page, which therefore may end before its limit."""


def requests() -> Answer:
    """One page of what the filters ask for."""
    return json_response(listing_document(bounded(open_store().find(filters(parameters())))))


def listing_document(page: Page) -> dict[str, Any]:
    """A page as JSON."""
    return {
        "requests": [summary_document(summary) for summary in page.requests],
        "next": page.next,
        "is_complete": page.is_complete,
    }


def bounded(page: Page) -> Page:
    """The page, cut where its bytes reach the bound; ``next`` continues there."""
    size = 0
    for number, summary in enumerate(page.requests, 1):
        size += _size_of(summary)
        if size > MAX_SIZE and number < len(page.requests):
            return replace(page, requests=page.requests[:number], next=summary.id)
    return page


def _size_of(summary: Summary) -> int:
    return json_size(summary.url) + json_size(summary.content_type)


def delete_requests() -> Answer:
    """Delete all requests of an inbox; all that are kept where no inbox is named."""
    return json_response({"deleted": open_store().clear(_inbox_to_clear())})


def delete_by_form() -> Answer:
    """Delete the requests of the inbox in the form, all where the field is empty, and go back to the list.

    :raises BadFilter: where there is no such field, or no such name can be
    """
    inbox = form().get("inbox")
    if inbox is None or (inbox and not is_inbox_name(inbox)):
        raise BadFilter([f"inbox must be {NAME_RULE}, or empty for all."])
    open_store().clear(inbox)
    return see_other(form().get(NEXT_FIELD, ""))


def _inbox_to_clear() -> str:
    """The inbox; empty where there is no query at all.

    :raises BadFilter: for any other query: an empty variable in a script must not delete everything
    """
    query = context().head.target.query
    if not query:
        return ""
    given = query_of(context().head)[0]
    names = given.get("inbox", [])
    if len(given) != 1 or len(names) != 1 or not is_inbox_name(names[0]):
        raise BadFilter([f"inbox, {NAME_RULE}, is the only parameter; without a query all are deleted."])
    return names[0]
