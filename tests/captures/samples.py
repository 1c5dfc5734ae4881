"""Captures to store and look for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from yourl.captures.model import Capture, Summary
from yourl.captures.store import TimeLimits

PATIENT = TimeLimits(call=60, lock=60, search=60)
"""For tests that are not about time: a machine may stall."""

NASTY_BODIES = {
    "empty": b"",
    "nul": b"a\x00b",
    "every byte": bytes(range(256)),
    "lone surrogate": b'{"a": "\\ud800"}',
    "broken utf-8": b"\xed\xa0\x80\xff",
    "one long line": b"x" * 1_000_000,
    "markup": b"<script>alert(1)</script>",
    "escapes": b"\x1b]0;title\x07\x1b[2J",
}


def capture_of(inbox: str = "orders", body: bytes = b'{"id": 1}', **changes: Any) -> Capture:
    """A capture; ``changes`` go to the capture where it has such an attribute, else to its summary."""
    own = {name: changes.pop(name) for name in list(changes) if name in Capture.__dataclass_fields__}
    summary = {
        "inbox": inbox,
        "time": datetime(2026, 1, 2, 3, 4, 5, 678901, timezone.utc),
        "method": "POST",
        "url": f"https://shop.example/in/{inbox}?x=1",
        "client": "203.0.113.7",
        "device_type": "bot",
        "status": 200,
        "size": len(body),
        "content_type": "application/json",
        **changes,
    }
    capture = {
        "target": f"/in/{inbox}?x=1",
        "http_version": "1.1",
        "fields": (("Host", "shop.example"), ("Content-Type", "application/json"), ("X-Event", "Paid")),
        **own,
    }
    return Capture(summary=Summary(**summary), body=body, **capture)
