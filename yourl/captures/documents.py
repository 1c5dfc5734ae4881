"""The inspection document of a capture: what of it is stored, and how the rest is put back.

A document repeats what a capture holds anyway (header fields, body, URL); that is left out when it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from yourl.captures.model import Capture, Summary
from yourl.content import decode_body
from yourl.http1.environ import joined_fields
from yourl.inspection import fidelity_of, parameters_of
from yourl.representation import as_dict, body_document, timestamp


def _query(capture: Capture) -> tuple[dict[str, list[str]], str | None]:
    return parameters_of(capture.target.partition("?")[2])


def _pairs(capture: Capture) -> list[list[str]] | None:
    return [list(pair) for pair in capture.fields] if capture.is_exact else None


_RESTORED: dict[str, Callable[[Capture], Any]] = {
    "url": lambda capture: capture.summary.url,
    "base_url": lambda capture: capture.summary.url.partition("?")[0],
    "full_path": lambda capture: capture.target,
    "method": lambda capture: capture.summary.method,
    "http_version": lambda capture: capture.http_version,
    "user_agent": lambda capture: capture.value("user-agent"),
    "device_type": lambda capture: capture.summary.device_type,
    "timestamp": lambda capture: timestamp(capture.summary.time),
    "headers": lambda capture: dict(joined_fields(capture.fields)),
    "headers_as_received": _pairs,
    "trailers": lambda capture: (
        None if capture.trailers is None else [list(pair) for pair in capture.trailers]
    ),
    "query": lambda capture: _query(capture)[0],
    "query_note": lambda capture: _query(capture)[1],
    "fidelity": lambda capture: list(fidelity_of(capture.is_exact, capture.trailers is not None)),
    "body": lambda capture: body_document(decode_body(capture.body, capture.value("content-type") or None)),
}


def summary_document(summary: Summary) -> dict[str, Any]:
    """What a listing shows of one capture."""
    return {
        "id": summary.id,
        "inbox": summary.inbox,
        "time": timestamp(summary.time),
        "method": summary.method,
        "url": summary.url,
        "client": summary.client,
        "device_type": summary.device_type,
        "status": summary.status,
        "size": summary.size,
        "content_type": summary.content_type,
        "findings": list(summary.findings),
        "signature": None if summary.signature is None else as_dict(summary.signature),
    }


def document_to_store(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what the capture holds; the keys stay, to keep their order."""
    return {name: None if name in _RESTORED else value for name, value in document.items()}


def document_of(capture: Capture) -> dict[str, Any]:
    """The whole inspection document, masked as the capture is, with the capture's ``id`` and ``inbox``."""
    document = {
        name: _RESTORED[name](capture) if name in _RESTORED else value
        for name, value in capture.document.items()
    }
    return {"id": capture.id, "inbox": capture.summary.inbox, **document}
