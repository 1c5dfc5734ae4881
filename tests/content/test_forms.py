"""Queries and forms as names and values."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.content.forms import MAX_FIELDS, TooManyFields, parse_form, parse_query

QUERIES = [
    pytest.param("", {}, id="empty"),
    pytest.param("a=1&a=2&b", {"a": ["1", "2"], "b": [""]}, id="repeated-and-without-value"),
    pytest.param("a=b=c&=d&&", {"a": ["b=c"], "": ["d"]}, id="odd-signs"),
    pytest.param("a%20b=%C3%BC+x", {"a b": ["ü x"]}, id="encoded"),
    pytest.param("a=%&b=%zz&c=%ff", {"a": ["%"], "b": ["%zz"], "c": ["\ufffd"]}, id="broken-encodings"),
    pytest.param("\xc3\xbc=1", {"ü": ["1"]}, id="raw-bytes-of-utf-8"),
    pytest.param("a;b=1", {"a;b": ["1"]}, id="a-semicolon-separates-nothing"),
]


@pytest.mark.parametrize(("query", "expected"), QUERIES)
def test_query(query: str, expected: dict[str, list[str]]) -> None:
    """Each parameter has its values in order."""
    assert expected == parse_query(query)
    assert expected == parse_form(query.encode("latin-1"))


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60))
def test_as_the_standard_library_reads_it(query: str) -> None:
    """For visible ASCII, the only characters of a target, the standard library finds the same."""
    assert parse_qs(query, keep_blank_values=True) == parse_query(query)


def test_too_many() -> None:
    """As many fields as the bound are listed, one more is refused."""
    assert {"a": [""] * MAX_FIELDS} == parse_query("&".join("a" * MAX_FIELDS))
    with pytest.raises(TooManyFields, match="query"):
        parse_query("a&" * MAX_FIELDS + "a")
    with pytest.raises(TooManyFields, match="form"):
        parse_form(b"a&" * MAX_FIELDS + b"a")
