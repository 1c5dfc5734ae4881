"""The views: one blueprint for each audience. They may not know Gunicorn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from flask import Response, current_app

from yourl.representation import to_json
from yourl.settings import Settings


@dataclass(frozen=True, slots=True)
class Services:
    """What the application factory hands to every view."""

    settings: Settings
    is_draining: Callable[[], bool]
    machine: str


def services() -> Services:
    """The services of the application that serves this request."""
    return cast(Services, current_app.extensions["yourl"])


def json_response(document: Any, status: int = 200) -> Response:
    """A JSON answer; the headers common to all answers are added on the way out."""
    return Response(to_json(document), status, content_type="application/json; charset=utf-8")
