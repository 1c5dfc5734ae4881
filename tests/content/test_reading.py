"""Reading a body: never cut, never more than the limit, and whatever breaks is the client's fault."""

from __future__ import annotations

import io
from typing import Any

import pytest

from yourl.content import read_body
from yourl.errors import BadRequest, BodyTooLarge


def body_environ(content: bytes, **extra: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(content), **extra}


def test_reads_up_to_the_limit() -> None:
    """A body as long as the limit is read whole."""
    assert read_body(body_environ(b"12345", CONTENT_LENGTH="5"), 5) == b"12345"


def test_announced_length_over_the_limit() -> None:
    """A Content-Length over the limit is refused before a byte is read."""
    with pytest.raises(BodyTooLarge):
        read_body(body_environ(b"", CONTENT_LENGTH="6"), 5)


def test_unannounced_length_over_the_limit() -> None:
    """A chunked body over the limit is refused, not cut."""
    with pytest.raises(BodyTooLarge):
        read_body(body_environ(b"123456", **{"wsgi.input_terminated": True}), 5)


def test_body_that_ends_early() -> None:
    """A body shorter than announced is refused, not shown as if whole."""
    with pytest.raises(BadRequest, match="after 3 of the 5 bytes"):
        read_body(body_environ(b"123", CONTENT_LENGTH="5"), 10)


@pytest.mark.parametrize("text", ["+5", "-5", "5, 5", "0x5", "٥", "9" * 30])
def test_odd_content_length(text: str) -> None:
    """Only plain decimal digits are a length."""
    with pytest.raises(BadRequest):
        read_body(body_environ(b"12345", CONTENT_LENGTH=text), 10)


def test_broken_framing_is_the_clients_fault() -> None:
    """An error that the server's stream raises becomes a 400, whatever its class."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise RuntimeError("bad chunk")

    with pytest.raises(BadRequest, match="framing"):
        read_body({"wsgi.input": Broken(), "wsgi.input_terminated": True}, 10)


def test_a_stream_without_an_end_is_not_read() -> None:
    """Without length and without a terminated stream there is no body (PEP 3333)."""
    assert read_body(body_environ(b"next request"), 10) == b""
