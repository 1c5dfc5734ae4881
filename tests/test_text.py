"""Text for logs and messages, and what text costs as JSON."""

from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.text import excerpt, json_size, percent_decoded, printable


@given(st.text(max_size=80))
def test_printable_text_is_printable(text: str) -> None:
    """Nothing unprintable is left, and printable text stays as it is."""
    assert printable(text).isprintable()
    assert not text.isprintable() or printable(text) == text


@given(st.text(max_size=300), st.integers(1, 50))
def test_an_excerpt_is_short(text: str, limit: int) -> None:
    """However it is escaped, an excerpt is never longer than its limit and an ellipsis."""
    assert len(excerpt(text, limit)) <= limit + 1
    assert excerpt(text, limit).isprintable()


def test_an_excerpt_of_short_text_is_the_text() -> None:
    """What is short enough is not cut."""
    assert excerpt("abc", 3) == "abc"
    assert excerpt("abcd", 3) == "abc…"
    assert excerpt("a\n", 3) == "a\\n"


@given(st.text(max_size=80))
def test_json_size(text: str) -> None:
    """The size is that of the JSON string; with a lone surrogate it is one byte more for each."""
    written = json.dumps(text, ensure_ascii=False)[1:-1].encode("utf-8", "backslashreplace")
    surrogates = sum("\ud800" <= char <= "\udfff" for char in text)
    assert len(written) + surrogates == json_size(text)


@pytest.mark.parametrize("char", [chr(code) for code in range(0x80)])
def test_json_size_of_each_ascii_character(char: str) -> None:
    """Each ASCII character counts as it is escaped."""
    assert len(json.dumps(char, ensure_ascii=False)) - 2 == json_size(char)


@given(st.binary(max_size=40) | st.text(st.sampled_from("%2fFaA0gG"), max_size=40).map(str.encode))
def test_percent_decoding(text: bytes) -> None:
    """The standard library decodes the same."""
    assert unquote_to_bytes(text) == percent_decoded(text)
