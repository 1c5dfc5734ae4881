"""A request's content: never a crash, decoded where its type says so, and never much longer than it was."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.content import MAX_FIELDS, decode_body
from yourl.content.body import FREE, GROWTH
from yourl.json_text import json_bytes
from yourl.representation import body_document

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
TEXT = "text/plain; charset"
MANY = b"1,"
BODIES = [
    pytest.param(b"", None, {"size": 0, "text": "", "base64": None}, id="empty"),
    pytest.param(b"hi", "text/plain", {"text": "hi", "base64": None}, id="text"),
    pytest.param("ü".encode("latin-1"), f"{TEXT}=latin-1", {"text": "ü"}, id="charset"),
    pytest.param("ü".encode(), f"{TEXT}=klingon", {"text": None, "base64": "w7w="}, id="unknown-charset"),
    pytest.param(b"hi", f"{TEXT}=base64", {"text": None, "base64": "aGk="}, id="charset-that-is-none"),
    pytest.param(b"hi-", f"{TEXT}=punycode", {"text": None, "base64": "aGkt"}, id="quadratic-codec"),
    pytest.param("ü".encode(), f"{TEXT}=ibm866; x", {"text": "├╝"}, id="another-charset"),
    pytest.param("ü€".encode(), f"{TEXT}=windows-1253", {"text": "ΓΌβ‚¬"}, id="greek"),
    pytest.param(b"\0" * 5000, "text/plain", {"text": None}, id="control-characters"),
    pytest.param(b"\x1b[1mred\x1b[0m", "text/plain", {"text": "\x1b[1mred\x1b[0m"}, id="few-controls"),
    pytest.param(b"[1e9999]", JSON, {"json": None, "text": "[1e9999]"}, id="infinity-is-no-json"),
    pytest.param(b"[" + MANY * 9000 + b"1]", JSON, {"json": [1] * 9001}, id="long-json"),
    pytest.param(b"[" + MANY * 10_000 + b"1]", JSON, {"json": None}, id="json-of-too-many"),
    pytest.param(b'"' + b"a" * 2**18 + b'"', JSON, {"json": None}, id="too-long-json"),
    pytest.param(b"[" * 200 + b"]" * 200, JSON, {"note": None}, id="deep-json-within-the-bound"),
    pytest.param(b"[" * 202 + b"]" * 202, JSON, {"json": None}, id="json-over-the-bound-of-depth"),
    pytest.param("ü=ü".encode(), FORM, {"form": {"ü": ["ü"]}}, id="form-of-raw-utf-8"),
    pytest.param(
        b"\xff\xfe\x00", "text/plain", {"text": None, "base64": base64.b64encode(b"\xff\xfe\x00").decode()},
        id="binary",
    ),
    pytest.param(b'{"a": [1]}', JSON, {"json": {"a": [1]}, "note": None}, id="json"),
    pytest.param(b"[1]", "application/problem+json; charset=utf-8", {"json": [1]}, id="json-suffix"),
    pytest.param(b"[NaN]", JSON, {"json": None, "text": "[NaN]"}, id="nan-is-no-json"),
    pytest.param(b"{", JSON, {"json": None, "text": "{"}, id="broken-json"),
    pytest.param(b"[" * 100_000, JSON, {"json": None}, id="deep-json"),
    pytest.param(b"9" * 50_000, JSON, {"json": None}, id="huge-number"),
    pytest.param(
        b"a=1&a=%C3%BC&b=", FORM, {"form": {"a": ["1", "ü"], "b": [""]}},
        id="form",
    ),
    pytest.param(b"a=1", "APPLICATION/X-WWW-FORM-URLENCODED", {"form": {"a": ["1"]}}, id="form-upper-case"),
    pytest.param(
        b"a&" * (MAX_FIELDS + 1), FORM, {"form": None}, id="form-too-many"
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


@pytest.mark.parametrize("content", [b"[NaN]", b"{", b"[" * 100_000, b"[" * 5000, b"9" * 50_000, b"[-1e400]"])
def test_broken_json_is_said(content: bytes) -> None:
    """JSON that is none says so, instead of being silently null."""
    assert "JSON" in str(decode_body(content, JSON).note)


@given(st.binary(max_size=300), st.one_of(st.none(), st.text(max_size=80)))
def test_no_body_raises(content: bytes, content_type: str | None) -> None:
    """Whatever the bytes and whatever their type claims, there is a body to show."""
    body = decode_body(content, content_type)
    assert (body.text is None) != (body.base64 is None)


@pytest.mark.parametrize("kind", [JSON, FORM,
                                  "multipart/form-data; boundary=b"])  # fmt: skip
@given(content=st.binary(max_size=300))
def test_no_typed_body_raises(kind: str, content: bytes) -> None:
    """The same for the types that are parsed."""
    assert len(content) == decode_body(content, kind).size


def test_a_name_twice_in_json_is_said() -> None:
    """Of a name that stands twice in an object only the last value is shown, and a note says so."""
    body = decode_body(b'{"a": 1, "a": 2}', JSON)
    assert {"a": 2} == body.json
    assert "twice" in str(body.note)


def test_an_unknown_charset_is_said() -> None:
    """What is shown as bytes because of its charset says so."""
    assert "charset" in str(decode_body(b"hi", f"{TEXT}=utf-7").note)


PART = b"--b\r\nContent-Disposition: form-data; name=%s\r\n\r\n\r\n"
COSTLY = {
    "floats": (JSON, b"[" + b"1e15," * 9_000 + b"1]"),
    "few-floats": (JSON, b"[" + b"1e15," * 1_500 + b"1]"),
    "quotes": (JSON, b"[" + b'"\\"",' * 5_000 + b"1]"),
    "surrogates": (JSON, b"[" + b'"\\ud800",' * 5_000 + b"1]"),
    "rows": (JSON, b"[" + b'{"a":[1]},' * 1_500 + b"1]"),
    "deep": (JSON, b"[" * 200 + b"1," * 2_000 + b"1" + b"]" * 200),
    "blanks": (JSON, b"\n" * 60_000 + b"1"),
    "nul": ("text/plain", b"\0" * 60_000),
    "some-nul": ("text/plain", b"\0aa" * 20_000),
    "line-ends": ("text/plain", b"\n" * 60_000),
    "koi8": (f"{TEXT}=koi8-r", b"\x82" * 60_000),
    "half-width": (f"{TEXT}=shift_jis", b"\xb1" * 60_000),
    "form-nul": (FORM, b"a=" + b"%00" * 20_000),
    "form-raw-nul": (FORM, b"a=" + b"\0" * 20_000),
    "form-invalid": (FORM, b"a=" + b"%ff" * 20_000),
    "form-names": (FORM, b"&".join(b"%x" % n for n in range(MAX_FIELDS))),
    "fields": (MULTIPART, PART % b"a" * 900 + b"--b--"),
    "files": (MULTIPART, PART % b"a; filename=b" * 900 + b"--b--"),
}  # fmt: skip


@pytest.mark.parametrize("kind", COSTLY)
def test_a_body_costs_a_bounded_answer(kind: str) -> None:
    """Whatever a body is, its JSON stays within its bound, the indentation included."""
    content_type, content = COSTLY[kind]
    document = body_document(decode_body(content, content_type))
    assert len(json_bytes(document)) <= GROWTH * len(content) + FREE + 17 * 1024
    assert len(json_bytes({"inspection": {"body": document}})) <= GROWTH * len(content) + FREE + 17 * 1024


@given(st.binary(max_size=300), st.sampled_from([JSON, FORM, None]))
def test_any_small_body_costs_a_bounded_answer(content: bytes, content_type: str | None) -> None:
    """The same for random bytes."""
    document = body_document(decode_body(content * 20, content_type))
    assert len(json_bytes(document)) <= GROWTH * 20 * len(content) + FREE
