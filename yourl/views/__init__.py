"""The views: one blueprint for each audience. They may not know Gunicorn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Response, current_app, request

from yourl.answers import HTML, JSON
from yourl.context import ENVIRON_KEY, RequestContext
from yourl.pages import Page
from yourl.representation import to_json, wants_compact
from yourl.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """What the application factory hands to every view."""

    settings: Settings
    is_draining: Callable[[], bool]
    machine: str
    paths: tuple[str, ...]
    """The paths that are answered, for people who asked for another one."""


def services() -> Services:
    """The services of the application that serves this request."""
    return cast(Services, current_app.extensions["yourl"])


def context() -> RequestContext:
    """What is known and concluded of this request; the application has put it into the environ."""
    return cast(RequestContext, request.environ[ENVIRON_KEY])


def json_response(document: Any, status: int = 200) -> Response:
    """A JSON answer; the headers common to all answers are added on the way out."""
    compact = wants_compact(request.headers.get("Accept", ""), context().head.target.query or "")
    return Response(to_json(document, compact=compact), status, content_type=JSON)


def html_response(page: Page, status: int = 200) -> Response:
    """A page with the policy that it needs."""
    response = Response(page.html.encode("utf-8", "replace"), status, content_type=HTML)
    response.headers["Content-Security-Policy"] = page.content_security_policy
    return response
