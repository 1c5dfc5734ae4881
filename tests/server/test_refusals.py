"""Every refusal has the shape of every other JSON error and says what was asked, never more."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.http1.head import Refusal
from yourl.server.refusals import Asked, to_bytes

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)
REFUSAL = Refusal(405, "method_not_allowed", "No.", (("Allow", "GET"),))


def test_is_json_that_closes_and_is_not_kept() -> None:
    """The fields that every answer of the product has, and the four keys of every error."""
    answer = to_bytes(REFUSAL, Asked("TRACE", "/a", "http://h/a"), NOW)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 405 Method Not Allowed",
        "Date: Fri, 02 Jan 2026 03:04:05 GMT",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
        "Allow: GET",
    ]
    assert json.loads(body) == {
        "error": "method_not_allowed",
        "message": "No.",
        "url": "http://h/a",
        "timestamp": "2026-01-02T03:04:05.000678+00:00",
    }


def test_head_gets_no_content() -> None:
    """RFC 9110 section 9.3.2, also where the request is refused."""
    assert to_bytes(REFUSAL, Asked("HEAD", "/", None), NOW).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nhost: h:1\r\n\r\n", Asked("GET", "/a", "http://h:1/a"), id="all"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", Asked("GET", "/a", "/a"), id="no Host"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: <b>\r\n", Asked("GET", "/a", "/a"), id="bad Host"),
        pytest.param(b"GET http://h/ HTTP/1.1\r\n", Asked("GET", "http://h/", "http://h/"), id="absolute"),
        pytest.param(b"GET /a", Asked("GET", "/a", "/a"), id="not complete"),
        pytest.param(b"\x16\x03\x01", Asked(None, None, None), id="TLS"),
        pytest.param(b"GET /\x1b[2J HTTP/1.1\r\n", Asked(None, None, None), id="terminal escape"),
        pytest.param(b"", Asked(None, None, None), id="nothing"),
    ],
)
def test_says_what_was_asked_as_far_as_that_can_be_known(start: bytes, expected: Asked) -> None:
    """Method, target and URL of a request that may be none."""
    assert Asked.from_bytes(start) == expected


@given(st.binary(max_size=200))
def test_what_was_asked_is_visible_ascii(data: bytes) -> None:
    """No byte of a client gets into a line of the log or an answer but visible ASCII."""
    asked = Asked.from_bytes(b"GET " + data)
    for part in (asked.method, asked.target, asked.url):
        assert part is None or (part.isascii() and part.isprintable() and " " not in part)
