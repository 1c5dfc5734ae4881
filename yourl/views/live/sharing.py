"""``/live/shared/<token>``: one request, shown without the access code until its link expires."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import Any

from yourl.answers import Answer
from yourl.captures.access import SHARE_SECONDS
from yourl.captures.model import Capture
from yourl.proxies import url_of
from yourl.representation import prefers_html, timestamp
from yourl.views import accept, context, json_response
from yourl.views.live.asking import NoSuchRequest, kept
from yourl.views.live.kept import export, kept_document, kept_page
from yourl.views.sessions import keys

NOT_SHARED = "The link is wrong, or has expired, or its request is not kept any more."


def share(capture_id: str) -> Answer:
    """A link to the request: on its page, or as JSON for a program."""
    capture = kept(capture_id)
    link = link_to(capture)
    return kept_page(capture, share=link) if prefers_html(accept()) else json_response(link)


def link_to(capture: Capture) -> dict[str, Any]:
    """The address that shows a request to everyone who has it, and the time when it ends."""
    now = time.time()
    token = keys().share(capture.id, now=now)
    expires = datetime.fromtimestamp(int(now + SHARE_SECONDS), timezone.utc)
    return {"url": url_of(context().verdict, f"/live/shared/{token}"), "expires": timestamp(expires)}


def shared(token: str) -> Answer:
    """The request that a link shows, in full: its page, or JSON for a program."""
    capture = shared_request(token)
    if prefers_html(accept()):
        return kept_page(capture, token=token)
    return json_response(kept_document(capture))


def shared_export(token: str, form: str) -> Answer:
    """The request that a link shows, in another form."""
    return export(shared_request(token), form)


def shared_request(token: str) -> Capture:
    """The request that a link shows.

    :raises NoSuchRequest: where it shows none; the message does not tell why
    """
    capture_id = keys().shared(token)
    try:
        return kept(capture_id or "")
    except NoSuchRequest as error:
        raise NoSuchRequest(NOT_SHARED) from error
