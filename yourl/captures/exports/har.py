"""HTTP Archive 1.2, which browsers and proxies read (w3c.github.io/web-performance/specs/HAR)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from yourl.captures.exports.common import as_text, text_body
from yourl.captures.model import Capture

MAX_PAIRS = 1000
"""Query parameters and cookies that are listed one by one."""


def har(captures: Iterable[Capture], version: str) -> dict[str, Any]:
    """One archive of captures.

    :param version: of this program
    """
    return {
        "log": {
            "version": "1.2",
            "creator": {"name": "yourl", "version": version},
            "entries": [_entry(capture) for capture in captures],
        }
    }


def _entry(capture: Capture) -> dict[str, Any]:
    summary = capture.summary
    return {
        "startedDateTime": summary.time.isoformat(timespec="milliseconds"),
        "time": 0,
        "request": _request(capture),
        "response": _response(summary.status),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "serverIPAddress": "",
        "comment": f"Request {capture.id} to inbox {summary.inbox}, client {summary.client or 'unknown'}.",
    }


def _request(capture: Capture) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": capture.summary.method,
        "url": capture.summary.url,
        "httpVersion": f"HTTP/{capture.http_version}",
        "cookies": [],  # masked, or among the header fields
        "headers": [{"name": name, "value": as_text(value)} for name, value in capture.fields],
        "queryString": _query(capture.target),
        "headersSize": -1,
        "bodySize": len(capture.body),
    }
    if capture.body:
        request["postData"] = _content(capture)
    return request


def _query(target: str) -> list[dict[str, str]]:
    query = target.partition("?")[2]
    if not query or query.count("&") >= MAX_PAIRS:
        return []
    pairs = (part.partition("=") for part in query.split("&") if part)
    return [{"name": unquote_plus(name), "value": unquote_plus(value)} for name, _, value in pairs]


def _content(capture: Capture) -> dict[str, Any]:
    content = {"mimeType": as_text(capture.value("content-type"))}
    text = text_body(capture)
    if text is not None:
        return {**content, "text": text}
    # HAR has an encoding for answers only; names of one's own begin with an underscore.
    return {**content, "text": base64.b64encode(capture.body).decode(), "_encoding": "base64"}


def _response(status: int) -> dict[str, Any]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return {
        "status": status,
        "statusText": phrase,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": ""},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
