"""What a connection sends becomes the same requests and refusals, however it is cut into pieces."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yourl.errors import Refusal
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader

LIMITS = Limits(body_size=1000)
FUZZED_INPUTS = int(os.environ.get("FUZZED_INPUTS", "2000"))

GET = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
POST = b"POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello"
CHUNKS_FOLLOW = b" HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED = b"POST /c" + CHUNKS_FOLLOW + b"5\r\nhello\r\n0\r\nX: y\r\n\r\n"
EMPTY_CHUNKED = b"POST /d" + CHUNKS_FOLLOW + b"0\r\n\r\n"
TOO_LONG = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1001\r\n\r\n"
SMUGGLED = (
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET
)


def outcomes(*pieces: bytes) -> list[tuple[object, ...]]:
    """All that comes of the pieces; a refusal is the last of it, as the connection closes."""
    reader = RequestReader(LIMITS)
    found: list[tuple[object, ...]] = []
    for piece in pieces:
        outcome = reader.feed(piece)
        while outcome is not None:
            if isinstance(outcome, Refusal):
                return [*found, (outcome.status, outcome.code)]
            found.append((outcome.head.method, outcome.head.target.raw, outcome.body, outcome.trailers))
            outcome = reader.advance() if reader.size else None
    return found


CASES = [
    pytest.param(GET, [("GET", "/a", b"", ())], id="no body"),
    pytest.param(POST, [("POST", "/b", b"hello", ())], id="a length"),
    pytest.param(CHUNKED, [("POST", "/c", b"hello", (("X", "y"),))], id="chunks and trailers"),
    pytest.param(EMPTY_CHUNKED, [("POST", "/d", b"", ())], id="no chunks"),
    pytest.param(b"\r\n" + GET, [("GET", "/a", b"", ())], id="one empty line before"),
    pytest.param(b"\r\n\r\n" + GET, [(400, "bad_request_line")], id="two empty lines before"),
    pytest.param(
        GET + POST + CHUNKED + GET,
        [
            ("GET", "/a", b"", ()),
            ("POST", "/b", b"hello", ()),
            ("POST", "/c", b"hello", (("X", "y"),)),
            ("GET", "/a", b"", ()),
        ],
        id="pipelined",
    ),
    pytest.param(TOO_LONG, [(413, "body_too_large")], id="too long by its length"),
    pytest.param(
        EMPTY_CHUNKED[:-5] + b"3E9\r\n" + b"x" * 1001, [(413, "body_too_large")], id="too long by its chunks"
    ),
    pytest.param(EMPTY_CHUNKED[:-5] + b"0x5\r\n", [(400, "bad_chunk")], id="bad chunk"),
    pytest.param(SMUGGLED, [(400, "conflicting_length")], id="length and chunks"),
    pytest.param(
        b"GET / HTTP/1.1\nHost: a\n\n", [(400, "bad_line_end")], id="bare LF, which never ends a head"
    ),
    pytest.param(
        GET + b"\nGET / HTTP/1.1\r\n", [("GET", "/a", b"", ()), (400, "bad_line_end")], id="LF first"
    ),
    pytest.param(b"\x16\x03\x01\x02", [(400, "tls_on_plain_port")], id="TLS"),
    pytest.param(b"GET /", [], id="not yet"),
    pytest.param(POST[:-1], [], id="body not yet"),
]


@pytest.mark.parametrize(("wire", "expected"), CASES)
def test_pieces_do_not_matter(wire: bytes, expected: list[tuple[object, ...]]) -> None:
    """Whole, byte by byte, or cut once anywhere: the outcome is the same."""
    assert outcomes(wire) == expected
    assert outcomes(*(bytes([byte]) for byte in wire)) == expected
    for cut in range(1, min(len(wire), 400)):
        assert outcomes(wire[:cut], wire[cut:]) == expected


@pytest.mark.parametrize("wire", [GET, POST, CHUNKED, EMPTY_CHUNKED])
def test_a_client_that_stops_early_is_told(wire: bytes) -> None:
    """The end of input is in order between two requests and nowhere else."""
    for end in range(len(wire) + 1):
        reader = RequestReader(LIMITS)
        reader.feed(wire[:end])
        refusal = reader.end()
        expected = None if end in (0, len(wire)) else "incomplete_request"
        assert (refusal.code if refusal else None) == expected


def test_holds_what_it_was_given_and_no_more() -> None:
    """``size`` is what waits in memory, whether head, body or decoded chunks."""
    reader = RequestReader(LIMITS)
    reader.feed(EMPTY_CHUNKED[:-5])
    assert reader.size == 0
    reader.feed(b"5\r\nhello\r\n")
    assert reader.size == 5
    reader.feed(b"0\r\n\r\nGET")
    assert reader.size == 3


def test_the_head_is_known_as_soon_as_it_is_there() -> None:
    """Whoever awaits the body can see what is expected."""
    reader = RequestReader(LIMITS)
    reader.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert reader.head is not None
    assert reader.head.expects_continue
    assert isinstance(reader.feed(b"hello"), ReceivedRequest)
    assert reader.head is None


SCRAPS = [
    GET,
    POST,
    CHUNKED,
    b"GET ",
    b"/",
    b" HTTP/1.1\r\n",
    b"Host: a\r\n",
    b"\r\n",
    b"\n",
    b"\r",
    b"0\r\n",
    b"5\r\n",
]
SCRAPS += [
    b"hello",
    b"Content-Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"\0",
    b"\xff",
    b"\x16",
    b"X:",
    b" ",
]


@settings(max_examples=FUZZED_INPUTS, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=20)), max_size=12), st.data())
def test_any_bytes_in_any_pieces_have_one_outcome(parts: list[bytes], data: st.DataObject) -> None:
    """Fuzz: nothing raises, and cutting never changes what is understood."""
    wire = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=5)))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True) if b > a]
    assert outcomes(*pieces) == (outcomes(wire) if wire else [])
