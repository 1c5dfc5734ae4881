"""HTTP Archive 1.2, the format in which browsers and proxies exchange requests.

Plain dicts in and out. The format is that of w3c.github.io/web-performance/specs/HAR.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from yourl import __version__
from yourl.redaction import MASK, is_secret, redacted_target

Pairs = Iterable[tuple[str, str]]


def har_document(inspection: Mapping[str, Any]) -> dict[str, Any]:
    """The request of a represented inspection, without its secrets: the file is made to be given to others.

    The response is empty: a HAR that says what was answered would have to hold itself.
    """
    fields = inspection["headers_as_received"] or inspection["headers"].items()
    query = ((name, value) for name, values in inspection["query"].items() for value in values)
    request = request_of(
        inspection["method"],
        redacted_target(inspection["url"]),
        inspection["http_version"],
        fields=_masked(fields),
        query=_masked(query),
        body_size=inspection["body"]["size"],
    )
    if inspection["body"]["size"]:
        request["postData"] = _post_data(inspection["body"])
    return log_of(inspection["timestamp"], request, _clientAddress=inspection["remote_addr"])


def _post_data(body: Mapping[str, Any]) -> dict[str, Any]:
    content_type = body["content_type"] or "application/octet-stream"
    if body["text"] is None:
        return post_data(content_type, body["base64"], is_base64=True)
    return post_data(content_type, body["text"])


def _masked(pairs: Pairs) -> Pairs:
    return ((name, MASK if value and is_secret(name) else value) for name, value in pairs)


def log_of(started: str, request: Mapping[str, Any], status: int = 0, **more: Any) -> dict[str, Any]:
    """An archive with one entry.

    :param started: when the request arrived, in ISO 8601
    :param status: of the response; 0 for none
    :param more: further keys of the entry; names of one's own begin with an underscore
    """
    entry = {
        "startedDateTime": started,
        "time": 0,
        "request": request,
        "response": _response(status),
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        **more,
    }
    creator = {"name": "yourl", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "entries": [entry]}}


def request_of(
    method: str, url: str, http_version: str, *, fields: Pairs, query: Pairs, body_size: int
) -> dict[str, Any]:
    """A request without its body. Cookies stay among the header fields."""
    return {
        "method": method,
        "url": url,
        "httpVersion": f"HTTP/{http_version}",
        "cookies": [],
        "headers": _named(fields),
        "queryString": _named(query),
        "headersSize": -1,
        "bodySize": body_size,
    }


def post_data(content_type: str, text: str | None, *, is_base64: bool = False) -> dict[str, Any]:
    """The body of a request. The format has an encoding for the bodies of responses only."""
    return {"mimeType": content_type, "text": text, **({"_encoding": "base64"} if is_base64 else {})}


def _named(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _response(status: int) -> dict[str, Any]:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = ""
    return {
        "status": status,
        "statusText": phrase,
        "httpVersion": "HTTP/1.1" if status else "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
