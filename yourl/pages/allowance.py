"""How much of a page the values of a request may take.

A page must not cost far more than the request that it shows: its size is bounded by what was sent. Each value
is shown up to a limit of its own and as long as the page's total lasts; what is left out is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, cast

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from yourl.pages.characters import is_html_already, shown

VALUE = 1000
"""Bytes of HTML that a single value may take, unless its place says otherwise."""

SENTENCE = 600

_NONE = Markup('<span class="none">none</span>')
_EMPTY = Markup('<span class="none">empty</span>')
_ROW = 80  # bytes of markup around the value of a row
_MORE = '<span class="more">… {:,} more {}</span>'


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

    def show(self, value: object, limit: int = VALUE, lines: bool = False) -> str:
        """The value as HTML, with the number of characters that are left out, if any."""
        # Nine of ten values are short and plain. To see that first takes a third of the time.
        if isinstance(value, str) and len(value) <= min(limit, self._left) and is_html_already(value):
            self._left -= len(value)
            return value
        beginning = shown(value, min(limit, self._left), lines)
        self._left -= beginning.size
        left_out = beginning.left_out
        if not left_out:
            return beginning.html
        return beginning.html + _MORE.format(left_out, "character" if left_out == 1 else "characters")

    def rows(self, rows: Iterable[Any], count: int) -> Rows:
        """The first of ``count`` rows."""
        number = max(0, min(count, self._rows, self._left // _ROW))
        self._left -= number * _ROW
        return Rows(list(islice(rows, number)), count - number)


# The filters make the values safe: what ``Allowance.show`` gives is escaped. ``Markup.format`` would take ten
# times as long, a hundred times on a page, and Markup's own constructor three times, to ask for ``__html__``.
_markup = cast(Callable[[str], Markup], partial(str.__new__, Markup))


@pass_context
def show(context: Context, value: object, limit: int = VALUE, lines: bool = False) -> Markup:
    """The filter ``show``: a value as HTML, by the allowance of the page."""
    allowance: Allowance = context["allowance"]
    return _markup(allowance.show(value, limit, lines))


@pass_context
def value(context: Context, given: object, limit: int = VALUE) -> Markup:
    """The filter ``value``: isolated, so that it cannot turn the text around it; a word for none."""
    if given is None:
        return _NONE
    if given == "":
        return _EMPTY
    allowance: Allowance = context["allowance"]
    return _markup(f"<bdi>{allowance.show(given, limit)}</bdi>")


@pass_context
def text(context: Context, given: object) -> Markup:
    """The filter ``text``: a sentence of the server's, which may quote what a client sent."""
    allowance: Allowance = context["allowance"]
    return _markup(f'<bdi class="text">{allowance.show(given, SENTENCE)}</bdi>')


@pass_context
def rows(context: Context, items: Iterable[Any], count: int) -> Rows:
    """The filter ``rows``: as many of ``count`` items as there is room for."""
    allowance: Allowance = context["allowance"]
    return allowance.rows(items, count)


FILTERS: dict[str, Callable[..., Any]] = {"show": show, "value": value, "text": text, "rows": rows}
"""The filters for templates that are given an ``allowance``."""
