"""Inspections, decisions and errors as plain dicts, dicts as JSON, and which of JSON and HTML is preferred.

What leaves here holds only dicts, lists, strings, numbers, booleans and None. Knows no store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime, timezone
from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from yourl.json_text import json_bytes

if TYPE_CHECKING:
    from yourl.content import Body
    from yourl.devices import Device
    from yourl.guard import Decision, GuardPolicy
    from yourl.inspection import Inspection
    from yourl.proxies import Connection, Decided, Finding, Hop, Verdict


def as_dict(value: Any) -> dict[str, Any]:
    """The fields of a dataclass of plain values as a dict; ``asdict`` would copy each, slowly."""
    names, values_of = _reader(value.__class__)
    return dict(zip(names, values_of(value), strict=True))


@cache
def _reader(kind: type[Any]) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


def timestamp(moment: datetime | None = None) -> str:
    """UTC, ISO 8601 with microseconds and offset."""
    return (moment or datetime.now(timezone.utc)).isoformat(timespec="microseconds")


def inspection_document(inspection: Inspection, decision: Decision, **server: Any) -> dict[str, Any]:
    """The inspection with the keys of the design's section 4, ready for JSON or a page.

    :param server: what ``concluded_document`` is told of the server
    """
    concluded = concluded_document(
        inspection.verdict, inspection.device, inspection.connection, decision, **server
    )
    received = {
        "url": inspection.url,
        "base_url": inspection.base_url,
        "full_path": inspection.head.target.origin_form,
        "method": inspection.head.method,
        "http_version": inspection.head.http_version,
        "user_agent": inspection.user_agent,
        "device_type": inspection.device.type,
        "timestamp": timestamp(inspection.timestamp),
        "headers": dict(inspection.headers),
        "headers_as_received": _pairs(inspection.headers_as_received),
        "trailers": _pairs(inspection.trailers),
        "query": inspection.query,
        "query_note": inspection.query_note,
        "body": body_document(inspection.body),
        "fidelity": list(inspection.fidelity),
    }
    return {**in_order(received), **concluded}


def concluded_document(
    verdict: Verdict,
    device: Device,
    connection: Connection,
    decision: Decision,
    *,
    session_id: str,
    organization: str,
    guard_enabled: bool,
    machine: str,
) -> dict[str, Any]:
    """Of an inspection what cannot be read from the request itself."""
    return {
        "remote_addr": verdict.client.value,
        "visual_inspection_allowed": decision.allowed,
        "hostname": verdict.host.value,
        "connection": connection_document(connection),
        "proxy": proxy_document(verdict),
        "findings": [finding_document(finding) for finding in verdict.findings],
        "device": device_document(device),
        "guard": decision_document(decision),
        "session_id": session_id,
        "organization": organization,
        "friends_family_guard": guard_enabled,
        "served_by": machine,
    }


_ORDER: dict[str, Any] = dict.fromkeys((
    "url", "base_url", "full_path", "method", "http_version", "remote_addr", "user_agent", "device_type",
    "visual_inspection_allowed", "hostname", "timestamp", "headers", "headers_as_received", "trailers",
    "query", "query_note", "body", "connection", "proxy", "findings", "device", "guard", "fidelity",
    "session_id", "organization", "friends_family_guard", "served_by",
))  # fmt: skip


def in_order(document: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of an inspection document in the order in which they are shown; null where one is missing."""
    return {**_ORDER, **document}


def _pairs(lines: tuple[tuple[str, str], ...] | None) -> list[list[str]] | None:
    return None if lines is None else [list(line) for line in lines]


def body_document(body: Body) -> dict[str, Any]:
    """The content, as text or base64, with what its type let us read out of it."""
    return {
        "size": body.size,
        "content_type": body.content_type,
        "text": body.text,
        "base64": body.base64,
        "json": body.json,
        "form": body.form,
        "files": [as_dict(file) for file in body.files],
        "truncated": body.truncated,
        "note": body.note,
    }


def connection_document(connection: Connection) -> dict[str, Any]:
    """Both ends of the socket, and what a load balancer said by the PROXY protocol, or null."""
    document = as_dict(connection)
    header = connection.proxy_header
    if header is not None:
        document["proxy_header"] = {
            "version": header.version,
            "source": list(header.source) if header.source else None,
            "destination": list(header.destination) if header.destination else None,
            "is_tls": header.is_tls,
        }
    return document


def proxy_document(verdict: Verdict) -> dict[str, Any]:
    """The chain and what was decided from it."""
    return {
        "trusted": verdict.trusted,
        "hops": [hop_document(hop) for hop in verdict.hops],
        "client": decided_document(verdict.client),
        "scheme": decided_document(verdict.scheme),
        "host": decided_document(verdict.host),
        "port": decided_document(verdict.port),
        "prefix": decided_document(verdict.prefix),
    }


def hop_document(hop: Hop) -> dict[str, Any]:
    """One hop of the chain."""
    return {**as_dict(hop), "also": list(hop.also)}


def decided_document(decided: Decided) -> dict[str, Any]:
    """One decided value with its source, what it rests on, and the reason."""
    return {**as_dict(decided), "trusted": decided.trusted}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding, and where to read more."""
    return {**as_dict(finding), "more": finding.more}


def device_document(device: Device) -> dict[str, Any]:
    """The device class with its evidence and the names that user-agents gives."""
    return {
        "type": device.type,
        "browser": device.browser,
        "os": device.os,
        "family": device.family,
        "hints": dict(device.hints),
        "evidence": list(device.evidence),
    }


def decision_document(decision: Decision) -> dict[str, Any]:
    """What the guard said."""
    return as_dict(decision)


def policy_document(policy: GuardPolicy) -> dict[str, Any]:
    """The guard's ruleset."""
    return {
        "enabled": policy.enabled,
        "allow": list(policy.allow),
        "block": list(policy.block),
        "default": "deny" if policy.enabled else "allow",
        "worth": "A policy about device classes, not an authentication: a User-Agent can be forged.",
    }


def error_document(code: str, message: str, url: str | None, now: datetime | None = None) -> dict[str, Any]:
    """The one shape that every error has."""
    return {"error": code, "message": message, "url": url, "timestamp": timestamp(now)}


def to_json(document: Any, *, compact: bool = False) -> bytes:
    """UTF-8 JSON with two blanks of indentation (or without any blank) and a newline at the end."""
    return json_bytes(document, compact=compact)


def wants_compact(accept: str, query: str) -> bool:
    """Whether JSON without blanks is asked for: by ``?compact``, or by JSON alone in Accept.

    People, and ``curl`` as they use it, send ``*/*`` or nothing, and get indented JSON.
    """
    if "compact" in query:
        return any(part.partition("=")[0] == "compact" for part in query.split("&"))
    return "json" in accept and accept.partition(";")[0].strip().lower() == "application/json"


def prefers_html(accept: str) -> bool:
    """Whether an ``Accept`` field rates text/html above JSON, as browsers' do (RFC 9110 section 12.5.1).

    A program that takes anything (``*/*``, or no field at all) gets JSON.
    """
    # One range that is no text type cannot rate HTML higher; that is most programs, and saves the parsing.
    return ("," in accept or "text/" in accept.lower()) and _prefers_html(accept[:LONGEST_ACCEPT])


LONGEST_ACCEPT = 1024
"""Characters of ``Accept`` that are looked at; browsers send about 150."""


@lru_cache(maxsize=128)
def _prefers_html(accept: str) -> bool:
    # Imported late: the probes that a start waits for get here with no such field.
    from werkzeug.datastructures import MIMEAccept
    from werkzeug.http import parse_accept_header

    parsed = parse_accept_header(accept, MIMEAccept)
    return parsed.quality("text/html") > parsed.quality("application/json")
