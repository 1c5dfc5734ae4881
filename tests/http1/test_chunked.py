"""A chunked body is read to its last byte or refused, however it is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import RequestRefused
from yourl.http1.chunked import MAX_LINE, ChunkedBody

LIMIT = 1000


def read(*pieces: bytes) -> ChunkedBody:
    """A body fed piece by piece."""
    body = ChunkedBody(LIMIT)
    for piece in pieces:
        body.feed(piece)
    return body


def refusal_of(*pieces: bytes) -> tuple[int, str] | None:
    try:
        read(*pieces)
    except RequestRefused as malformed:
        return malformed.refusal.status, malformed.refusal.code
    return None


GOOD = [
    pytest.param(b"0\r\n\r\n", b"", id="empty"),
    pytest.param(b"5\r\nhello\r\n0\r\n\r\n", b"hello", id="one chunk"),
    pytest.param(b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"abc", id="two chunks"),
    pytest.param(b"A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2, id="hexadecimal"),
    pytest.param(b"005\r\nhello\r\n000\r\n\r\n", b"hello", id="leading zeros"),
    pytest.param(b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n", id="CRLF as data"),
    pytest.param(b"5;a\r\nhello\r\n0;b=c\r\n\r\n", b"hello", id="extensions"),
    pytest.param(b'5 ; a = "x;\\"y" ;b\r\nhello\r\n0\r\n\r\n', b"hello", id="blanks in extensions"),
    pytest.param(b"0\r\nX-Sum: abc\r\nY:\r\n\r\n", b"", id="trailers"),
]

BAD = [
    *[
        pytest.param(size + b"\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id=f"size {size!r}")
        for size in (
            b"", b" 5", b"5 ", b"\t5", b"5\t", b"0x5", b"5_0", b"+5", b"-5", b"5.0", b"5h", b"Z", b"5,5",
            b"\xb2", b"5\x0b", b"5\0", b"\x005", b"5 5", b"5;", b"5;;a", b"5;=b", b"5;a=", b'5;a="b',
            b"5;a b", b"5;a=b c", b"5;a\x00b", b"5;a\x01", b"5;\x7f", b"5;a=\x1f", b"1" + b"0" * 16,
            b"0" * 17,
        )
    ],
    pytest.param(b"5\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id="bare LF after the size"),
    pytest.param(b"5\rhello\r\n0\r\n\r\n", 400, "bad_chunk", id="bare CR after the size"),
    pytest.param(b"5;a\rb\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id="bare CR in an extension"),
    pytest.param(b"5;a\nb\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id="bare LF in an extension"),
    pytest.param(b"5\r\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id="two CRs"),
    pytest.param(b"5\r\nhello!\r\n0\r\n\r\n", 400, "bad_chunk", id="data longer than its size"),
    pytest.param(b"5\r\nhello0\r\n\r\n", 400, "bad_chunk", id="no CRLF after the data"),
    pytest.param(b"5\r\nhello\n0\r\n\r\n", 400, "bad_chunk", id="LF after the data"),
    pytest.param(b"5\r\nhello\r0\r\n\r\n", 400, "bad_chunk", id="CR after the data"),
    pytest.param(b"5\r\nhell\r\n0\r\n\r\n", 400, "bad_chunk", id="data shorter than its size"),
    pytest.param(b"5;" + b"a" * 65536 + b"\r\nhello\r\n0\r\n\r\n", 400, "bad_chunk", id="64 KiB extension"),
    pytest.param((b"1;" + b"a" * 1000 + b"\r\nx\r\n") * 20, 400, "bad_chunk", id="many long extensions"),
    pytest.param(b"0\r\n" + b"X: y\r\n" * 3000, 400, "bad_chunk", id="endless trailers"),
    pytest.param(b"3E9\r\n", 413, "body_too_large", id="a chunk over the limit"),
    pytest.param(b"3E8\r\n" + b"x" * 1000 + b"\r\n1\r\n", 413, "body_too_large", id="chunks over the limit"),
    pytest.param(b"FFFFFFFFFFFFFFFF\r\n", 413, "body_too_large", id="a size of 64 bits"),
    pytest.param(b"0\r\nGET / HTTP/1.1\r\n\r\n", 400, "bad_trailer", id="a request instead of the last CRLF"),
    pytest.param(b"0\r\n X: folded\r\n\r\n", 400, "bad_trailer", id="folded trailer"),
    pytest.param(b"0\r\nX : y\r\n\r\n", 400, "bad_trailer", id="blank before a trailer's colon"),
    pytest.param(b"0\r\nX: \x00\r\n\r\n", 400, "bad_trailer", id="control in a trailer"),
    pytest.param(b"0\r\nX: y\n\r\n", 400, "bad_chunk", id="bare LF in the trailers"),
    *[
        pytest.param(b"0\r\n" + name + b": x\r\n\r\n", 400, "bad_trailer", id=f"trailer {name.decode()}")
        for name in (b"Content-Length", b"transfer-encoding", b"Host", b"Trailer", b"Authorization", b"TE")
    ],
]  # fmt: skip


@pytest.mark.parametrize(("wire", "content"), GOOD)
def test_reads_a_body_whole_byte_by_byte_and_with_more_behind(wire: bytes, content: bytes) -> None:
    """The pieces do not matter, and what follows the body is left alone."""
    rest = b"GET / HTTP/1.1\r\n"
    for pieces in ([wire + rest], [bytes([byte]) for byte in wire + rest]):
        body = read(*pieces)
        assert body.complete
        assert bytes(body.content) == content
        assert body.take_rest() == rest


@pytest.mark.parametrize(("wire", "_content"), GOOD)
def test_is_never_complete_too_early(wire: bytes, _content: bytes) -> None:
    """Without its last byte a body is neither complete nor refused."""
    for end in range(len(wire)):
        assert not read(wire[:end]).complete


@pytest.mark.parametrize(("wire", "status", "code"), BAD)
def test_refuses_whole_byte_by_byte_and_cut_anywhere(wire: bytes, status: int, code: str) -> None:
    """The same refusal, wherever the bytes are cut."""
    expected = (status, code)
    assert refusal_of(wire) == expected
    assert refusal_of(*(bytes([byte]) for byte in wire)) == expected
    for cut in range(1, min(len(wire), 60)):
        assert refusal_of(wire[:cut], wire[cut:]) == expected


def test_keeps_the_trailers() -> None:
    """Trailer fields are kept as they arrived, in order."""
    assert read(b"0\r\nX-Sum: abc \r\nx-sum:\r\n\r\n").trailers == [("X-Sum", "abc"), ("x-sum", "")]


def test_holds_no_more_than_a_line_of_what_it_cannot_use() -> None:
    """A line without end is refused as soon as it is longer than any line may be."""
    assert refusal_of(b"5;" + b"a" * (MAX_LINE - 2)) == (400, "bad_chunk")


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=10), st.data())
def test_gives_back_what_was_sent(chunks: list[bytes], data: st.DataObject) -> None:
    """Any chunks, cut into any pieces, are the content."""
    wire = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    body = read(*(wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)))
    assert body.complete
    assert bytes(body.content) == b"".join(chunks)


@given(
    st.lists(
        st.sampled_from([b"0", b"5", b"\r\n", b"hello", b"\r", b"\n", b";a", b" ", b"A", b"X: y"]),
        max_size=15,
    )
)
def test_pieces_never_change_the_outcome(parts: list[bytes]) -> None:
    """Whole or byte by byte: complete with the same content, refused alike, or both waiting."""

    def outcome(*pieces: bytes) -> object:
        try:
            body = read(*pieces)
        except RequestRefused as malformed:
            return malformed.refusal
        return body.complete, bytes(body.content) if body.complete else None

    wire = b"".join(parts)
    assert outcome(wire) == outcome(*(bytes([byte]) for byte in wire))
