"""Text for eyes: what a reader could not see is named, what is long is cut, and everything is escaped.

Takes any value and never raises; the work is bounded by what is shown, not by what was given. The HTML is for
the content of elements, never for attributes: quotation marks stay as they are there, which keeps JSON small.
"""

from __future__ import annotations

import re

from markupsafe import Markup

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
_NAMED = Markup('<span class="unseen">{}</span>')
_LONGEST_ESCAPE = 5  # characters, of an ampersand


def shown(value: object, limit: int, lines: bool = False) -> tuple[Markup, int]:
    """The beginning of a value as HTML, and how many of its characters are left out.

    :param limit: bytes of HTML that may be used
    :param lines: leave tabs and line ends as they are
    """
    text = text_of(value)
    parts: list[Markup] = []
    start, stop = 0, limit  # no character takes less than a byte
    for run in (_INVISIBLE_RUN_IN_LINES if lines else _INVISIBLE_RUN).finditer(text, 0, stop):
        limit, end = _add_visible(text[start : run.start()], limit, parts)
        name = _NAMED.format(_names_of(run.group()))
        if start + end < run.start() or len(name) > limit:
            return Markup("").join(parts), len(text) - start - end
        parts.append(name)
        limit -= len(name)
        start = run.end()
    _, end = _add_visible(text[start:stop], limit, parts)
    return Markup("").join(parts), len(text) - start - end


def _add_visible(text: str, limit: int, parts: list[Markup]) -> tuple[int, int]:
    """Add as much of ``text`` as fits; the bytes that are left, and the characters that were added."""
    markup = _escaped(text)
    size = size_of(markup)
    while size > limit:
        room = max(limit // _LONGEST_ESCAPE, len(text) * limit // size - 1)
        text = text[: min(room, len(text) - 1)]
        markup = _escaped(text)
        size = size_of(markup)
    parts.append(markup)
    return limit - size, len(text)


def _escaped(text: str) -> Markup:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return Markup(escaped)  # noqa: S704 (no markup is left in it)


def size_of(text: str) -> int:
    """Bytes of the text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


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
