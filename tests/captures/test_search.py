"""What a query's words match: the one meaning for every store."""

from __future__ import annotations

import re
import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.captures.samples import capture_of
from yourl.captures.codec import pack_head, pack_summary
from yourl.captures.search import (
    MAX_TEXT,
    body_text,
    index_text,
    may_match,
    searchable_text,
    terms_of,
    text_matches,
)
from yourl.captures.sqlite.text_index import match_of


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("", "anything", True),
        ("  ", "anything", True),
        ("abc", "xabc abcd", True),
        ("abc", "xabc", False),
        ("bc-", "abc-", False),
        ("-bc", "a-bc", True),
        ("a b", "b a", True),
        ("a b", "a", False),
        ("straße", "STRASSE", True),
        ("ﬁn", "fin", True),
        ("é1", "é12", True),
        ("1é", "21é", False),
    ],
)
def test_matching(query: str, text: str, expected: bool) -> None:
    """Each word must begin where a word of the text begins; case does not count."""
    assert expected == text_matches(text.casefold(), terms_of(query))


def test_bounds() -> None:
    """Neither a long query nor a long body is looked at beyond its bound."""
    assert 8 == len(terms_of("a " * 100))
    assert len(body_text(b"a" * 10**6)) == MAX_TEXT
    assert "" == body_text(bytes(range(128, 256)) * 10)


PIECES = st.sampled_from(
    ["a", "b1", "A", "-", " ", "_", "é", "世", "ß", "İ", "\x00", "ab", "\ud800", ".", '"', "*"]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join)


@given(TEXTS, TEXTS)
@settings(max_examples=300, deadline=None)
@example("İ", "i")
def test_the_index_misses_nothing(text: str, query: str) -> None:
    """Whatever matches is among the candidates of the index."""
    folded = searchable_text("", (), text.encode("utf-8", "replace"))
    terms = terms_of(query)
    if not match_of(terms) or not text_matches(folded, terms):
        return
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE t USING fts5 (text, content='', detail=none, tokenize='ascii')")
    connection.execute("INSERT INTO t (rowid, text) VALUES (1, ?)", (index_text(folded),))
    found = connection.execute("SELECT rowid FROM t WHERE t MATCH ?", (match_of(terms),)).fetchall()
    connection.close()
    assert [(1,)] == found, (folded, query)


@given(TEXTS, TEXTS, TEXTS)
@settings(max_examples=300)
def test_the_quick_look_misses_nothing(url: str, text: str, query: str) -> None:
    """Whatever matches passes the look at what is stored."""
    body = text.encode("utf-8", "replace")
    capture = capture_of(
        url=url, body=body, fields=(("X-Any", text.encode("utf-8", "replace").decode("latin-1")),)
    )
    terms = terms_of(query)
    if text_matches(searchable_text(url, capture.fields, body), terms):
        assert may_match(pack_summary(capture.summary), pack_head(capture), body, terms)


def test_the_quick_look_saves_work() -> None:
    """A word that is nowhere is told without reading JSON."""
    capture = capture_of()
    stored = pack_summary(capture.summary), pack_head(capture), capture.body
    assert may_match(*stored, terms_of("x-event PAID shop.example"))
    assert not may_match(*stored, terms_of("paid nowhere"))


@given(st.text(max_size=60))
def test_no_query_is_an_expression(query: str) -> None:
    """A query's words reach the index as quoted tokens only."""
    assert re.fullmatch(r'(?:"[^"]+"\*?(?: AND |$))*', match_of(terms_of(query))) is not None
