"""A request's content: never cut, never a crash, decoded where its type says so."""

from __future__ import annotations

import base64
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.content import MAX_FORM_FIELDS, decode_body, read_body
from yourl.errors import BadRequest, BodyTooLarge

BODIES = [
    pytest.param(b"", None, {"size": 0, "text": "", "base64": None}, id="empty"),
    pytest.param(b"hi", "text/plain", {"text": "hi", "base64": None}, id="text"),
    pytest.param("ü".encode("latin-1"), "text/plain; charset=latin-1", {"text": "ü"}, id="charset"),
    pytest.param("ü".encode(), "text/plain; charset=klingon", {"text": "ü"}, id="unknown-charset"),
    pytest.param(b"hi", "text/plain; charset=base64", {"text": "hi"}, id="charset-that-is-none"),
    pytest.param(
        b"\xff\xfe\x00", "text/plain", {"text": None, "base64": base64.b64encode(b"\xff\xfe\x00").decode()},
        id="binary",
    ),
    pytest.param(b'{"a": [1]}', "application/json", {"json": {"a": [1]}, "note": None}, id="json"),
    pytest.param(b"[1]", "application/problem+json; charset=utf-8", {"json": [1]}, id="json-suffix"),
    pytest.param(b"[NaN]", "application/json", {"json": None, "text": "[NaN]"}, id="nan-is-no-json"),
    pytest.param(b"{", "application/json", {"json": None, "text": "{"}, id="broken-json"),
    pytest.param(b"[" * 100_000, "application/json", {"json": None}, id="deep-json"),
    pytest.param(b"9" * 50_000, "application/json", {"json": None}, id="huge-number"),
    pytest.param(
        b"a=1&a=%C3%BC&b=", "application/x-www-form-urlencoded", {"form": {"a": ["1", "ü"], "b": [""]}},
        id="form",
    ),
    pytest.param(b"a=1", "APPLICATION/X-WWW-FORM-URLENCODED", {"form": {"a": ["1"]}}, id="form-upper-case"),
    pytest.param(
        b"a&" * (MAX_FORM_FIELDS + 1), "application/x-www-form-urlencoded", {"form": None}, id="form-too-many"
    ),
    pytest.param(b"x", "multipart/form-data", {"form": None}, id="multipart-without-boundary"),
    pytest.param(b"x", "multipart/form-data; boundary=b", {"form": None}, id="multipart-broken"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "content_type", "expected"), BODIES)
def test_body(content: bytes, content_type: str | None, expected: dict[str, Any]) -> None:
    """A body becomes text or base64, and what its type promises where the bytes keep the promise."""
    body = decode_body(content, content_type)
    assert expected == {name: getattr(body, name) for name in expected}
    assert len(content) == body.size


@pytest.mark.parametrize("content", [b"[NaN]", b"{", b"[" * 100_000, b"9" * 50_000])
def test_broken_json_is_said(content: bytes) -> None:
    """JSON that is none says so, instead of being silently null."""
    assert "JSON" in str(decode_body(content, "application/json").note)


def test_multipart() -> None:
    """Fields and files are told apart; a file shows name, type and size."""
    content = (
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x00\x01\x02\r\n--b--\r\n"
    )
    body = decode_body(content, "multipart/form-data; boundary=b")
    assert body.form == {"a": ["1"]}
    (file,) = body.files
    assert (
        file.field, file.filename, file.content_type, file.size,
    ) == ("f", "x.bin", "application/octet-stream", 3)  # fmt: skip


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=80)))
def test_no_body_raises(content: bytes, content_type: str | None) -> None:
    """Whatever the bytes and whatever their type claims, there is a body to show."""
    body = decode_body(content, content_type)
    assert (body.text is None) != (body.base64 is None)


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded",
                                  "multipart/form-data; boundary=b"])  # fmt: skip
@given(content=st.binary(max_size=300))
def test_no_typed_body_raises(kind: str, content: bytes) -> None:
    """The same for the types that are parsed."""
    assert len(content) == decode_body(content, kind).size


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
