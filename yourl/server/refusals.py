"""How a refusal looks on the wire: the JSON error that every refused request gets, and what was asked.

Pure: knows nothing of sockets, Gunicorn, Flask or the clock (the time of the answer is given).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import format_datetime
from http import HTTPStatus

from yourl.http1.head import Refusal, authority_is_valid

_REQUEST_LINE = re.compile(rb"([A-Z]{1,32}) ([!-~]{1,2048})(?: |\r|$)")
_HOST = re.compile(rb"\r\n[Hh][Oo][Ss][Tt]:[\t ]*([!-~]{1,262})[\t ]*\r\n")


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be said of a request that may be no request at all: visible ASCII or None."""

    method: str | None
    target: str | None
    url: str | None

    @classmethod
    def from_bytes(cls, start: bytes, scheme: str = "http") -> Asked:
        """Read from the first bytes of a head, well-formed or not; never raises."""
        line = _REQUEST_LINE.match(start)
        if line is None:
            return cls(None, None, None)
        method, target = line[1].decode("ascii"), line[2].decode("ascii")
        host = _HOST.search(start)
        authority = host[1].decode("ascii") if host else ""
        if target.startswith("/") and authority_is_valid(authority):
            return cls(method, target, f"{scheme}://{authority}{target}")
        return cls(method, target, target)


def to_bytes(refusal: Refusal, asked: Asked, now: datetime | None = None) -> bytes:
    """The whole answer, after which the connection is closed; no content in answer to HEAD."""
    now = now or datetime.now(timezone.utc)
    body = json.dumps(
        {
            "error": refusal.code,
            "message": refusal.message,
            "url": asked.url,
            "timestamp": now.isoformat(timespec="microseconds"),
        }
    ).encode("ascii")
    fields = [
        ("Date", format_datetime(now, usegmt=True)),
        ("Connection", "close"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        *refusal.headers,
    ]
    head = f"HTTP/1.1 {refusal.status} {phrase(refusal.status)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n"
    return head.encode("ascii") + (b"" if asked.method == "HEAD" else body)


def phrase(status: int) -> str:
    """The reason phrase of a status."""
    return HTTPStatus(status).phrase
