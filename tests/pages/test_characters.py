"""Invisible characters are named, and nothing else is changed."""

from __future__ import annotations

import pytest

from yourl.pages.characters import pieces, plain


@pytest.mark.parametrize(
    ("value", "lines", "expected"),
    [
        pytest.param("plain", False, [("plain", False)], id="plain"),
        pytest.param("", False, [], id="empty"),
        pytest.param("a\u202eb", False, [("a", False), ("U+202E", True), ("b", False)], id="direction"),
        pytest.param("\ud800", False, [("U+D800", True)], id="lone-surrogate"),
        pytest.param(
            "a\n\tb", False, [("a", False), ("U+000A U+0009", True), ("b", False)], id="line-end-in-a-line"
        ),
        pytest.param("a\n\tb", True, [("a\n\tb", False)], id="line-end-in-a-block"),
        pytest.param("a\r\nb", True, [("a", False), ("U+000D", True), ("\nb", False)], id="carriage-return"),
        pytest.param(
            "\x00" * 1000, False, [(" ".join(["U+0000"] * 8) + " and 992 more", True)], id="a-run-is-counted"
        ),
        pytest.param("مرحبا 日本 é ✓", False, [("مرحبا 日本 é ✓", False)], id="other-scripts-stay"),
        pytest.param(443, False, [("443", False)], id="number"),
        pytest.param(None, False, [], id="nothing"),
        pytest.param(True, False, [("yes", False)], id="boolean"),
    ],
)
def test_names_what_cannot_be_seen(value: object, lines: bool, expected: list[tuple[str, bool]]) -> None:
    """A value is cut into what can be read and the names of what cannot."""
    assert [(piece.text, piece.invisible) for piece in pieces(value, lines)] == expected


def test_cuts_a_title() -> None:
    """A title is one line of bounded length."""
    assert plain("a\nb" + "x" * 300, 10) == "a\N{REPLACEMENT CHARACTER}bxxxxxx…"
