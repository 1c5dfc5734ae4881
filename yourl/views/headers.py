"""The headers of every answer: the common ones, the request id, CORS, and what the answer depends on.

Nothing about CORS outside ``/api``: pages and probes are nobody's API.
"""

from __future__ import annotations

import re
import uuid

from flask import Flask, Response, request

from yourl.answers import COMMON_HEADERS, NO_CONTENT_POLICY
from yourl.devices import ACCEPT_CH, CRITICAL_CH, HINT_NAMES
from yourl.representation import prefers_html
from yourl.views import context

REQUEST_ID = "X-Request-ID"
_VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+/@-]{0,127}", re.ASCII)

# A Chromium on Android that says no more than this (user agent reduction) hides its form factor.
_REDUCED = re.compile(r"\(Linux; Android 10; K\)")


def init_app(app: Flask) -> None:
    """Give each request an id, and each answer its headers."""
    app.before_request(take_request_id)
    app.after_request(add_headers)


def take_request_id() -> None:
    """Keep a valid X-Request-ID, so that one id names a request in every log on its way; else make one."""
    sent = request.headers.get(REQUEST_ID, "")
    context().request_id = sent if _VALID_ID.fullmatch(sent) else str(uuid.uuid4())


def add_headers(response: Response) -> Response:
    """Add what is common to all answers, and what depends on who asks for what."""
    headers = response.headers
    for name, value in COMMON_HEADERS:
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", NO_CONTENT_POLICY)
    seen = context()
    headers[REQUEST_ID] = seen.request_id
    seen.route = route_of(request.path) if request.url_rule else "other"
    if is_api(request.path):
        allow_any_origin(response)
    if is_inspected(request.path):
        ask_for_hints(response)
    else:
        headers["Vary"] = "Accept"
    return response


def route_of(path: str) -> str:
    """The route for the counts: one name for /api and all below it, however many paths are asked for."""
    return "/api" if is_api(path) else path


def is_api(path: str) -> bool:
    """Whether scripts of other origins may ask."""
    return path == "/api" or path.startswith("/api/")


def is_inspected(path: str) -> bool:
    """Whether the answer depends on the device."""
    return path == "/" or is_api(path)


def allow_any_origin(response: Response) -> None:
    """CORS without credentials (Fetch standard): what a page's script may read anyway with its own server."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = REQUEST_ID
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def is_preflight() -> bool:
    """Whether a browser asks if it may ask."""
    return (
        request.method == "OPTIONS"
        and "Origin" in request.headers
        and "Access-Control-Request-Method" in request.headers
    )


def preflight_response() -> Response:
    """GET and POST from anywhere, with any header field."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers["Access-Control-Allow-Headers"] = "*"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


def ask_for_hints(response: Response) -> None:
    """Ask browsers for the client hints that the device class is read from (RFC 8942)."""
    response.headers["Vary"] = ", ".join(["Accept", "User-Agent", *HINT_NAMES])
    if not prefers_html(request.headers.get("Accept", "")):
        return
    response.headers["Accept-CH"] = ", ".join(ACCEPT_CH)
    if _REDUCED.search(request.headers.get("User-Agent", "")):
        # Here the hints change the answer, so the browser should ask again at once.
        response.headers["Critical-CH"] = ", ".join(CRITICAL_CH)
