"""``/``, ``/api`` and below: what arrived, as JSON for programs and as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from yourl.answers import WITHOUT_BODY, Answer, reason_phrase
from yourl.captures import rules
from yourl.captures.errors import BadInboxRules
from yourl.content import read_body
from yourl.errors import Refusal
from yourl.expectations import check_all, expectations_in, with_checks
from yourl.http1.head import Head
from yourl.inspection import Inspection, inspect, query_of
from yourl.pages import inspection_page, refused_device_page
from yourl.representation import concluded_document, inspection_document, prefers_html
from yourl.views import accept, context, environ, html_response, json_response, services
from yourl.views.route import Route
from yourl.views.waiting import delay_answer


def echo(anything: str = "") -> Answer:
    """The inspection of this very request."""
    chosen = one_off(context().head)
    document = document_of_this_request()
    expectations = expectations_in(document["query"], context().head.target.query or "")
    if expectations:
        return _checked(document, expectations)
    if chosen is None:
        return inspection_answer(document)
    delay_answer(chosen.delay)
    return inspection_answer(document, chosen.status)


def inspection_answer(document: dict[str, Any], status: int = 200) -> Answer:
    """An inspection as JSON for programs; as a page for browsers, of devices that are allowed."""
    if status in WITHOUT_BODY:
        return Answer(status, b"")
    if not prefers_html(accept()):
        return json_response(document, status)
    if not context().decision.allowed:
        return refused_device()
    return html_response(inspection_page(document), status)


def one_off(head: Head) -> rules.Answer | None:
    """The answer that ``?status=503&delay=2`` asks for, for this one request; None where neither is there.

    Any other query is the sender's own, so a ``status`` or ``delay`` that cannot be meant is no mistake.
    """
    query = head.target.query
    if not query or ("status=" not in query and "delay=" not in query):
        return None
    given = query_of(head)[0]
    asked: dict[str, str] = {name: given[name][0] for name in ("status", "delay") if name in given}
    try:
        return rules.parse_one_off(asked)
    except BadInboxRules:
        return None


def document_of_this_request() -> dict[str, Any]:
    """The represented inspection, with the keys of every answer about a request."""
    return document_for(inspection_of(content_of_this_request()))


def content_of_this_request() -> bytes:
    """The whole body, within the limit; noted in the context for the log."""
    seen = context()
    seen.content = read_body(environ(), services().settings.body_limit)
    return seen.content


def inspection_of(content: bytes) -> Inspection:
    """The inspection of this very request, whose body has been read."""
    seen = context()
    return inspect(
        seen.head,
        content,
        seen.connection,
        verdict=seen.verdict,
        device=seen.device,
        trailers=seen.trailers,
    )


def document_for(inspection: Inspection) -> dict[str, Any]:
    """The inspection with the keys of every answer about a request."""
    return inspection_document(inspection, context().decision, **_server())


def concluded_of_this_request() -> dict[str, Any]:
    """What of the document cannot be read from the request itself."""
    seen = context()
    return concluded_document(seen.verdict, seen.device, seen.connection, seen.decision, **_server())


def _server() -> dict[str, Any]:
    known = services()
    settings = known.settings
    return {
        "session_id": settings.session_id,
        "organization": settings.organization,
        "guard_enabled": settings.guard.enabled,
        "machine": known.machine,
    }


def _checked(document: dict[str, Any], expectations: Sequence[str]) -> Answer:
    # A client that states expectations is a program: JSON, and a status that ``curl --fail`` understands.
    answer, refusal = with_checks(document, check_all(expectations, document))
    return json_response(answer, refusal.status if refusal else 200)


def refused_device() -> Answer:
    """The page for a device that the policy does not allow."""
    refusal = Refusal("visual_inspection_refused", context().decision.why)
    error = {"error": refusal.code, "message": refusal.message}
    page = refused_device_page(error, refusal.status, reason_phrase(refusal.status))
    return html_response(page, refusal.status)


ROUTES = (
    Route("/", echo),
    *(Route(path, echo, methods=None) for path in ("/api", "/api/", "/api/<any_path:anything>")),
)
