"""Jinja filters, tests and words for the inspection's templates. Pure functions of plain values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from yourl.pages.characters import text_of
from yourl.pages.route import Gap

# From this size on a value gets a box of its own that scrolls.
LONG_VALUE = 1200
MANY_LINES = 16

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


def is_long(value: object) -> bool:
    """Whether a value needs a box that scrolls."""
    return isinstance(value, str) and (len(value) > LONG_VALUE or value.count("\n") > MANY_LINES)


def url_parts(url: object) -> list[tuple[str, str]]:
    """The parts of a URL with their names, all of it and in order, whatever it looks like."""
    text = text_of(url)
    match = _URL.fullmatch(text)
    if match is None:
        return [("path", text)]
    return [(name, part) for name, part in match.groupdict().items() if part]


def basis(decided: Mapping[str, Any]) -> str:
    """What a decided value is based on: ``socket``, ``client``, ``proxy`` or ``default``."""
    if "basis" in decided:
        return str(decided["basis"])
    if decided["trusted"]:
        return "proxy"
    source = text_of(decided["source"])
    if source == "connection":
        return "socket"
    # Header names begin with a capital; other sources are ours, such as a scheme's default port.
    return "client" if source[:1].isupper() else "default"


def is_gap(node: object) -> bool:
    """Whether a node of the route stands for hops that are not drawn."""
    return isinstance(node, Gap)


FILTERS: dict[str, Callable[..., Any]] = {"url_parts": url_parts, "is_long": is_long, "basis": basis}
TESTS: dict[str, Callable[..., Any]] = {"gap": is_gap}
WORDS: dict[str, Any] = {"device_names": DEVICE_NAMES, "severity_names": SEVERITY_NAMES}
