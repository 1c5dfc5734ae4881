"""Requests that were written down: raw heads and what curl printed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import BadRequest
from yourl.explain import read_request
from yourl.http1.head import parse_head
from yourl.http1.limits import Limits

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
    written = read_request(content)
    head = written.head
    assert ("GET", "/x?y=1", "a.example", body) == (head.method, head.target.raw, head.host, written.body)
    assert written.refusal is None


def test_a_head_with_crlf_is_what_the_server_reads() -> None:
    """There is one parser: a head as the wire has it is the server's own Head."""
    raw = b"POST /x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
    assert parse_head(raw, Limits()) == read_request(raw + b"abc").head


def test_repeated_fields_are_kept_apart() -> None:
    """Offline the head is known: repetition, order and case are seen."""
    head = read_request(b"GET / HTTP/1.1\nhOST: a\nX-A: 1\nX-A: 2\n").head
    assert (("hOST", "a"), ("X-A", "1"), ("X-A", "2")) == head.fields


@pytest.mark.parametrize(
    ("content", "code"),
    [
        pytest.param(b"GET / HTTP/1.1\nX-A: 1\n", "missing_host", id="no-host"),
        pytest.param(b"GET / HTTP/1.1\nHost: a\nHost: b\n", "duplicate_host", id="two-hosts"),
        pytest.param(b"TRACE / HTTP/1.1\nHost: a\n", "method_not_allowed", id="method"),
    ],
)
def test_says_how_the_server_would_refuse(content: bytes, code: str) -> None:
    """A request that the server refuses is explained all the same, with the refusal beside it."""
    written = read_request(content)
    assert written.refusal is not None
    assert (code, "/") == (written.refusal.code, written.head.target.path)


def test_http_2_becomes_http_1() -> None:
    """A proxy that the client spoke HTTP/2 with passes the request on as HTTP/1.1."""
    written = read_request(b"> GET / HTTP/2\n> Host: a.example\n>\n")
    assert ((1, 1), None) == (written.head.version, written.refusal)


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
        read_request(content)


@given(st.binary(max_size=200))
def test_nothing_else_is_raised(content: bytes) -> None:
    """Any bytes are a request or a clear error."""
    with contextlib.suppress(BadRequest):
        assert "GET" == read_request(b"GET / HTTP/1.1\n" + content).head.method
    with contextlib.suppress(BadRequest):
        read_request(content)
