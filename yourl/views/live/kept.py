"""``/live/requests/<id>``: one kept request, its exports, and its deletion."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from yourl.answers import JSON, SANDBOX_POLICY, Answer
from yourl.captures.documents import document_of, summary_document
from yourl.captures.exports import TEXT_EXPORTS, har, raw_http
from yourl.captures.ids import is_id
from yourl.captures.model import Capture, Query
from yourl.representation import prefers_html, to_json
from yourl.views import accept, context, html_response, json_response, services
from yourl.views.live.asking import NoSuchRequest, kept
from yourl.views.live.forms import form
from yourl.views.live.signing import NEXT_FIELD, see_other
from yourl.views.sessions import change_token

BYTES = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"


def request(capture_id: str) -> Answer:
    """The request in full: its page, or JSON for a program."""
    capture = kept(capture_id)
    return kept_page(capture) if prefers_html(accept()) else json_response(kept_document(capture))


def kept_page(capture: Capture, share: dict[str, Any] | None = None, token: str = "") -> Answer:
    """The page for one request.

    :param share: a link to it that was just made
    :param token: of the link that shows it; empty for those who see everything
    """
    from yourl.pages.live import kept_request_page

    is_shared = bool(token)
    page = kept_request_page(
        {
            "prefix": context().prefix,
            "summary": summary_document(capture.summary),
            "document": document_of(capture),
            "change_token": None if is_shared else change_token(),
            "masked": services().settings.mask,
            "is_shared": is_shared,
            "share": share,
            "newer": None if is_shared else _neighbour(capture, newest_first=False),
            "older": None if is_shared else _neighbour(capture, newest_first=True),
            "exports": list(FORMS),
            "token": token,
        }
    )
    return html_response(page)


def _neighbour(capture: Capture, *, newest_first: bool) -> str | None:
    """The id of the next older or newer request of the inbox."""
    before, after = (capture.id, "") if newest_first else ("", capture.id)
    inbox = capture.summary.inbox
    query = Query(inbox=inbox, before=before, after=after, newest_first=newest_first, limit=1)
    return next((summary.id for summary in services().store.find(query).requests), None)


def kept_document(capture: Capture) -> dict[str, Any]:
    """A kept request in full: its summary and its inspection."""
    return {**summary_document(capture.summary), **document_of(capture)}


def exported(capture_id: str, form: str) -> Answer:
    """The request in another form."""
    return export(kept(capture_id), form)


def export(capture: Capture, form: str) -> Answer:
    """A kept request in one of the forms; each is a download, but for those that are text to copy."""
    content_type, write = FORMS[form]
    name = "bin" if form == "body" else "http" if form == "raw" else form
    download = ("Content-Disposition", f'attachment; filename="{capture.id}.{name}"')
    return Answer(
        200, write(capture), content_type, SANDBOX_POLICY, () if content_type == TEXT else (download,)
    )


def _text(write: Callable[[Capture], str]) -> Callable[[Capture], bytes]:
    return lambda capture: write(capture).encode("utf-8", "surrogateescape")


FORMS: dict[str, tuple[str, Callable[[Capture], bytes]]] = {
    "har": (JSON, lambda capture: to_json(har(capture))),
    "json": (JSON, lambda capture: to_json(kept_document(capture))),
    "raw": (BYTES, raw_http),
    "body": (BYTES, lambda capture: capture.body),
    **{name: (TEXT, _text(write)) for name, write in TEXT_EXPORTS.items()},
}
"""What ends the address of a request in another form -> content type and content."""


def delete(capture_id: str) -> Answer:
    """Delete the request.

    :raises NoSuchRequest: where there is none
    """
    delete_kept(capture_id)
    return json_response({"deleted": 1})


def delete_by_form(capture_id: str) -> Answer:
    """Delete the request, and go back to the list; also where it was deleted before."""
    with contextlib.suppress(NoSuchRequest):
        delete_kept(capture_id)
    return see_other(form().get(NEXT_FIELD, ""))


def delete_kept(capture_id: str) -> None:
    """Delete a request.

    :raises NoSuchRequest: where there is none
    """
    if not is_id(capture_id) or not services().store.delete(capture_id):
        raise NoSuchRequest
