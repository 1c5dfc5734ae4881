"""A request in the HAR format (HTTP Archive 1.2), which browsers and proxies export."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from yourl.errors import BadRequest
from yourl.explain.written import WrittenRequest, origin_of, with_host, written_request


def parse_har(text: str) -> Any | None:
    """The document, where the text is one; else None."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if "log" in document or "request" in document else None


def read_har(document: Any) -> WrittenRequest:
    """The first request of a HAR document, or of one entry of it.

    :raises BadRequest: where it has none
    """
    try:
        entries = document["log"]["entries"] if "log" in document else [document]
        entry = entries[0]
        request = entry["request"]
        fields = tuple((str(pair["name"]), str(pair["value"])) for pair in request["headers"])
        parts = urlsplit(str(request["url"]))
        version = (1, 0) if str(request.get("httpVersion", "")).upper() == "HTTP/1.0" else (1, 1)
        body = str((request.get("postData") or {}).get("text", "")).encode("utf-8", "replace")
        method, server = str(request["method"]), str(entry.get("serverIPAddress") or "").strip("[]")
    except (LookupError, TypeError, AttributeError, ValueError):
        raise BadRequest("The HAR document has no request that can be read.") from None
    authority = parts.netloc.rpartition("@")[2]
    others = len(entries) - 1
    return written_request(
        method,
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        version,
        with_host(fields, authority),
        body,
        format="HAR",
        origin=origin_of(parts.scheme, authority, server),
        notes=(f"The document has {others + 1} requests; this is the first.",) if others else (),
    )
