"""``/``, ``/api`` and below: what arrived, as JSON for programs and as a page for people."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter

from yourl.content import read_body
from yourl.expectations import Check, check_all
from yourl.guard import Decision
from yourl.inspection import Inspection, inspect
from yourl.pages import inspection_page
from yourl.representation import inspection_document, plain, prefers_html
from yourl.views import json_response, services

blueprint = Blueprint("echo", __name__)


class AnyPath(BaseConverter):
    """Whatever follows; Werkzeug's ``path`` takes neither a slash in front (``/api//x``) nor a line end."""

    part_isolating = False
    regex = r"[\s\S]+"


@blueprint.record
def _route_every_method(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["any_path"] = AnyPath
    # ``route`` would need a list of methods; /api answers any, also ones that nobody has registered.
    for rule in ("/api", "/api/", "/api/<any_path:anything>"):
        state.app.view_functions.setdefault("echo.anything", echo)
        state.app.url_map.add(
            Flask.url_rule_class(rule, endpoint="echo.anything", methods=None, strict_slashes=True)
        )


@blueprint.get("/")
def echo(anything: str = "") -> Response:
    """The inspection of this very request."""
    known = services()
    settings = known.settings
    content = read_body(request.environ, settings.body_limit)
    inspection = inspect(
        request.environ,
        content,
        trusted=settings.trusted_proxies,
        allowed_hosts=settings.allowed_hosts,
    )
    decision = settings.guard.decide(inspection.device.type)
    _note_for_the_log(inspection)
    document = inspection_document(
        inspection,
        decision,
        session_id=settings.session_id,
        organization=settings.organization,
        guard_enabled=settings.guard.enabled,
        machine=known.machine,
    )
    expectations = request.args.getlist("expect")
    if expectations:
        return _checked(document, check_all(expectations, document))
    if not prefers_html(request.headers.get("Accept", "")):
        return json_response(document)
    return _page(document) if decision.allowed else _refusal(document, decision)


def _checked(document: dict[str, Any], checks: list[Check]) -> Response:
    # Whoever states expectations is a program: JSON, and a status that ``curl --fail`` understands.
    listed = {"expectations": [plain(check) for check in checks]}
    unmet = [check for check in checks if not check.met]
    if not unmet:
        return json_response({**listed, **document})
    error = {"error": "expectation_failed", "message": " ".join(check.why for check in unmet)}
    return json_response({**error, **listed, **document}, 417)


def _page(document: dict[str, Any]) -> Response:
    page = inspection_page(document)
    response = Response(page.html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = page.content_security_policy
    return response


def _refusal(document: dict[str, Any], decision: Decision) -> Response:
    # The page is refused, not the facts: they come as JSON, below the error's own keys.
    error = {"error": "visual_inspection_refused", "message": decision.why}
    return json_response({**error, **document}, 403)


def _note_for_the_log(inspection: Inspection) -> None:
    request.environ["yourl.client"] = inspection.verdict.client.value
    request.environ["yourl.device"] = inspection.device.type
