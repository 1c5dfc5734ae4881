"""Multipart forms: fields, files, and everything that is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.content.forms import MAX_FIELDS
from yourl.content.multipart import MAX_PART_HEADER, UploadedFile, parse_multipart

FIELD = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
FILE = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="x.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n\x00\x01\x02\r\n"
)
END = b"--b--\r\n"
X_BIN = UploadedFile("f", "x.bin", "application/octet-stream", 3)


def test_fields_and_files() -> None:
    """Fields and files are told apart; a file shows name, type and size."""
    assert ({"a": ["1"]}, (X_BIN,)) == parse_multipart(FIELD + FILE + END, "b")


READ = [
    pytest.param(END, {}, id="no-parts"),
    pytest.param(FIELD + FIELD + END, {"a": ["1", "1"]}, id="a-field-twice"),
    pytest.param(b"a preamble\r\n" + FIELD + END + b"an epilogue", {"a": ["1"]}, id="text-around"),
    pytest.param(FIELD.replace(b"--b\r\n", b"--b \t\r\n") + END, {"a": ["1"]}, id="blanks-after-a-boundary"),
    pytest.param(FIELD.replace(b"\r\n1", b"\r\n1\r\n--c") + END, {"a": ["1\r\n--c"]}, id="nearly-a-boundary"),
    pytest.param(FIELD.replace(b"1", "ü".encode()) + END, {"a": ["ü"]}, id="utf-8"),
    pytest.param(FIELD.replace(b"1", b"\xff") + END, {"a": ["\ufffd"]}, id="no-utf-8"),
    pytest.param(FIELD.replace(b"1", b"") + END, {"a": [""]}, id="empty"),
    pytest.param(FIELD.replace(b'"a"', b'"a;b"') + END, {"a;b": ["1"]}, id="semicolon-in-a-name"),
    pytest.param(FIELD.replace(b"Content-D", b"content-d") + END, {"a": ["1"]}, id="lower-case"),
    pytest.param(FIELD.replace(b"; name", b"; name*=utf-8''%C3%BC; x") + END, {"ü": ["1"]}, id="extended"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "form"), READ)
def test_read(content: bytes, form: dict[str, list[str]]) -> None:
    """What browsers and programs send is read."""
    assert form == parse_multipart(content, "b")[0]


BROKEN = [
    pytest.param(b"", "b", id="empty"),
    pytest.param(b"x", "b", id="no-boundary"),
    pytest.param(FIELD, "b", id="no-end"),
    pytest.param(FIELD[:20], "b", id="no-header-end"),
    pytest.param(FIELD + END, "", id="boundary-not-named"),
    pytest.param(FIELD + END, "b" * 71, id="long-boundary"),
    pytest.param(FIELD + END, "ü", id="boundary-outside-ascii"),
    pytest.param(FIELD.replace(b"--b\r\n", b"--bc\r\n") + END, "b", id="more-after-the-boundary"),
    pytest.param(FIELD.replace(b"form-data", b"attachment") + END, "b", id="no-form-data"),
    pytest.param(b"--b\r\n\r\n1\r\n" + END, "b", id="no-header"),
    pytest.param(FIELD.replace(b'"a"', b'"' + b"a" * MAX_PART_HEADER + b'"') + END, "b", id="long-header"),
    pytest.param(FIELD.replace(b'"a"', b"a" + b";b=c" * 20) + END, "b", id="many-parameters"),
    pytest.param(FIELD * (MAX_FIELDS + 1) + END, "b", id="too-many-parts"),
    pytest.param(FIELD.replace(b"1", b"1" * 2**18) + FIELD + END, "b", id="long-fields"),
]


@pytest.mark.parametrize(("content", "boundary"), BROKEN)
def test_broken(content: bytes, boundary: str) -> None:
    """What is broken or over a bound is refused with a sentence."""
    with pytest.raises(ValueError, match=r"[a-z]\.\Z"):
        parse_multipart(content, boundary)


@given(
    st.lists(
        st.sampled_from(
            [b"--b", b"--b--", b"\r\n", b"\r", b"-", b"Content-Disposition: form-data; name=a", b"x"]
        ),
        max_size=30,
    )
)
def test_any_mixture_is_read_or_refused(parts: list[bytes]) -> None:
    """No sequence of boundaries, line ends and text raises anything but ValueError."""
    with contextlib.suppress(ValueError):
        form, files = parse_multipart(b"--b\r\n" + b"".join(parts) + b"\r\n--b--", "b")
        assert all(name.startswith("a") for name in form)
        assert () == files


def test_the_content_of_a_file_is_exact() -> None:
    """A file's size is that of its bytes, whatever they are."""
    for content in (b"", b"\r\n", b"-b", b"\r\n-", b"\r\n\r\n", b"\0" * 100_000):
        (file,) = parse_multipart(FILE.replace(b"\x00\x01\x02", content) + END, "b")[1]
        assert len(content) == file.size
