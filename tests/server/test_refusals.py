"""Every refusal has the shape of every other JSON error and says what was asked, never more."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from yourl.answers import COMMON_HEADERS
from yourl.errors import ERRORS, Refusal
from yourl.http1.head import partial_head
from yourl.server.refusals import to_bytes, url_asked

NOW = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=timezone.utc)
REFUSAL = Refusal("method_not_allowed", "No.", (("Allow", "GET"),))


def test_is_json_that_closes_and_is_not_kept() -> None:
    """The fields that every answer of the product has, and the four keys of every error."""
    answer = to_bytes(REFUSAL, partial_head(b"TRACE /a HTTP/1.1\r\nHost: h\r\n"), NOW)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.decode().split("\r\n") == [
        "HTTP/1.1 405 Method Not Allowed",
        "Date: Fri, 02 Jan 2026 03:04:05 GMT",
        "Connection: close",
        "Content-Type: application/json; charset=utf-8",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in COMMON_HEADERS),
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
    assert to_bytes(REFUSAL, partial_head(b"HEAD / HTTP/1.1\r\n"), NOW).endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("start", "url"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nhost: h:1\r\n\r\n", "http://h:1/a", id="all"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", "/a", id="no Host"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: <b>\r\n", "/a", id="bad Host"),
        pytest.param(b"GET http://h/ HTTP/1.1\r\n", "http://h/", id="absolute"),
        pytest.param(b"\x16\x03\x01", None, id="TLS"),
    ],
)
def test_says_which_url_was_asked_for(start: bytes, url: str | None) -> None:
    """The URL of a request that may be none."""
    assert url_asked(partial_head(start)) == url


def test_a_browser_gets_a_page() -> None:
    """Where the head that was read asks for HTML, the refusal is a small page with a strict policy."""
    head = partial_head(b"GET /a HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n")
    answer = to_bytes(Refusal("target_too_long"), head, NOW)
    assert answer.startswith(b"HTTP/1.1 414 ")
    assert b"Content-Type: text/html; charset=utf-8\r\n" in answer
    assert b"target_too_long" in answer


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_can_be_answered(code: str) -> None:
    """Each line of the table gives a whole answer with its own status and a message."""
    head, _, body = to_bytes(Refusal(code), None, NOW).partition(b"\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {ERRORS[code].status} ".encode())
    assert json.loads(body)["message"] == ERRORS[code].meaning
