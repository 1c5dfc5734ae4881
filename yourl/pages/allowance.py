"""How much of a page the values of a request may take.

A page must not cost far more than the request that it shows: its size is bounded by what was sent. Each value
is shown up to a limit of its own and as long as the page's total lasts; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from markupsafe import Markup

from yourl.pages.characters import shown, size_of

VALUE = 1000
"""Bytes of HTML that a single value may take, unless its place says otherwise."""

SENTENCE = 600

_NONE = Markup('<span class="none">none</span>')
_EMPTY = Markup('<span class="none">empty</span>')
_VALUE = Markup("<bdi>{}</bdi>")
_TEXT = Markup('<bdi class="text">{}</bdi>')
_ROW = 80  # bytes of markup around the value of a row
_MORE = Markup('<span class="more">… {} more {}</span>')


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a list that are shown, and how many are left out."""

    shown: list[Any]
    left_out: int


class Allowance:
    """The bytes of HTML that values may still take on one page."""

    def __init__(self, total: int, rows: int) -> None:
        """``rows``: the most rows of one list."""
        self._left = total
        self._rows = rows

    def show(self, value: object, limit: int = VALUE, lines: bool = False) -> Markup:
        """The value as HTML, with the number of characters that are left out, if any."""
        markup, left_out = shown(value, min(limit, self._left), lines)
        self._left -= size_of(markup)
        if not left_out:
            return markup
        return markup + _MORE.format(f"{left_out:,}", "character" if left_out == 1 else "characters")

    def value(self, given: object, limit: int = VALUE) -> Markup:
        """A value, isolated so that it cannot turn the text around it; a word where there is none."""
        if given is None:
            return _NONE
        return _VALUE.format(self.show(given, limit)) if given != "" else _EMPTY

    def text(self, given: object) -> Markup:
        """A sentence of the server's, which may quote what a client sent."""
        return _TEXT.format(self.show(given, SENTENCE))

    def rows(self, rows: Iterable[Any], count: int) -> Rows:
        """The first of ``count`` rows."""
        number = max(0, min(count, self._rows, self._left // _ROW))
        self._left -= number * _ROW
        return Rows(list(islice(rows, number)), count - number)
