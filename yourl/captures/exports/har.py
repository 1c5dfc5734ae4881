"""A kept request as an HTTP archive. Its secrets were masked when it was kept."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

from yourl.captures.exports.common import as_text, text_body
from yourl.captures.model import Capture
from yourl.har import log_of, post_data, request_of

MAX_PAIRS = 1000
"""Query parameters that are listed one by one."""


def har(capture: Capture) -> dict[str, Any]:
    """An archive of one capture."""
    summary = capture.summary
    request = request_of(
        summary.method,
        summary.url,
        capture.http_version,
        fields=((name, as_text(value)) for name, value in capture.fields),
        query=_query(capture.target),
        body_size=len(capture.body),
    )
    if capture.body:
        request["postData"] = _content(capture)
    comment = f"Request {capture.id} to inbox {summary.inbox}, client {summary.client or 'unknown'}."
    started = summary.time.isoformat(timespec="milliseconds")
    return log_of(started, request, summary.status, comment=comment)


def _query(target: str) -> Iterator[tuple[str, str]]:
    query = target.partition("?")[2]
    if query.count("&") < MAX_PAIRS:
        for part in filter(None, query.split("&")):
            name, _, value = part.partition("=")
            yield unquote_plus(name), unquote_plus(value)


def _content(capture: Capture) -> dict[str, Any]:
    content_type = as_text(capture.value("content-type"))
    text = text_body(capture)
    if text is not None:
        return post_data(content_type, text)
    return post_data(content_type, base64.b64encode(capture.body).decode(), is_base64=True)
