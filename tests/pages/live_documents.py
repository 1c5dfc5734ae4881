"""What the live pages are given: plain dicts, made by the code of the server where it has such code."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timezone
from functools import cache
from typing import Any

from tests.pages.inspections import HOSTILE, IPAD_AS_MAC, TIMESTAMP, Fields, document, is_fixed, replaced
from yourl.captures.comparison import compare
from yourl.captures.documents import document_of, document_to_store, summary_document
from yourl.captures.ids import make_id
from yourl.captures.model import Capture, SignatureResult, Summary
from yourl.captures.rules import parse_rules, public_document

MOMENT = datetime(2026, 11, 23, 22, 14, 5, 123456, tzinfo=timezone.utc)
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fccff0bf1e00"
    "0583027fc2a3d2e00000000049454e44ae426082"
)
TOKEN = "change-token"
GOOD = SignatureResult(True, "github", "valid", "The signature is right.")
BAD = SignatureResult(False, "stripe", "body_changed", "The body was changed on the way: a newline more.")
ORDER = {"event": "order.paid", "order": {"id": 42, "total": "19.90", "currency": "EUR"}, "test": True}


def capture(
    content: bytes = json.dumps(ORDER).encode(),
    content_type: str = "application/json",
    *,
    number: int = 1,
    inbox: str = "orders",
    method: str = "POST",
    target: str = "/in/orders/paid?attempt=1",
    status: int = 200,
    signature: SignatureResult | None = None,
    more: Fields = (),
) -> Capture:
    """A request as a store gives it."""
    fields = (
        ("Host", "hooks.example"),
        ("User-Agent", IPAD_AS_MAC),
        *((("Content-Type", content_type),) if content else ()),
        *more,
    )
    inspected = document(target, fields, content, method=method, peer="203.0.113.7")
    summary = Summary(
        inbox=inbox,
        time=MOMENT,
        method=method,
        url=inspected["url"],
        client=inspected["remote_addr"],
        device_type=inspected["device_type"],
        status=status,
        size=len(content),
        content_type=content_type if content else "",
        findings=tuple(finding["code"] for finding in inspected["findings"]),
        signature=signature,
        id=make_id(1_800_000_000_000_000 + number, number),
    )
    stored = document_to_store(inspected)
    return Capture(summary, target, "1.1", fields, content, document=stored)


def summary(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One row of the list."""
    return summary_document(replace(capture(number=number).summary, **changes))


def listing(**changes: Any) -> dict[str, Any]:
    """The live page with a few requests of different kinds."""
    requests = [
        summary(6, signature=GOOD),
        summary(5, signature=BAD, status=401, findings=("missing-host", "scheme-conflict", "a", "b", "c")),
        summary(4, method="GET", url="https://hooks.example/in/phone", size=0, content_type="",
                device_type="phone", inbox="phone"),
        summary(3, status=503, device_type="pc", url="https://hooks.example/in/orders?q=" + "long" * 50),
        summary(2, status=302, client="", device_type="bot"),
        summary(1, method="DELETE", size=2_500_000),
    ]  # fmt: skip
    spans = [
        {"from": f"2026-11-23T22:{minute:02}:00+00:00", "seconds": 60.0, "count": minute % 7}
        for minute in range(60)
    ]
    return {
        "prefix": "",
        "requests": requests,
        "next": requests[-1]["id"],
        "is_complete": True,
        "filters": dict.fromkeys(
            ("inbox", "method", "status", "device", "finding", "client", "since", "until", "q"), ""
        ),
        "inboxes": [
            {"name": "orders", "count": 5, "size": 2_504_000, "evicted": 12, "devices": {"tablet": 3}},
            {"name": "phone", "count": 1, "size": 0, "evicted": 0, "devices": {"phone": 1}},
        ],
        "over_time": spans,
        "devices": {"tablet": 3, "pc": 2, "phone": 1, "bot": 0},
        "store": {
            "name": "sqlite", "state": "ok", "reason": "", "count": 6, "size": 2_504_000, "evicted": 12,
            "lost": 0,
        },
        "masked": True,
        "change_token": TOKEN,
        "fault": "",
        **changes,
    }  # fmt: skip


def empty_listing(**changes: Any) -> dict[str, Any]:
    """The live page before anything has arrived."""
    store = {"name": "sqlite", "state": "ok", "reason": "", "count": 0, "size": 0, "evicted": 0, "lost": 0}
    nothing: dict[str, Any] = {"requests": [], "next": None, "inboxes": [], "over_time": [], "devices": {}}
    return listing(**{**nothing, "store": store, **changes})


def kept(given: Capture | None = None, **changes: Any) -> dict[str, Any]:
    """The page of one request."""
    shown = given or capture(signature=GOOD)
    return {
        "prefix": "",
        "summary": summary_document(shown.summary),
        "document": document_of(shown),
        "change_token": TOKEN,
        "masked": True,
        "is_shared": False,
        "share": None,
        "newer": make_id(1_800_000_000_000_009, 9),
        "older": None,
        "exports": ["har", "raw", "curl", "httpie", "py", "fetch"],
        **changes,
    }


SHARE = {"url": "https://hooks.example/live/shared/abc.1800000000.def", "expires": TIMESTAMP}


def shared() -> dict[str, Any]:
    """The page that a link opens."""
    return kept(is_shared=True, token="abc.1800000000.def", change_token=None, newer=None)


def comparison(one: Capture | None = None, two: Capture | None = None, prefix: str = "") -> dict[str, Any]:
    """Two requests; where none are given, two whose JSON differs."""
    left = one or capture()
    changed = {**ORDER, "order": {**ORDER["order"], "id": 43, "note": None}}
    del changed["test"]
    right = two or capture(
        json.dumps(changed).encode(),
        number=2,
        target="/in/orders/paid?attempt=2&retry=yes",
        status=503,
        more=(("X-Retry", "1"),),
    )
    return {
        "prefix": prefix,
        "a": summary_document(left.summary),
        "b": summary_document(right.summary),
        "comparison": compare(left, right),
    }


def texts_compared() -> dict[str, Any]:
    """Two requests whose lines differ."""
    lines = [f"line {number}" for number in range(30)]
    return comparison(
        capture("\n".join(lines).encode(), "text/plain"),
        capture("\n".join([*lines[:10], "another line", *lines[12:]]).encode(), "text/plain", number=2),
    )


RULES = {
    "status": 202,
    "headers": {"Content-Type": "application/json", "X-Twice": ["a", "b"]},
    "body": '{"ok": true}',
    "delay": 1.5,
    "sequence": [{"status": 503, "delay": 2}, {"status": 500, "body": "no"}, {"status": 429}],
    "signature": {"scheme": "hmac", "secret": "s3cret", "header": "X-Signature"},
}
SCHEMES = [("github", "GitHub"), ("stripe", "Stripe"), ("hmac", "Plain HMAC")]


def inbox(**changes: Any) -> dict[str, Any]:
    """The rules of an inbox."""
    return {
        "prefix": "",
        "inbox": "orders",
        "rules": public_document(parse_rules(RULES)),
        "has_secret": True,
        "schemes": SCHEMES,
        "change_token": TOKEN,
        "faults": [],
        "saved": False,
        **changes,
    }


def sign_in(**changes: Any) -> dict[str, Any]:
    """The form for the access code."""
    return {"prefix": "", "message": "", "next": "", **changes}


def made_hostile(given: dict[str, Any]) -> dict[str, Any]:
    """The same with hostile text in every value that is not this server's alone."""
    fixed = {"kind", "state"}
    return replaced(
        given,
        lambda path, text: (
            text
            if is_fixed(path) or path.rpartition("/")[2] in fixed or "/exports/" in path or "/lines/" in path
            else HOSTILE + text
        ),
    )


@cache
def live_documents() -> dict[str, tuple[str, dict[str, Any]]]:
    """Name -> function of ``yourl.pages.live`` and what it is given; not to be changed."""
    long = capture(b"\xff\xfe\x00" * 3000, "application/octet-stream")
    ordinary = {
        "list": ("live_page", listing()),
        "empty": ("live_page", empty_listing()),
        "off": ("live_page", empty_listing(store={**empty_listing()["store"], "state": "off",
                                                 "reason": "YOURL_STORE is off."})),
        "sign-in": ("sign_in_page", sign_in(message="The access code is wrong.", next="/live?inbox=orders")),
        "kept": ("kept_request_page", kept(share=SHARE)),
        "picture": ("kept_request_page", kept(capture(PNG, "image/png"))),
        "bytes": ("kept_request_page", kept(long)),
        "shared": ("kept_request_page", shared()),
        "comparison": ("comparison_page", comparison()),
        "lines": ("comparison_page", texts_compared()),
        "inbox": ("inbox_page", inbox()),
        "inbox-faults": ("inbox_page", inbox(faults=["status must be a whole number."], saved=True)),
    }  # fmt: skip
    hostile = {f"hostile-{name}": (page, made_hostile(given)) for name, (page, given) in ordinary.items()}
    return {**ordinary, **hostile}
