"""``/``, ``/api`` and below: what arrived, as JSON for programs and as a page for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from yourl.answers import Answer, reason_phrase
from yourl.content import read_body
from yourl.errors import Refusal
from yourl.expectations import check_all, expectations_in, with_checks
from yourl.inspection import inspect
from yourl.pages import inspection_page, refused_device_page
from yourl.representation import inspection_document, prefers_html
from yourl.views import accept, context, environ, html_response, json_response, services

blueprint = Blueprint("echo", __name__)


class AnyPath(BaseConverter):
    """Whatever follows; Werkzeug's ``path`` takes neither a slash in front (``/api//x``) nor a line end."""

    part_isolating = False
    regex = r"[\s\S]+"


@blueprint.record
def _route_every_method(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["any_path"] = AnyPath
    # ``route`` would need a list of methods; /api answers any, also unregistered ones.
    for rule in ("/api", "/api/", "/api/<any_path:anything>"):
        state.app.view_functions.setdefault("echo.anything", echo)
        state.app.url_map.add(
            Flask.url_rule_class(rule, endpoint="echo.anything", methods=None, strict_slashes=True)
        )


@blueprint.get("/")
def echo(anything: str = "") -> Answer:
    """The inspection of this very request."""
    document = document_of_this_request()
    expectations = expectations_in(document["query"], context().head.target.query or "")
    if expectations:
        return _checked(document, expectations)
    if not prefers_html(accept()):
        return json_response(document)
    if not context().decision.allowed:
        return _refused()
    return html_response(inspection_page(document))


def document_of_this_request() -> dict[str, Any]:
    """The represented inspection, with the keys of every answer about a request."""
    known, seen = services(), context()
    settings = known.settings
    content = seen.content = read_body(environ(), settings.body_limit)
    inspection = inspect(
        seen.head,
        content,
        seen.connection,
        verdict=seen.verdict,
        device=seen.device,
        trailers=seen.trailers,
    )
    return inspection_document(
        inspection,
        seen.decision,
        session_id=settings.session_id,
        organization=settings.organization,
        guard_enabled=settings.guard.enabled,
        machine=known.machine,
    )


def _checked(document: dict[str, Any], expectations: Sequence[str]) -> Answer:
    # A client that states expectations is a program: JSON, and a status that ``curl --fail`` understands.
    answer, refusal = with_checks(document, check_all(expectations, document))
    return json_response(answer, refusal.status if refusal else 200)


def _refused() -> Answer:
    refusal = Refusal("visual_inspection_refused", context().decision.why)
    error = {"error": refusal.code, "message": refusal.message}
    page = refused_device_page(error, refusal.status, reason_phrase(refusal.status))
    return html_response(page, refusal.status)
