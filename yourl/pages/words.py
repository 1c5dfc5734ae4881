"""Jinja filters of the live pages: sizes, times, parts of addresses, and text for form fields."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from yourl.pages.characters import text_of

# What no form field can hold, or what UTF-8 cannot carry.
_NOT_TYPED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
LONGEST_FIELD = 1000
"""Characters of the value of a form field."""
LONGEST_SEGMENT = 512
"""Characters of a name in an address: ids, names of inboxes and tokens of links are shorter."""


def segment(name: object) -> str:
    """A name as one part of a path."""
    return quote(text_of(name)[:LONGEST_SEGMENT], safe="", errors="replace")


def size_words(size: int) -> str:
    """A number of bytes for people: ``812 B``, ``1.5 KB``, ``3.0 MB``."""
    if size < 1000:
        return f"{size} B"
    for unit, amount in (("GB", 10**9), ("MB", 10**6)):
        if size >= amount:
            return f"{size / amount:.1f} {unit}"
    return f"{size / 1000:.1f} KB"


def typed(value: object, limit: int = LONGEST_FIELD) -> str:
    """Text for the value of a form field, which shows it as it is."""
    return _NOT_TYPED.sub("\N{REPLACEMENT CHARACTER}", text_of(value)[:limit].replace("\r\n", "\n"))


def span_words(seconds: float) -> str:
    """A length of time for people."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return _counted(seconds / length, unit)
    return _counted(seconds, "second")


def _counted(number: float, unit: str) -> str:
    text = f"{number:.3g}"
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


def status_kind(status: int) -> str:
    """The class of a status: ``2xx`` and its like."""
    return f"{status // 100}xx"


FILTERS: dict[str, Callable[..., Any]] = {
    "segment": segment,
    "size_words": size_words,
    "span_words": span_words,
    "status_kind": status_kind,
    "typed": typed,
}
