"""An inspection as HAR 1.2, the format in which browsers and proxies' tools exchange requests.

Plain dicts in and out. Secrets are masked: a HAR file is made to be given to somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from yourl import __version__
from yourl.redaction import MASK, is_secret, redacted_target

Pairs = list[dict[str, str]]


def har_document(inspection: Mapping[str, Any]) -> dict[str, Any]:
    """The request of a represented inspection, as a log with one entry.

    The response is empty: a HAR that says what was answered would have to hold itself.
    """
    entry = {
        "startedDateTime": inspection["timestamp"],
        "time": 0,
        "request": _request(inspection),
        "response": _NO_RESPONSE,
        "cache": {},
        "timings": {"send": 0, "wait": 0, "receive": 0},
        "_clientAddress": inspection["remote_addr"],
    }
    return {
        "log": {"version": "1.2", "creator": {"name": "yourl", "version": __version__}, "entries": [entry]}
    }


_NO_RESPONSE: dict[str, Any] = {
    "status": 0,
    "statusText": "",
    "httpVersion": "",
    "cookies": [],
    "headers": [],
    "content": {"size": 0, "mimeType": "x-unknown"},
    "redirectURL": "",
    "headersSize": -1,
    "bodySize": -1,
}


def _request(inspection: Mapping[str, Any]) -> dict[str, Any]:
    fields = inspection["headers_as_received"] or inspection["headers"].items()
    query = ((name, value) for name, values in inspection["query"].items() for value in values)
    request = {
        "method": inspection["method"],
        "url": redacted_target(inspection["url"]),
        "httpVersion": f"HTTP/{inspection['http_version']}",
        "cookies": [],
        "headers": _masked(fields),
        "queryString": _masked(query),
        "headersSize": -1,
        "bodySize": inspection["body"]["size"],
    }
    if inspection["body"]["size"]:
        request["postData"] = _post_data(inspection["body"])
    return request


def _post_data(body: Mapping[str, Any]) -> dict[str, Any]:
    mime_type = body["content_type"] or "application/octet-stream"
    if body["text"] is None:
        return {"mimeType": mime_type, "text": body["base64"], "_encoding": "base64"}
    return {"mimeType": mime_type, "text": body["text"]}


def _masked(pairs: Iterable[Any]) -> Pairs:
    return [{"name": name, "value": MASK if value and is_secret(name) else value} for name, value in pairs]
