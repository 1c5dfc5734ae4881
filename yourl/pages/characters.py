"""Text for eyes: what a reader could not see is named, what is long is cut, and everything is escaped.

Takes any value and never raises; the work is bounded by what is shown, not by what was given. The HTML is for
the content of elements, never for attributes: quotation marks stay as they are there, which keeps JSON small.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Characters that are invisible or that change how their neighbours read: controls (C0, DEL, C1), soft
# hyphen, zero-width and bidirectional formatting (UAX #9, UTR #36), line separators, interlinear
# annotation, blank fillers, variation tags, noncharacters, and lone surrogates, which UTF-8 cannot carry.
_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff9-\uffff\ud800-\udfff\U000e0000-\U000e0fff"
)
_INVISIBLE_RUN = re.compile(f"[{_INVISIBLE}]+")
_INVISIBLE_RUN_IN_LINES = re.compile(f"(?:(?![\t\n])[{_INVISIBLE}])+")
_NAMES_PER_RUN = 8
_NAMED = '<span class="unseen">{}</span>'
_LONGEST_ESCAPE = 5  # characters, of an ampersand


class Shown(NamedTuple):
    """The beginning of a value as HTML."""

    html: str
    size: int
    """Bytes of ``html`` in UTF-8."""
    left_out: int
    """Characters of the value that are not shown."""


def shown(value: object, limit: int, lines: bool = False) -> Shown:
    """A value as HTML, cut where it would take more than ``limit`` bytes.

    :param lines: leave tabs and line ends as they are
    """
    text = text_of(value)
    if is_visible_ascii(text[:limit], lines):
        html, room, end = _visible(text[:limit], limit)
        return Shown(html, limit - room, len(text) - end)
    parts: list[str] = []
    start, room = 0, limit
    # No character takes less than a byte, so none beyond the limit is looked at.
    for run in (_INVISIBLE_RUN_IN_LINES if lines else _INVISIBLE_RUN).finditer(text, 0, limit):
        html, room, end = _visible(text[start : run.start()], room)
        parts.append(html)
        start += end
        name = _NAMED.format(_names_of(run.group()))
        if start < run.start() or len(name) > room:
            return Shown("".join(parts), limit - room, len(text) - start)
        parts.append(name)
        room -= len(name)
        start = run.end()
    html, room, end = _visible(text[start:limit], room)
    return Shown("".join([*parts, html]), limit - room, len(text) - start - end)


def _visible(text: str, limit: int) -> tuple[str, int, int]:
    """As much of ``text`` as fits, the bytes that are left, and the characters that were used."""
    html = _escaped(text)
    size = size_of(html)
    while size > limit:
        room = max(limit // _LONGEST_ESCAPE, len(text) * limit // size - 1)
        text = text[: min(room, len(text) - 1)]
        html = _escaped(text)
        size = size_of(html)
    return html, limit - size, len(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def size_of(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def is_visible_ascii(text: str, lines: bool = False) -> bool:
    """Whether the text holds visible ASCII characters alone, as most does; faster than to search it.

    :param lines: tabs and line ends count as visible
    """
    if not text.isascii():
        return False
    return text.isprintable() or (lines and text.replace("\n", "").replace("\t", "").isprintable())


def is_html_already(text: str) -> bool:
    """Whether the text, of one line, is shown as it is."""
    return text.isascii() and text.isprintable() and not ("&" in text or "<" in text or ">" in text)


def plain(value: object, limit: int = 200) -> str:
    """One line of at most ``limit`` characters, for a place that holds no markup, such as the title."""
    text = text_of(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return _INVISIBLE_RUN.sub("\N{REPLACEMENT CHARACTER}", cut)


def is_visible(text: str) -> bool:
    """Whether a reader can see every character of the text; line ends and tabs count as visible."""
    return _INVISIBLE_RUN_IN_LINES.search(text) is None


def text_of(value: object) -> str:
    """The text that stands for a value; empty for None."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _names_of(run: str) -> str:
    names = [f"U+{ord(character):04X}" for character in run[:_NAMES_PER_RUN]]
    if len(run) > _NAMES_PER_RUN:
        names.append(f"and {len(run) - _NAMES_PER_RUN} more")
    return " ".join(names)
