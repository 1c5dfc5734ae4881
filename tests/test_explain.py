"""Requests that were written down: raw heads and what curl printed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.__main__ import explained
from yourl.errors import BadRequest
from yourl.explain import split_request, terminal_text, written_request
from yourl.settings import load

CURL = b"""*   Trying 192.0.2.1:80...
* Connected to a.example (192.0.2.1) port 80
> GET /x?y=1 HTTP/1.1
> Host: a.example
> User-Agent: curl/8.5.0
>\x20
< HTTP/1.1 200 OK
< Server: gunicorn
"""

REQUESTS = [
    pytest.param(b"GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\n\r\n", b"", id="crlf"),
    pytest.param(b"GET /x?y=1 HTTP/1.1\nHost: a.example\n", b"", id="lf"),
    pytest.param(b"GET /x?y=1 HTTP/1.1\nHost: a.example", b"", id="no-end"),
    pytest.param(b"\n\nGET /x?y=1 HTTP/1.1\nHost: a.example\n\nbody\n\nmore", b"body\n\nmore", id="body"),
    pytest.param(CURL, b"", id="curl"),
    pytest.param(CURL.replace(b"\n", b"\r\n"), b"", id="curl-crlf"),
]


@pytest.mark.parametrize(("content", "body"), REQUESTS)
def test_reads(content: bytes, body: bytes) -> None:
    """However it was written down, method, target, fields and body are found."""
    head, found = written_request(content)
    assert ("GET", "/x?y=1", "y=1", "a.example", body) == (
        head.method, head.target.raw, head.target.query, head.host, found,
    )  # fmt: skip


def test_repeated_fields_are_kept_apart() -> None:
    """Offline the head is known: repetition, order and case are seen."""
    head, _ = written_request(b"GET / HTTP/1.1\nhOST: a\nX-A: 1\nX-A: 2\n")
    assert head.is_exact
    assert (("hOST", "a"), ("X-A", "1"), ("X-A", "2")) == head.fields


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "begins with", id="empty"),
        pytest.param(b"hello", "'hello'", id="no-request"),
        pytest.param(b"GET / HTTP/1.1\nHost a", "Line 2", id="no-colon"),
        pytest.param(b"GET /a b HTTP/1.1\n", "begins with", id="blank-in-target"),
        pytest.param(b"\x16\x03\x01\x02", "begins with", id="tls"),
    ],
)
def test_names_what_is_no_request(content: bytes, words: str) -> None:
    """What cannot be read is named."""
    with pytest.raises(BadRequest, match=words):
        written_request(content)


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(content: bytes) -> None:
    """Any bytes are a request or a clear error."""
    with contextlib.suppress(BadRequest):
        head, _ = written_request(b"GET / HTTP/1.1\n" + content)
        assert head.method == "GET"
    split_request(content)


def test_a_terminal_is_not_steered() -> None:
    """Escape sequences are spelt out."""
    settings = load({})
    text = terminal_text(explained(b"GET /\x1b[2J HTTP/1.1\n", settings, peer="192.0.2.9", scheme="http"))
    assert "\x1b" not in text
    assert "/\\x1b[2J" in text
