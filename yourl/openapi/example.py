"""The example in the schema of an inspection, made by the code that answers requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from yourl.errors import Refusal
from yourl.guard import GuardPolicy
from yourl.http1.head import parse_head
from yourl.http1.limits import Limits
from yourl.inspection import device_of, inspect, verdict_of
from yourl.proxies import Connection, TrustedProxies
from yourl.representation import inspection_document

HEAD = (
    b"POST /api/orders?id=7 HTTP/1.1\r\n"
    b"Host: shop.example\r\n"
    b"User-Agent: curl/8.5.0\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Length: 13\r\n"
    b"X-Forwarded-For: 203.0.113.7\r\n"
    b"X-Request-ID: 6f9619ff-8b86-4011-b42d-00c04fc964ff\r\n"
    b"\r\n"
)
BODY = b'{"total": 42}'
CONNECTION = Connection("10.0.0.9", 43210, "10.0.0.2", 8080)
TRUSTED = "10.0.0.0/8"
MOMENT = datetime(2026, 11, 24, 12, 30, 15, 123456, tzinfo=timezone.utc)


def example() -> dict[str, Any]:
    """The inspection of a request that came through a trusted proxy which hides the scheme.

    :raises ValueError: where the request above is one that is refused
    """
    head = parse_head(HEAD, Limits())
    if isinstance(head, Refusal):
        raise ValueError(head.code)
    verdict, device = verdict_of(head, CONNECTION, TrustedProxies.parse(TRUSTED)), device_of(head)
    inspection = inspect(head, BODY, CONNECTION, verdict=verdict, device=device, trailers=())
    policy = GuardPolicy()
    return inspection_document(
        replace(inspection, timestamp=MOMENT),
        policy.decide(device.type),
        session_id="0b1f6a52-6f4e-4b37-9c6f-0f2d8a6f5b11",
        organization="Yourl Cloud Inc.",
        guard_enabled=policy.enabled,
        machine="yourl-7d9c",
    )
