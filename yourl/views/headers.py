"""The headers of every answer: the common ones, the request id, CORS, and what the answer depends on.

Nothing about CORS outside ``/api`` and inboxes: scripts of other origins have no need of pages and probes.
"""

from __future__ import annotations

import os
import re

from yourl.answers import COMMON_HEADERS, Answer
from yourl.devices import ACCEPT_CH, CRITICAL_CH, HINT_NAMES
from yourl.errors import Headers
from yourl.http1.head import Head
from yourl.representation import prefers_html
from yourl.views import context

REQUEST_ID = "X-Request-ID"
# CORS without credentials (Fetch standard): what a page's script may read anyway with its own server.
CROSS_ORIGIN_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", REQUEST_ID),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
CAPTURE_ID = "X-Capture-ID"
INBOX_HEADERS = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", f"{REQUEST_ID}, {CAPTURE_ID}"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
_VARY = ("Vary", ", ".join(["Accept", "User-Agent", *HINT_NAMES]))
_VALID_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:=+/@-]{0,127}", re.ASCII)

# A Chromium on Android that says no more than this (user agent reduction) hides its form factor.
_REDUCED = re.compile(r"\(Linux; Android 10; K\)")


def take_request_id() -> None:
    """Keep a valid X-Request-ID, so that one id names a request in every log on its way; else make one."""
    seen = context()
    sent = seen.head.value("x-request-id")
    seen.request_id = sent if sent and _VALID_ID.fullmatch(sent) else new_request_id()


def new_request_id() -> str:
    """A random id in the form of a UUID."""
    text = os.urandom(16).hex()  # a third of the time of uuid4
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def headers_of(answer: Answer, path: str, *, is_known: bool) -> list[tuple[str, str]]:
    """Every header field of an answer: its own, those of all answers, and what depends on who asks for what.

    Notes the route, for the counts.

    :param is_known: whether there is something at the path
    """
    seen = context()
    headers = [
        ("Content-Type", answer.content_type),
        *(_common_beside(answer.headers) if answer.headers else COMMON_HEADERS),
        ("Content-Security-Policy", answer.content_security_policy),
        (REQUEST_ID, seen.request_id),
        *answer.headers,
    ]
    seen.route = "/in" if seen.inbox else route_of(path) if is_known else "other"
    if is_api(path):
        headers += CROSS_ORIGIN_HEADERS
    elif seen.inbox or is_inbox(path):
        headers += INBOX_HEADERS
    if seen.inbox or is_inspected(path):
        headers += hint_headers(seen.head)
    else:
        headers.append(("Vary", "Accept"))
    return headers


def _common_beside(own: Headers) -> list[tuple[str, str]]:
    """The common header fields that an answer does not set itself."""
    names = {name.lower() for name, _ in own}
    return [(name, value) for name, value in COMMON_HEADERS if name.lower() not in names]


def route_of(path: str) -> str:
    """The route for the counts: one name for /api and all below it, and their like."""
    return "/api" if is_api(path) else "/in" if is_inbox(path) else "/live" if is_live(path) else path


def is_api(path: str) -> bool:
    """Whether scripts of other origins may ask."""
    return path == "/api" or path.startswith("/api/")


def is_inbox(path: str) -> bool:
    """Whether the path is one of an inbox, or would be with a name."""
    return path.startswith("/in/") or path == "/in"


def is_live(path: str) -> bool:
    """Whether the path is one of the live pages and their data."""
    return path == "/live" or path.startswith("/live/")


def is_inspected(path: str) -> bool:
    """Whether the answer depends on the device."""
    return path == "/" or is_api(path) or is_inbox(path) or is_live(path)


def is_preflight() -> bool:
    """Whether a browser asks if it may ask."""
    head = context().head
    return (
        head.method == "OPTIONS"
        and bool(head.value("origin"))
        and bool(head.value("access-control-request-method"))
    )


def preflight_response(methods: str = "GET, POST") -> Answer:
    """These methods from anywhere, with any header field."""
    return no_content(
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", "*"),
        ("Access-Control-Max-Age", "600"),
    )


def no_content(*headers: tuple[str, str]) -> Answer:
    """An answer that says all in its header."""
    return Answer(204, b"", headers=headers)


def hint_headers(head: Head) -> list[tuple[str, str]]:
    """Ask browsers for the client hints that the device class is read from (RFC 8942)."""
    if not prefers_html(head.value("accept")):
        return [_VARY]
    headers = [_VARY, ("Accept-CH", ", ".join(ACCEPT_CH))]
    if _REDUCED.search(head.value("user-agent")):
        # Here the hints change the answer, so the browser should ask again at once.
        headers.append(("Critical-CH", ", ".join(CRITICAL_CH)))
    return headers
