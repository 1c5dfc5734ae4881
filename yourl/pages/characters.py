"""Text for eyes: characters that a reader could not see are named instead.

Takes any value, never raises and is linear. Knows nothing of HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a value as it is shown: text, or the names of characters that cannot be seen."""

    text: str
    invisible: bool = False


def pieces(value: object, lines: bool = False) -> Iterator[Piece]:
    """Split a value into text and names of invisible characters.

    :param lines: leave tabs and line ends as they are
    """
    text = text_of(value)
    start = 0
    for run in (_INVISIBLE_RUN_IN_LINES if lines else _INVISIBLE_RUN).finditer(text):
        if run.start() > start:
            yield Piece(text[start : run.start()])
        yield Piece(_names_of(run.group()), invisible=True)
        start = run.end()
    if start < len(text):
        yield Piece(text[start:])


def plain(value: object, limit: int = 200) -> str:
    """One line of at most ``limit`` characters, for a place that holds no markup, such as the title."""
    text = text_of(value)
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return _INVISIBLE_RUN.sub("\N{REPLACEMENT CHARACTER}", cut)


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
