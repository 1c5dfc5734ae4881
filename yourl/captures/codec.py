"""Captures as bytes for a store and back. ASCII JSON, so that also a lone surrogate survives.

A capture is stored in four parts: the summary, which is all that a listing needs; the head; the inspection
document; and the body.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from yourl.captures.model import Capture, SignatureResult, Summary
from yourl.http1.head import Fields

_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().raw_decode


def pack_summary(summary: Summary) -> str:
    """The summary without its id, which the store keeps in its own form."""
    signature = summary.signature
    return _encode(
        [
            summary.inbox,
            summary.time.isoformat(),
            summary.method,
            summary.url,
            summary.client,
            summary.device_type,
            summary.status,
            summary.size,
            summary.content_type,
            summary.findings,
            None if signature is None else [signature.valid, signature.scheme, signature.code, signature.why],
        ]
    )


def unpack_summary(packed: str | bytes, capture_id: str) -> Summary:
    """The summary that was packed."""
    # Not json.loads: what it does around this would take a quarter of the function's time.
    text = packed if isinstance(packed, str) else packed.decode()
    *plain, findings, signature = _decode(text)[0]
    inbox, time, method, url, client, device_type, status, size, content_type = plain
    return Summary(
        inbox=inbox,
        time=datetime.fromisoformat(time),
        method=method,
        url=url,
        client=client,
        device_type=device_type,
        status=status,
        size=size,
        content_type=content_type,
        findings=tuple(findings),
        signature=None if signature is None else SignatureResult(*signature),
        id=capture_id,
    )


def pack_head(capture: Capture) -> str:
    """Request line, header fields and trailers."""
    return _encode([capture.target, capture.http_version, capture.fields, capture.trailers, capture.is_exact])


def pack_document(capture: Capture) -> str:
    """The inspection document."""
    return _encode(capture.document)


def unpack(summary: Summary, head: str | bytes, document: str | bytes, body: bytes) -> Capture:
    """The capture that was packed."""
    target, http_version, fields, trailers, is_exact = json.loads(head)
    return Capture(
        summary=summary,
        target=target,
        http_version=http_version,
        fields=_pairs(fields),
        body=body,
        trailers=None if trailers is None else _pairs(trailers),
        is_exact=is_exact,
        document=json.loads(document),
    )


def fields_of(head: str | bytes) -> Fields:
    """The header fields alone."""
    return _pairs(json.loads(head)[2])


def url_of_summary(packed: str | bytes) -> str:
    """The URL alone."""
    return str(json.loads(packed)[3])


def with_id(capture: Capture, capture_id: str) -> Capture:
    """The capture under the id that a store assigned."""
    return replace(capture, summary=replace(capture.summary, id=capture_id))


def _pairs(lines: list[Any]) -> Fields:
    return tuple((name, value) for name, value in lines)
