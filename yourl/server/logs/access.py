"""One line for each answered request, that no client can forge; text or JSON. Pure.

JSON follows what Cloud Logging reads from stdout (``severity``, ``message``, ``httpRequest`` and the
trace); the text form quotes whatever came from outside, in ASCII, so that a line stays a line. A line has at
most 4096 bytes: as many go into a pipe in one piece on Linux (pipe(7), PIPE_BUF).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any

from yourl.context import PROBE_PATHS, RequestContext
from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.metrics import Observation
from yourl.redaction import redacted_target

_TRACE_CONTEXT = re.compile(r"([0-9a-fA-F]{32})(/([0-9]{1,20}))?(;o=\d)?\Z")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}\Z")

_PLAIN_CLIENT = re.compile(r"[0-9A-Za-z:.%_-]{1,100}")
_ELLIPSIS = "\\u2026"
_LONGEST_ESCAPE = 12  # a character outside the Basic Multilingual Plane is a pair of \\uXXXX in JSON
_WHOLE_CHARACTERS = re.compile(r"(?:[^\\]|\\u[0-9a-f]{4}|\\[^u])*")


TARGET_READ = 4096
"""Characters of a target that are masked; a line shows fewer."""


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """What is known of one answered request; ``duration`` in seconds, ``size`` in bytes sent."""

    method: str
    target: str
    protocol: str
    status: int
    size: int
    duration: float
    client: str
    device: str
    user_agent: str
    route: str = "other"
    request_id: str = "-"
    refused: str = ""
    trace: str = ""

    @classmethod
    def of(cls, seen: RequestContext, status: int, size: int, duration: float) -> AccessRecord:
        """The record of an answered request."""
        head = seen.head
        return cls(
            method=head.method,
            target=redacted_target(head.target.raw[:TARGET_READ]),
            protocol=f"HTTP/{head.http_version}",
            status=status,
            size=size,
            duration=duration,
            client=seen.known_client or "-",
            device=seen.known_device_type or "-",
            user_agent=head.value("user-agent"),
            route=seen.route,
            request_id=seen.request_id or "-",
            trace=trace_id(head),
        )

    @classmethod
    def of_refusal(cls, refusal: Refusal, *, peer: str, method: str, target: str) -> AccessRecord:
        """The record of a request that the server refused before any application saw it."""
        return cls(
            method,
            redacted_target(target[:TARGET_READ]),
            "-",
            refusal.status,
            0,
            0.0,
            peer or "-",
            "-",
            "",
            refused=refusal.code,
        )

    def observation(self) -> Observation:
        """What /metrics counts of it."""
        device = "" if self.device == "-" else self.device
        return Observation(self.route, self.method, self.status, self.duration, device, self.refused)

    @property
    def is_quiet(self) -> bool:
        """Whether this is a probe that went well: those would drown everything else."""
        return self.target.partition("?")[0] in PROBE_PATHS and self.status < 400


def shortened(text: str, limit: int) -> str:
    """``text``, cut so that its JSON form has at most ``limit`` bytes, quotes not counted."""
    if len(text) * _LONGEST_ESCAPE <= limit:
        return text
    encoded = json.dumps(text[: limit + 1])[1:-1]
    if len(text) <= limit and len(encoded) <= limit:
        return text
    kept = _WHOLE_CHARACTERS.match(encoded[: limit - len(_ELLIPSIS)])
    return str(json.loads(f'"{kept[0] if kept else ""}{_ELLIPSIS}"'))


def quoted(text: str, limit: int) -> str:
    """``text`` between double quotes, everything but printable ASCII escaped, cut at ``limit`` bytes."""
    return json.dumps(shortened(text, limit))


def text_line(record: AccessRecord) -> str:
    """``TIME CLIENT "METHOD TARGET PROTOCOL" STATUS BYTES DURATIONms DEVICE "USER AGENT" id=ID``."""
    moment = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
    request = quoted(f"{record.method} {record.target} {record.protocol}", 2048)
    client = record.client if _PLAIN_CLIENT.fullmatch(record.client) else quoted(record.client, 256)
    refused = f" refused={record.refused}" if record.refused else ""
    return (
        f"{moment} {client} {request} {record.status} {record.size} {record.duration * 1000:.1f}ms "
        f"{record.device} {quoted(record.user_agent, 1024)} "
        f"id={quoted(record.request_id, 256)[1:-1]}{refused}"
    )


def json_line(record: AccessRecord, project: str = "") -> str:
    """One JSON object, as Cloud Logging reads it; ``project`` is the cloud project's ID, if known."""
    method = shortened(record.method, 64)
    entry: dict[str, Any] = {
        "severity": severity_of(record.status),
        "time": datetime.now(timezone.utc).isoformat(timespec="microseconds"),
        "message": f"{method} {shortened(record.target, 512)} {record.status}",
        "httpRequest": {
            "requestMethod": method,
            "requestUrl": shortened(record.target, 1024),
            "status": record.status,
            "responseSize": str(record.size),
            "userAgent": shortened(record.user_agent, 1024),
            "remoteIp": shortened(record.client, 256),
            "latency": f"{record.duration:.6f}s",
            "protocol": record.protocol,
        },
        "duration_ms": round(record.duration * 1000, 3),
        "device": record.device,
        "request_id": shortened(record.request_id, 256),
    }
    if record.refused:
        entry["refused"] = record.refused
    if record.trace:
        trace = f"projects/{project}/traces/{record.trace}" if project else record.trace
        entry["logging.googleapis.com/trace"] = trace
    return json.dumps(entry)


def line_for(log_format: str, project: str = "") -> Callable[[AccessRecord], str]:
    """What makes lines for a value of the setting YOURL_LOG_FORMAT."""
    return partial(json_line, project=project) if log_format == "json" else text_line


def severity_of(status: int) -> str:
    """Cloud Logging's severity for a response status."""
    return "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO"


def trace_id(head: Head) -> str:
    """The trace that the request belongs to, by X-Cloud-Trace-Context or W3C traceparent; else empty."""
    own = _TRACE_CONTEXT.match(head.value("x-cloud-trace-context"))
    standard = _TRACEPARENT.match(head.value("traceparent"))
    match = own or standard
    return match[1].lower() if match else ""
