"""An error as it is answered: JSON for programs, a small page for browsers, always with the same headers.

The one place for views and for the server's loop. Knows nothing of Flask and Gunicorn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from yourl.errors import Headers
from yourl.representation import error_document, prefers_html, to_json

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""The Content-Security-Policy of answers that are no pages."""

SANDBOX_POLICY = f"sandbox; {NO_CONTENT_POLICY}"
"""That of content which a sender or the rules of an inbox chose: it never runs in a browser."""

COMMON_HEADERS = (
    ("Cache-Control", "no-store"),  # an answer is about one request; the next one differs
    ("X-Content-Type-Options", "nosniff"),  # reflected text must not be taken for markup
    ("Referrer-Policy", "no-referrer"),  # a URL under inspection may hold secrets
    ("X-Frame-Options", "DENY"),  # for browsers that do not know frame-ancestors
    ("Cross-Origin-Opener-Policy", "same-origin"),  # a page that opened ours keeps no handle on it
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),  # nothing here asks for them
)
"""What every answer carries besides its content and the Content-Security-Policy.

Not among them: Strict-Transport-Security. This server ends no TLS; the proxy that does should send it.
"""


def reason_phrase(status: int) -> str:
    """The reason phrase of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


WITHOUT_CONTENT = frozenset((204, 304))
"""Statuses whose answers have neither content nor length (RFC 9110 section 8.6)."""

WITHOUT_BODY = WITHOUT_CONTENT | {205}
"""Statuses whose answers have no content; that of 205 has a length, zero (RFC 9110 section 15.3.6)."""

STATUS_LINES = {status: f"{status} {reason_phrase(status)}" for status in range(200, 600)}


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer but for the headers that every answer has."""

    status: int
    content: bytes
    content_type: str = JSON
    content_security_policy: str = NO_CONTENT_POLICY
    headers: Headers = ()
    """Further header fields."""

    def __call__(self, environ: Mapping[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        """Send the answer (PEP 3333), with no more header fields than its own."""
        own = [("Content-Type", self.content_type), *self.headers]
        return self.send(environ, start_response, own)

    def send(
        self,
        environ: Mapping[str, Any],
        start_response: Callable[..., object],
        headers: list[tuple[str, str]],
    ) -> Iterable[bytes]:
        """Send the answer (PEP 3333) with these header fields and its length; to HEAD without content."""
        if self.status not in WITHOUT_CONTENT:
            headers = [*headers, ("Content-Length", str(len(self.content)))]
        start_response(STATUS_LINES[self.status], headers)
        return () if environ["REQUEST_METHOD"] == "HEAD" else (self.content,)


def error_answer(
    status: int,
    code: str,
    message: str,
    url: str | None,
    *,
    accept: str = "",
    prefix: str = "",
    more: Mapping[str, Any] | None = None,
    now: datetime | None = None,
    paths: Sequence[str] = (),
) -> Answer:
    """The answer to a request that is refused or failed.

    :param url: the URL that was asked for, None where not even that could be read
    :param accept: the request's Accept field, which decides between JSON and a page
    :param prefix: the path prefix under which the client finds ``/``
    :param more: further keys of the JSON
    :param now: the time of the answer; the present if not given
    :param paths: paths that this server answers; a page links to them
    """
    document = {**error_document(code, message, url, now), **(more or {})}
    if not prefers_html(accept):
        return Answer(status, to_json(document), JSON, NO_CONTENT_POLICY)
    from yourl.pages import error_page  # programs, and the probes that a start waits for, get no pages

    page = error_page({**document, "prefix": prefix}, status, reason_phrase(status), paths)
    return Answer(status, page.content, HTML, page.content_security_policy)
