"""Jinja filters, tests and words for the inspection's templates. Pure functions of plain values."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from markupsafe import Markup

from yourl.pages.characters import plain, text_of
from yourl.pages.fixes import parts
from yourl.pages.route import Gap

# A block of more lines than this scrolls. Its width is that of the narrowest screen, a watch's.
LINES_OF_A_BLOCK = 18
CHARACTERS_OF_A_LINE = 12

DEVICE_NAMES = {
    "pc": "PC",
    "phone": "Phone",
    "tablet": "Tablet",
    "watch": "Watch",
    "tv": "TV",
    "xr": "XR headset",
    "car": "Car",
    "bot": "Bot",
    "unknown": "Unknown device",
}
SEVERITY_NAMES = {"error": "Error", "warning": "Warning", "info": "Note"}

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<host>\[[^\]]*\]|[^/?#:]*)(?P<port>:\d+)?"
    r"(?P<path>[^?#]*)(?P<query>.*)",
    re.DOTALL,
)


def may_scroll(text: str) -> bool:
    """Whether a block may be too high for its box, so that a keyboard has to reach it to scroll it."""
    return len(text) > LINES_OF_A_BLOCK * CHARACTERS_OF_A_LINE or text.count("\n") >= LINES_OF_A_BLOCK


def url_parts(url: object) -> list[tuple[str, str]]:
    """The parts of a URL with their names, all of it and in order, whatever it looks like."""
    text = text_of(url)
    match = _URL.fullmatch(text)
    if match is None:
        return [("path", text)]
    return [(name, part) for name, part in match.groupdict().items() if part]


def utc(timestamp: str) -> str:
    """A timestamp of ours, to the second, for people: ``2026-11-23 22:14:05 UTC``."""
    return f"{timestamp[:19].replace('T', ' ')} UTC"


@cache
def icon(name: str) -> Markup:
    """A reference to an icon in the page; decoration beside a word."""
    return Markup('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>').format(name)


def is_gap(node: object) -> bool:
    """Whether a node of the route stands for hops that are not drawn."""
    return isinstance(node, Gap)


FILTERS: dict[str, Callable[..., Any]] = {
    "fix_parts": parts,
    "icon": icon,
    "may_scroll": may_scroll,
    "plain": plain,
    "url_parts": url_parts,
    "utc": utc,
}
TESTS: dict[str, Callable[..., Any]] = {"gap": is_gap}
WORDS: dict[str, Any] = {"device_names": DEVICE_NAMES, "severity_names": SEVERITY_NAMES}
