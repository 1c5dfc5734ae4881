"""A value as HTML: escaped, cut where it is long, its invisible characters named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.pages import characters
from yourl.pages.characters import Shown, plain, shown

UNSEEN = '<span class="unseen">{}</span>'

VALUES = [
    pytest.param("plain", False, "plain", id="plain"),
    pytest.param("", False, "", id="empty"),
    pytest.param("<b>&\"'", False, "&lt;b&gt;&amp;\"'", id="markup"),
    pytest.param("a\u202eb", False, f"a{UNSEEN.format('U+202E')}b", id="direction"),
    pytest.param("\ud800", False, UNSEEN.format("U+D800"), id="lone-surrogate"),
    pytest.param("a\n\tb", False, f"a{UNSEEN.format('U+000A U+0009')}b", id="line-end-in-a-line"),
    pytest.param("a\n\tb", True, "a\n\tb", id="line-end-in-a-block"),
    pytest.param("a\r\nb", True, f"a{UNSEEN.format('U+000D')}\nb", id="carriage-return"),
    pytest.param(
        "\x00" * 1000, False, UNSEEN.format(" ".join(["U+0000"] * 8) + " and 992 more"), id="a-run-is-counted"
    ),
    pytest.param("مرحبا 日本 é ✓", False, "مرحبا 日本 é ✓", id="other-scripts-stay"),
    pytest.param(443, False, "443", id="number"),
    pytest.param(None, False, "", id="nothing"),
    pytest.param(True, False, "yes", id="boolean"),
]


@pytest.mark.parametrize(("value", "lines", "expected"), VALUES)
def test_shows(value: object, lines: bool, expected: str) -> None:
    """What can be read stays, what cannot is named, and nothing becomes markup."""
    assert shown(value, 2000, lines) == Shown(expected, len(expected.encode()), 0)


HARD = ['"' * 999, "é" * 999, "\U0001f600" * 999, "a\x85" * 999, "\u202e" * 999, "x" * 10 + "&" * 999]


@pytest.mark.parametrize("text", HARD)
@pytest.mark.parametrize("limit", [0, 1, 4, 5, 20, 33, 100, 500])
def test_is_cut(text: str, limit: int) -> None:
    """The HTML never takes more bytes than allowed, and what is left out is counted."""
    cut = shown(text, limit)
    assert len(cut.html.encode()) == cut.size <= limit
    assert cut.left_out > 0
    assert shown(text[: len(text) - cut.left_out], 10**6) == Shown(cut.html, cut.size, 0)


@given(st.text(max_size=300), st.integers(0, 400))
def test_the_rest_is_counted(text: str, limit: int) -> None:
    """Whatever the text: what is shown and what is left out make the whole."""
    beginning = shown(text, limit)
    assert len(beginning.html.encode("utf-8")) == beginning.size <= limit
    assert 0 <= beginning.left_out <= len(text)


def test_is_never_put_into_an_attribute() -> None:
    """No template uses such HTML inside a tag, where a quotation mark would end the attribute."""
    templates = Path(characters.__file__).parent / "templates"
    inside = re.compile(r"<[^>]*\{\{[-\s]*(?:show|value|text)\b")
    assert [
        path.name for path in templates.iterdir() if inside.search(path.read_text(encoding="utf-8"))
    ] == []


def test_uses_the_room() -> None:
    """Ordinary text is not cut before its limit."""
    assert shown("x" * 999, 500).html == "x" * 500


def test_cuts_a_title() -> None:
    """A title is one line of bounded length."""
    assert plain("a\nb" + "x" * 300, 10) == "a\N{REPLACEMENT CHARACTER}bxxxxxx…"
