"""The parser lets through what RFC 9110 and RFC 9112 leave no doubt about, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import Refusal
from yourl.http1.head import METHODS, Head, check_start, parse_head, partial_head
from yourl.http1.limits import Limits

LIMITS = Limits()


def head(*lines: str, request_line: str = "GET / HTTP/1.1", host: str | None = "Host: a.example") -> bytes:
    """The bytes of a head, with a Host unless told otherwise."""
    return "".join(f"{line}\r\n" for line in (request_line, host, *lines, "") if line is not None).encode(
        "latin-1"
    )


def parse(data: bytes) -> Head | Refusal:
    return parse_head(data, LIMITS)


ALLOWED = [
    pytest.param(head(), id="the smallest"),
    pytest.param(head(host=None, request_line="GET / HTTP/1.0"), id="HTTP/1.0 without Host"),
    pytest.param(head(host="hoSt:\ta.example"), id="name in any case, a tab before the value"),
    pytest.param(head("X:"), id="empty value"),
    pytest.param(head("X: caf\xe9"), id="obs-text in a value"),
    pytest.param(head("X: a\tb  c \t"), id="blanks in and after a value"),
    pytest.param(head("!#$%&'*+-.^_`|~09azAZ: x"), id="every character of a token"),
    pytest.param(head("X_Y: under_score"), id="underscore in a name"),
    pytest.param(head("X: 1", "X: 2"), id="a list over two lines"),
    pytest.param(head("Content-Length: 0"), id="length zero"),
    pytest.param(head("Content-Length: 999999999999999999"), id="length of eighteen digits"),
    pytest.param(head("Transfer-Encoding: ChunKed"), id="chunked in any case"),
    pytest.param(head("Upgrade: websocket", "Connection: Upgrade"), id="an upgrade to ignore"),
    pytest.param(head("Upgrade: h2c, HTTP/3.0,x"), id="a list of upgrades"),
    pytest.param(head("Expect: 100-Continue"), id="expectation in any case"),
    pytest.param(head("Expect: x", request_line="GET / HTTP/1.0"), id="HTTP/1.0 expectation is ignored"),
    pytest.param(head("Connection: upgrade"), id="Connection without Upgrade"),
    pytest.param(head(request_line='GET /?q=%zz|{}"<>^` HTTP/1.1'), id="characters that browsers send raw"),
    pytest.param(head(request_line="GET //a//b/../c?? HTTP/1.1"), id="odd but plain path"),
    pytest.param(head(request_line="PROPFIND / HTTP/1.1"), id="registered method"),
    pytest.param(head(request_line="M-SEARCH /x HTTP/1.1"), id="method with a dash"),
    pytest.param(head(request_line="VERSION-CONTROL / HTTP/1.1"), id="longest common method"),
    *[pytest.param(head(request_line=f"{method} / HTTP/1.1"), id=method) for method in METHODS],
]


@pytest.mark.parametrize("data", ALLOWED)
def test_lets_through_what_is_plain(data: bytes) -> None:
    """A head that breaks no rule passes, and its fields are kept in order, as they were received."""
    outcome = parse(data)
    assert isinstance(outcome, Head), outcome
    line, *lines = data.decode("latin-1").split("\r\n")[:-2]
    assert line == f"{outcome.method} {outcome.target.raw} HTTP/{outcome.http_version}"
    split = [line.partition(":") for line in lines]
    assert [(name, value.strip(" \t")) for name, _, value in split] == list(outcome.fields)


REFUSED = [
    # The request line, RFC 9112 section 3
    (400, "bad_request_line", "HTTP/0.9", b"GET /\r\nHost: a\r\n\r\n"),
    (400, "bad_http_version", "no version", b"GET / \r\n\r\n"),
    (400, "bad_request_line", "two blanks", head(request_line="GET  / HTTP/1.1")),
    (400, "bad_request_line", "blank after", head(request_line="GET / HTTP/1.1 ")),
    (400, "bad_request_line", "blank before", head(request_line=" GET / HTTP/1.1")),
    (400, "bad_request_line", "tabs", head(request_line="GET\t/\tHTTP/1.1")),
    (400, "bad_request_line", "blank in target", head(request_line="GET /a b HTTP/1.1")),
    (400, "bad_request_line", "empty", b"\r\nHost: a\r\n\r\n"),
    (400, "bad_request_line", "garbage before", head(request_line="Extra lineGET / HTTP/1.1")),
    (400, "bad_http_version", "lower-case http", head(request_line="GET / http/1.1")),
    (400, "bad_http_version", "version with letters", head(request_line="GET / HTTP/1.x")),
    (400, "bad_http_version", "version with two digits", head(request_line="GET / HTTP/1.10")),
    (400, "bad_http_version", "another protocol", head(request_line="GET / ICY/1.1")),
    (505, "http_version_not_supported", "HTTP/2.0", head(request_line="GET / HTTP/2.0")),
    (505, "http_version_not_supported", "HTTP/1.2", head(request_line="GET / HTTP/1.2")),
    (505, "http_version_not_supported", "HTTP/0.9 spelled out", head(request_line="GET / HTTP/0.9")),
    (505, "http2_on_plain_port", "HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\n"),
    (400, "proxy_header_unexpected", "PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 80\r\n\r\n"),
    (400, "bad_line_end", "bare LF", b"GET / HTTP/1.1\nHost: a\n\r\n\r\n"),
    (400, "bad_request_line", "bare CR", b"GET / HTTP/1.1\rHost: a\r\n\r\n"),
    (400, "bad_method", "method no token", head(request_line="GE(T / HTTP/1.1")),
    (400, "bad_method", "method with NUL", head(request_line="GE\0T / HTTP/1.1")),
    (400, "bad_method", "no method", head(request_line=" / HTTP/1.1")),
    (501, "unknown_method", "lower-case method", head(request_line="get / HTTP/1.1")),
    (501, "unknown_method", "two-letter method", head(request_line="GO / HTTP/1.1")),
    (501, "unknown_method", "endless method", head(request_line="A" * 21 + " / HTTP/1.1")),
    (405, "method_not_allowed", "TRACE", head(request_line="TRACE / HTTP/1.1")),
    (405, "method_not_allowed", "CONNECT", head(request_line="CONNECT a.example:443 HTTP/1.1")),
    (405, "method_not_allowed", "CONNECT in origin form", head(request_line="CONNECT / HTTP/1.1")),
    # The target, RFC 9112 section 3.2
    (400, "bad_target", "fragment", head(request_line="GET /a#b HTTP/1.1")),
    (400, "bad_target", "backslash", head(request_line="GET /a\\b HTTP/1.1")),
    (400, "bad_target", "NUL", head(request_line="GET /a\0 HTTP/1.1")),
    (400, "bad_target", "DEL", head(request_line="GET /a\x7f HTTP/1.1")),
    (400, "bad_target", "raw non-ASCII", head(request_line="GET /caf\xe9 HTTP/1.1")),
    (400, "bad_target", "relative", head(request_line="GET a/b HTTP/1.1")),
    (400, "bad_target", "authority form without CONNECT", head(request_line="GET a.example:80 HTTP/1.1")),
    (400, "bad_target", "asterisk without OPTIONS", head(request_line="GET * HTTP/1.1")),
    (400, "bad_target", "asterisk with more", head(request_line="OPTIONS *x HTTP/1.1")),
    (400, "bad_target", "another scheme", head(request_line="GET ftp://a.example/ HTTP/1.1")),
    (400, "bad_target", "no authority", head(request_line="GET http:/// HTTP/1.1")),
    (400, "bad_target", "userinfo", head(request_line="GET http://u:p@a.example/ HTTP/1.1")),
    (400, "bad_target", "port too large", head(request_line="GET http://a.example:99999/ HTTP/1.1")),
    (400, "bad_target", "broken IPv6", head(request_line="GET http://[::1/ HTTP/1.1")),
    (414, "target_too_long", "target over 8 KiB", head(request_line="GET /" + "a" * 8192 + " HTTP/1.1")),
    # Host, RFC 9112 section 3.2 and RFC 9110 section 7.2
    (400, "missing_host", "no Host", head(host=None)),
    (400, "missing_host", "absolute alone", head(request_line="GET http://a/ HTTP/1.1", host=None)),
    (400, "duplicate_host", "two Hosts", head("Host: b.example")),
    (400, "duplicate_host", "the same Host twice", head("host: a.example")),
    (400, "empty_host", "empty Host", head(host="Host:")),
    (400, "empty_host", "blank Host", head(host="Host: \t ")),
    (400, "empty_host", "empty Host on HTTP/1.0", head(host="Host:", request_line="GET / HTTP/1.0")),
    (400, "bad_host", "comma-joined", head(host="Host: a.example, b.example")),
    (400, "bad_host", "comma-joined without blank", head(host="Host: a.example,b.example")),
    (400, "bad_host", "userinfo", head(host="Host: user@a.example")),
    (400, "bad_host", "userinfo with password", head(host="Host: user:pass@a.example")),
    (400, "bad_host", "blank inside", head(host="Host: bad host")),
    (400, "bad_host", "path", head(host="Host: a.example/x")),
    (400, "bad_host", "query", head(host="Host: a.example?x")),
    (400, "bad_host", "scheme", head(host="Host: http://a.example")),
    (400, "bad_host", "port of letters", head(host="Host: a.example:http")),
    (400, "bad_host", "empty port", head(host="Host: a.example:")),
    (400, "bad_host", "negative port", head(host="Host: a.example:-1")),
    (400, "bad_host", "port too large", head(host="Host: a.example:65536")),
    (400, "bad_host", "port zero", head(host="Host: a.example:0")),
    (400, "bad_host", "two ports", head(host="Host: a.example:80:80")),
    (400, "bad_host", "IPv6 without brackets", head(host="Host: ::1")),
    (400, "bad_host", "broken IPv6", head(host="Host: [::1:::]")),
    (400, "bad_host", "IPv6 with a zone", head(host="Host: [fe80::1%eth0]")),
    (400, "bad_host", "markup", head(host="Host: <a>")),
    (400, "bad_host", "quotes", head(host="Host: a'b\"c")),
    (400, "bad_host", "non-ASCII", head(host="Host: caf\xe9.example")),
    (400, "bad_host", "longer than a name may be", head(host="Host: " + "a" * 256)),
    (400, "bad_field", "NUL", head(host="Host: local\0host")),
    # Content-Length, RFC 9110 section 8.6
    *[
        (400, "bad_content_length", f"length {value!r}", head(f"Content-Length:{value}"))
        for value in (
            "", " ", " +5", " -5", " 05", " 00", " 5 ", " 5\t", "\t5", " 5,5", " 5, 5", " 5 5", " 0x5",
            " 5_0", " 5.0", " 1e3", " \xb2", " abc", " 5;", ' "5"', " -123456789123456789123456789",
        )
    ],
    (400, "duplicate_content_length", "two lengths", head("Content-Length: 5", "Content-Length: 7")),
    (400, "duplicate_content_length", "same length twice", head("Content-Length: 5", "content-length: 5")),
    (413, "body_too_large", "length beyond any integer", head("Content-Length: " + "9" * 400)),
    # Transfer-Encoding, RFC 9112 section 6.1
    *[
        (400, "bad_transfer_encoding", f"coding {value!r}", head(f"Transfer-Encoding:{value}"))
        for value in (
            "", " ", " identity", " identity, chunked", " chunked, identity", " ,chunked", " chunked,",
            " chunked, ", " chunked;q=1", " chunked;", " chunked, chunked", " chunked, gzip", " xchunked",
            " chunkedx", ' "chunked"', " 'chunked'", "\tchunked", " chunked ", " chunked\t", " chunk ed",
            " nonsense", " nonsense, chunked", " gzip", " chunked chunked", " \xa0chunked",
        )
    ],
    (400, "duplicate_transfer_encoding", "two", head("Transfer-Encoding: chunked", "Transfer-Encoding: x")),
    (400, "bad_transfer_encoding", "1.0", head("Transfer-Encoding: chunked", request_line="POST / HTTP/1.0")),
    (400, "conflicting_length", "coding and length", head("Transfer-Encoding: chunked", "Content-Length: 5")),
    (400, "conflicting_length", "length and coding", head("Content-Length: 5", "Transfer-Encoding: chunked")),
    (400, "bad_field", "coding behind a control", head("Transfer-Encoding: \x0bchunked")),
    (400, "bad_field", "blank before the colon", head("Transfer-Encoding : chunked")),
    (501, "unknown_transfer_coding", "compressed chunks", head("Transfer-Encoding: gzip, chunked")),
    # Fields, RFC 9112 section 5 and RFC 9110 section 5
    (400, "folded_field", "folded", head("X: a", " b")),
    (400, "folded_field", "folded by a tab", head("X: a", "\tb")),
    (400, "folded_field", "folded first line", head(" X: a", host=None)),
    (400, "bad_field", "no colon", head("nonsense")),
    (400, "bad_field", "no name", head(": x")),
    (400, "bad_field", "blank in a name", head("Bad Header: x")),
    (400, "bad_field", "brackets in a name", head("X[]: x")),
    (400, "bad_field", "quotes in a name", head('"X": x')),
    (400, "bad_field", "non-ASCII in a name", head("caf\xe9: x")),
    (400, "bad_field", "blank before colon", head("X : x")),
    (400, "bad_field", "tab before colon", head("X\t: x")),
    *[
        (400, "bad_field", f"value with {code:#04x}", head(f"X: a{chr(code)}b"))
        for code in (*range(9), 0x0B, 0x0C, 0x0D, 0x0E, 0x1B, 0x1F, 0x7F)
    ],
    (400, "bad_line_end", "bare LF in a value", head("X: a\nY: b")),
    (400, "bad_line_end", "LF CR", head("X: a\n\rY: b")),
    (400, "duplicate_content_type", "two media types", head("Content-Type: a/b", "Content-Type: c/d")),
    (431, "field_too_large", "a field over 8 KiB", head("X: " + "a" * 8190)),
    (431, "too_many_fields", "over a hundred fields", head(*(f"X-{n}: y" for n in range(100)))),
    (431, "head_too_large", "a head over 64 KiB", head(*("X: " + "a" * 8000 for _ in range(9)))),
    # Upgrade and Expect, RFC 9110 sections 7.8 and 10.1.1
    *[
        (400, "bad_upgrade", f"upgrade {value!r}", head(f"Upgrade:{value}"))
        for value in ("", " ,", " a b", " a/b/c", " websocket,", " (x)", ' "websocket"')
    ],
    (417, "expectation_failed", "unknown expectation", head("Expect: 200-ok")),
    (417, "expectation_failed", "two expectations", head("Expect: 100-continue, x")),
    (417, "expectation_failed", "empty expectation", head("Expect:")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "data"), [pytest.param(*case[:2], case[3], id=case[2]) for case in REFUSED]
)
def test_refuses_what_two_parsers_might_read_in_two_ways(status: int, code: str, data: bytes) -> None:
    """Each odd form has a status and a reason of its own."""
    outcome = parse(data)
    assert isinstance(outcome, Refusal), outcome
    assert (outcome.status, outcome.code) == (status, code)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[2])
def test_a_refusal_quotes_nothing(case: tuple[int, str, str, bytes]) -> None:
    """The message is printable ASCII whatever was sent, so that no line or page can be forged with it."""
    outcome = parse(case[3])
    assert isinstance(outcome, Refusal)
    assert outcome.message.isascii()
    assert outcome.message.isprintable()


TARGETS = [
    pytest.param("GET /a?b HTTP/1.1", "origin", "a.example", id="origin"),
    pytest.param("OPTIONS * HTTP/1.1", "asterisk", "a.example", id="asterisk"),
    pytest.param("GET http://b.example:81/c HTTP/1.1", "absolute", "b.example:81", id="absolute"),
    pytest.param("GET HTTPS://[::1]?x HTTP/1.1", "absolute", "[::1]", id="absolute without a path"),
    pytest.param("OPTIONS http://b.example HTTP/1.1", "absolute", "b.example", id="absolute for a proxy's *"),
]


@pytest.mark.parametrize(("request_line", "form", "host"), TARGETS)
def test_knows_the_forms_of_a_target(request_line: str, form: str, host: str) -> None:
    """RFC 9112 section 3.2: the authority of an absolute target wins over Host."""
    outcome = parse(head(request_line=request_line))
    assert isinstance(outcome, Head)
    assert (outcome.target.form, outcome.host) == (form, host)


@pytest.mark.parametrize(
    ("lines", "request_line", "closes"),
    [
        pytest.param([], "GET / HTTP/1.1", False, id="HTTP/1.1 stays"),
        pytest.param(["Connection: close"], "GET / HTTP/1.1", True, id="HTTP/1.1 closes"),
        pytest.param(["Connection: TE, Close"], "GET / HTTP/1.1", True, id="among others"),
        pytest.param(["Connection: TE", "Connection: close"], "GET / HTTP/1.1", True, id="in another line"),
        pytest.param(["Connection: closed"], "GET / HTTP/1.1", False, id="another word"),
        pytest.param([], "GET / HTTP/1.0", True, id="HTTP/1.0 closes"),
        pytest.param(["Connection: keep-alive"], "GET / HTTP/1.0", False, id="HTTP/1.0 stays"),
        pytest.param(["Connection: keep-alive, close"], "GET / HTTP/1.0", True, id="close wins"),
    ],
)
def test_knows_the_last_request_of_a_connection(lines: list[str], request_line: str, closes: bool) -> None:
    """RFC 9112 section 9.3."""
    outcome = parse(head(*lines, request_line=request_line))
    assert isinstance(outcome, Head)
    assert outcome.closes is closes


def test_a_refused_method_is_told_what_is_offered() -> None:
    """RFC 9110 section 15.5.6: a 405 has an Allow field."""
    outcome = parse(head(request_line="TRACE / HTTP/1.1"))
    assert isinstance(outcome, Refusal)
    assert outcome.headers == (("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),)


@pytest.mark.parametrize(
    ("start", "status"),
    [
        pytest.param(b"\x16\x03\x01\x00\xf8\x01", 400, id="TLS"),
        pytest.param(b"GET /" + b"a" * 8190, 414, id="endless target"),
        pytest.param(b"A" * 8191, 400, id="endless method"),
        pytest.param(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 12_000, 431, id="endless head"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: ", None, id="more may come"),
        pytest.param(b"", None, id="nothing yet"),
    ],
)
def test_refuses_early_what_can_no_longer_become_a_request(start: bytes, status: int | None) -> None:
    """Whoever sends without end gets an answer before the deadline."""
    outcome = check_start(start, LIMITS)
    assert (outcome and outcome.status) == status


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nhost: h:1\r\n\r\n", ("GET", "/a", "h:1"), id="all"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", ("GET", "/a", ""), id="no Host"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: <b>\r\n", ("GET", "/a", "<b>"), id="bad Host"),
        pytest.param(b"GET http://h/ HTTP/1.1\r\n", ("GET", "http://h/", "h"), id="absolute"),
        pytest.param(b"GET /a", ("GET", "/a", ""), id="not complete"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: h\r\nno field\r\nX: 1", ("GET", "/a", "h"), id="bad field"),
        pytest.param(b"GET /" + b"a" * 9000, ("GET", "/" + "a" * 2047, ""), id="long target"),
        pytest.param(b"\x16\x03\x01", None, id="TLS"),
        pytest.param(b"GET /\x1b[2J HTTP/1.1\r\n", None, id="terminal escape"),
        pytest.param(b"", None, id="nothing"),
    ],
)
def test_says_what_a_refused_request_asked_for(start: bytes, expected: tuple[str, str, str] | None) -> None:
    """Method, target and host of a request that may be none, as far as they can be known."""
    found = partial_head(start)
    assert (found and (found.method, found.target.raw, found.host)) == expected


@given(st.binary(max_size=200))
def test_what_a_refused_request_asked_for_is_visible_ascii(data: bytes) -> None:
    """No byte of a client gets into a line of the log or an answer but visible ASCII."""
    found = partial_head(b"GET " + data)
    for part in (found.method, found.target.raw) if found else ():
        assert part.isascii()
        assert part.isprintable()
        assert " " not in part


@given(st.binary(max_size=300))
def test_never_raises(data: bytes) -> None:
    """Any bytes are answered, none raise."""
    assert isinstance(parse(data + b"\r\n\r\n"), Refusal)


SCRAPS = [
    b"GET",
    b" ",
    b"/",
    b"HTTP/1.1",
    b"\r\n",
    b"Host:",
    b"a",
    b":",
    b",",
    b"\t",
    b"\0",
    b"5",
    b"\xff",
    b"*",
]
SCRAPS += [b"Content-Length: ", b"Transfer-Encoding: ", b"chunked", b"http://"]


@given(st.lists(st.sampled_from(SCRAPS), max_size=30))
def test_never_raises_on_scrambled_requests(parts: list[bytes]) -> None:
    """Pieces of requests in any order are answered, none raise."""
    outcome = parse(b"GET / HTTP/1.1\r\nHost: a\r\n" + b"".join(parts) + b"\r\n\r\n")
    assert isinstance(outcome, Head | Refusal)
