"""Charsets: only those on the list, each of them read as Python reads it."""

from __future__ import annotations

import codecs

import pytest

from yourl.content.charsets import CODECS, decode_text


@pytest.mark.parametrize("codec", sorted(set(CODECS.values())))
def test_every_codec_exists_and_decodes_text(codec: str) -> None:
    """Each codec on the list is one of Python's, and one for text."""
    assert codecs.lookup(codec)
    label = next(label for label, name in CODECS.items() if name == codec)
    assert ("Az 09", None) == decode_text("Az 09".encode(codec), label)


@pytest.mark.parametrize(
    "label", ["UTF-8", " utf-8 ", "Latin1", "ISO-8859-1", "Shift_JIS", "windows-1252", "GB18030"]
)
def test_labels_in_any_case(label: str) -> None:
    """Labels are alike in any case, with blanks around them."""
    assert ("hi", None) == decode_text(b"hi", label)


@pytest.mark.parametrize(
    "label",
    ["punycode", "idna", "utf-7", "utf-32", "rot13", "hex", "zlib", "bz2", "uu", "quopri", "undefined",
     "unicode_escape",
     "raw_unicode_escape", "mbcs", "klingon", "../../x", "x" * 8000, "\0", "os"],
)  # fmt: skip
def test_no_other_codec_is_looked_up(label: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is not on the list reaches no codec; the bytes are shown, with a note."""
    looked_up: list[str] = []
    monkeypatch.setattr("yourl.content.charsets._decoded", lambda content, codec: looked_up.append(codec))
    text, note = decode_text(b"hi", label)
    assert (None, []) == (text, looked_up)
    assert "charset" in str(note)


def test_content_that_does_not_fit() -> None:
    """Content that is not in its charset is tried as UTF-8, and a note says so."""
    text, note = decode_text("ü".encode(), "utf-16")
    assert text == "볃"
    text, note = decode_text("üa".encode(), "utf-16")
    assert text == "üa"
    assert "does not fit" in str(note)
    assert None is decode_text(b"\xff", "big5")[0]


def test_no_charset_is_utf_8() -> None:
    """Without a label the content is UTF-8 or it is no text, which needs no note."""
    assert ("ü", None) == decode_text("ü".encode(), "")
    assert (None, None) == decode_text(b"\xff", "")
