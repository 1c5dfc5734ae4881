"""``/openapi.json``: what this server answers, for programs that read such descriptions."""

from __future__ import annotations

from flask import Blueprint, Response, request

from yourl.inspection import verdict_of
from yourl.openapi import document
from yourl.views import json_response, services

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def description() -> Response:
    """The description, with the server where this client finds it."""
    verdict = verdict_of(request.environ, services().settings.trusted_proxies)
    return json_response(document(prefix=str(verdict.prefix.value or "")))
