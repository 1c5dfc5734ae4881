"""Requests in the texts that people have: traces and commands of curl, HAR, a browser's header pane."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import BadRequest
from yourl.explain import WrittenRequest, read_request
from yourl.explain.written import FAR_SIDE

VERBOSE_TLS = b"""\
* Host shop.example:443 was resolved.
*   Trying 203.0.113.5:443...
* Connected to shop.example (203.0.113.5) port 443 (#0)
* ALPN: offers h2,http/1.1
* TLSv1.3 (OUT), TLS handshake, Client hello (1):
* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384
* using HTTP/2
> POST /api?x=1 HTTP/2
> Host: shop.example
> User-Agent: curl/8.5.0
> Content-Length: 3
>\x20
} [3 bytes data]
< HTTP/2 200
"""
NEW_VERBOSE = b"""\
* Established connection to shop.example (203.0.113.5 port 8443) from 10.0.0.2 port 51234
* SSL connection using TLSv1.3
> GET / HTTP/1.1
> Host: shop.example:8443
>
"""
THROUGH_A_TUNNEL = b"""\
* Connected to proxy.example (192.0.2.1) port 3128
> CONNECT shop.example:443 HTTP/1.1
> Host: shop.example:443
>
< HTTP/1.1 200 OK
* SSL connection using TLSv1.3
> GET /inside HTTP/1.1
> Host: shop.example
>
"""
REDIRECTED = b"""\
* Connected to shop.example (203.0.113.5) port 80
> GET /old HTTP/1.1
> Host: shop.example
>
< HTTP/1.1 301 Moved Permanently
> GET /new HTTP/1.1
> Host: shop.example
>
"""
TRACE_ASCII = (
    b"""\
== Info: Connected to localhost (127.0.0.1) port 8080 (#0)
=> Send header, 264 bytes (0x108)
0000: POST /api?x=1 HTTP/1.1
0018: Host: localhost:8080
002e: User-Agent: curl/7.88.1
0047: Accept: */*
0054: X-Long: """
    + b"a" * 56
    + b"\n0094: "
    + b"a" * 44
    + b"""
00c2: Content-Length: 3
00d5: Content-Type: application/x-www-form-urlencoded
0106:\x20
=> Send data, 3 bytes (0x3)
0000: a=b
<= Recv header, 17 bytes (0x11)
0000: HTTP/1.1 200 OK
"""
)
TRACE_HEX = b"""\
12:40:39.607053 == Info: Connected to localhost (127.0.0.1) port 8080 (#0)
12:40:39.607081 => Send header, 45 bytes (0x2d)
0000: 47 45 54 20 2f 78 20 48 54 54 50 2f 31 2e 31 0d GET /x HTTP/1.1.
0010: 0a 48 6f 73 74 3a 20 6c 6f 63 61 6c 68 6f 73 74 .Host: localhost
0020: 3a 38 30 38 30 0d 0a 41 3a 20 62 0d 0a          :8080..A: b..
12:40:39.612118 <= Recv header, 17 bytes (0x11)
"""
CHROME = rb"""curl 'https://shop.example/api?q=a%20b' \
  -H 'accept: text/html' \
  -H $'x-quote: it\u0027s \x41' \
  -b 'session=1; other=2' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw '{"a":1}' \
  --compressed"""
WINDOWS = b"""curl ^"https://shop.example/api^" ^\r
  -H ^"accept: */*^" ^\r
  -H ^"x-a: 100^%^" ^\r
  --insecure"""
PANE_ONE_LINE = b"""\
Request URL: https://shop.example:8443/api?x=1
Request Method: POST
Status Code: 200 OK
Remote Address: 203.0.113.5:8443
Referrer Policy: strict-origin-when-cross-origin
Response Headers
server: nginx
Request Headers
:authority: shop.example:8443
:method: POST
:path: /api?x=1
:scheme: https
accept: */*
cookie: a=b
"""
PANE_TWO_LINES = b"""\
General
Request URL
https://shop.example/api
Request Method
GET
Remote Address
[2001:db8::5]:443
Request headers (3)
View source
:authority
shop.example
accept
*/*
user-agent
Mozilla/5.0
Query string parameters (1)
x
1
"""
SAFARI = b"""\
Summary
URL: https://shop.example/api
Status: 200

Request
:method: GET
:scheme: https
:authority: shop.example
:path: /api
Accept: */*

Response
Server: nginx
"""
HAR: dict[str, Any] = {
    "log": {
        "entries": [
            {
                "serverIPAddress": "203.0.113.5",
                "request": {
                    "method": "POST",
                    "url": "https://shop.example/api?x=1",
                    "httpVersion": "http/2.0",
                    "headers": [
                        {"name": ":authority", "value": "shop.example"},
                        {"name": "accept", "value": "*/*"},
                    ],
                    "postData": {"mimeType": "text/plain", "text": "héllo"},
                },
            },
            {"request": {}},
        ]
    }
}


def shown(written: WrittenRequest) -> tuple[object, ...]:
    """What a request was understood as."""
    head = written.head
    return head.method, head.target.raw, head.host, written.scheme, written.server, written.server_port


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            VERBOSE_TLS, ("POST", "/api?x=1", "shop.example", "https", "203.0.113.5", 443), id="tls"
        ),
        pytest.param(
            NEW_VERBOSE, ("GET", "/", "shop.example:8443", "https", "203.0.113.5", 8443), id="curl-8"
        ),
        pytest.param(THROUGH_A_TUNNEL, ("GET", "/inside", "shop.example", "https", "", 443), id="tunnel"),
        pytest.param(REDIRECTED, ("GET", "/old", "shop.example", "http", "203.0.113.5", 80), id="first"),
        pytest.param(
            TRACE_ASCII, ("POST", "/api?x=1", "localhost:8080", "http", "127.0.0.1", 8080), id="trace-ascii"
        ),
        pytest.param(TRACE_HEX, ("GET", "/x", "localhost:8080", "http", "127.0.0.1", 8080), id="trace"),
        pytest.param(CHROME, ("POST", "/api?q=a%20b", "shop.example", "https", "", 443), id="chrome"),
        pytest.param(WINDOWS, ("GET", "/api", "shop.example", "https", "", 443), id="windows"),
        pytest.param(
            PANE_ONE_LINE,
            ("POST", "/api?x=1", "shop.example:8443", "https", "203.0.113.5", 8443),
            id="pane",
        ),
        pytest.param(
            PANE_TWO_LINES, ("GET", "/api", "shop.example", "https", "2001:db8::5", 443), id="pane-two-lines"
        ),
        pytest.param(SAFARI, ("GET", "/api", "shop.example", "https", "", 443), id="safari"),
        pytest.param(
            json.dumps(HAR).encode(),
            ("POST", "/api?x=1", "shop.example", "https", "203.0.113.5", 443),
            id="har",
        ),
        pytest.param(
            json.dumps(HAR["log"]["entries"][0]).encode("utf-16"),
            ("POST", "/api?x=1", "shop.example", "https", "203.0.113.5", 443),
            id="har-entry-in-utf-16",
        ),
    ],
)
def test_reads_what_people_have(content: bytes, expected: tuple[object, ...]) -> None:
    """Method, target, host, and where it went: scheme, address and port are taken from the text."""
    written = read_request(content)
    assert expected == shown(written)
    assert written.notes[0] == FAR_SIDE


def test_a_raw_request_may_come_from_either_side() -> None:
    """Only of a client's own trace it is said that it is the far side of a proxy."""
    assert () == read_request(b"GET / HTTP/1.1\nHost: a\n").notes


def test_long_lines_of_a_trace_are_put_together() -> None:
    """--trace-ascii breaks lines after 64 characters; the offsets tell where one goes on."""
    written = read_request(TRACE_ASCII)
    assert ("a" * 100, b"a=b") == (written.head.value("x-long"), written.body)
    assert 6 == len(written.head.fields)


def test_what_a_browser_copies() -> None:
    """Quotes, escapes, cookies and data of "Copy as cURL"."""
    written = read_request(CHROME)
    head = written.head
    assert ("it's A", "session=1; other=2", "Mozilla/5.0") == (
        head.value("x-quote"), head.value("cookie"), head.value("user-agent"),
    )  # fmt: skip
    assert (b'{"a":1}', "7", "text/html") == (
        written.body, head.value("content-length"), head.value("accept"),
    )  # fmt: skip
    assert "100%" == read_request(WINDOWS).head.value("x-a")


@pytest.mark.parametrize(
    ("command", "method", "target", "field", "body"),
    [
        ("curl shop.example", "GET", "/", ("user-agent", "curl"), b""),
        ("$ curl -sSX DELETE shop.example/a", "DELETE", "/a", ("accept", "*/*"), b""),
        ("curl -I shop.example", "HEAD", "/", ("host", "shop.example"), b""),
        ("curl -G shop.example/?a=1 -d b=2 -d c=3", "GET", "/?a=1&b=2&c=3", ("content-length", ""), b""),
        ("curl -d a=1 -d b=2 shop.example", "POST", "/", ("content-length", "7"), b"a=1&b=2"),
        ("curl --data-urlencode 'a=b c' shop.example", "POST", "/", ("content-length", "5"), b"a=b+c"),
        ("curl --json '[]' shop.example", "POST", "/", ("content-type", "application/json"), b"[]"),
        ("curl -u me:secret shop.example", "GET", "/", ("authorization", "Basic bWU6c2VjcmV0"), b""),
        ("curl -Hhost:other.example shop.example", "GET", "/", ("host", "other.example"), b""),
        ("curl -H 'Accept:' shop.example", "GET", "/", ("accept", ""), b""),
        ("curl --max-time 3 -o x shop.example", "GET", "/", ("host", "shop.example"), b""),
    ],
)
def test_options_of_curl(command: str, method: str, target: str, field: tuple[str, str], body: bytes) -> None:
    """The options that change what is sent do so; the others change nothing."""
    written = read_request(command.encode())
    head = written.head
    assert (method, target, field[1], body) == (
        head.method, head.target.raw, head.value(field[0]), written.body,
    )  # fmt: skip


def test_says_what_a_command_does_not_hold() -> None:
    """Files that a command sends are not part of it."""
    written = read_request(b"curl -F file=@photo.jpg shop.example")
    assert "file=@photo.jpg" in written.notes[1]


def test_says_that_there_is_more() -> None:
    """Of several requests the first is taken, and that is said."""
    assert "2 requests" in read_request(REDIRECTED).notes[1]
    assert "2 requests" in read_request(json.dumps(HAR).encode()).notes[1]


def test_the_body_of_an_archive_is_text() -> None:
    """A HAR file's text is sent as UTF-8."""
    assert "héllo".encode() == read_request(json.dumps(HAR).encode()).body


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"curl 'https://shop.example", "cannot be read", id="open-quote"),
        pytest.param(b"curl -v", "no URL", id="no-url"),
        pytest.param(b"curl 'http://[::1'", "no URL", id="bad-url"),
        pytest.param(b'{"log": {"entries": []}}', "no request", id="empty-har"),
        pytest.param(b'{"request": 1}', "no request", id="odd-har"),
        pytest.param(b"Request URL: \n", "neither a Request URL", id="empty-pane"),
        pytest.param(b"> CONNECT a:1 HTTP/1.1\n>\n", "no request but the CONNECT", id="only-connect"),
    ],
)
def test_says_what_is_missing(content: bytes, words: str) -> None:
    """A text without a request is refused in one sentence."""
    with pytest.raises(BadRequest, match=words):
        read_request(content)


STARTS = [
    b"curl ",
    b"> GET / HTTP/1.1\n> ",
    b"=> Send header, 9 bytes\n0000: ",
    b":authority: a\n",
    b'{"request":',
]


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_nothing_else_is_raised(start: bytes, content: bytes) -> None:
    """Any text that begins like one of the formats is a request or a clear error."""
    with contextlib.suppress(BadRequest):
        assert read_request(start + content).head.method
