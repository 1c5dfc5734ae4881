"""A usual mistake in a proxy's configuration, as a change of a right one, and what has to be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.functional.proxies.product import Changes

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mistake:
    """A change that makes a right configuration wrong.

    ``behind`` names the product of the edge before it, when the inner configuration is the wrong one.
    ``found`` holds every code with its severity, the one whose fix is applied first. ``wrong`` is what is
    decided while it is wrong, other than the truth. Where a request cannot show the cause, it is not
    ``is_fixable``.
    """

    changes: Changes
    found: Mapping[str, str]
    wrong: Mapping[str, Any] = field(default_factory=dict)
    headers: Fields = ()
    path: str = "/api"
    prefix: str = ""
    behind: str = ""
    is_fixable: bool = True
    trusted: str = "127.0.0.1/32"
    """``YOURL_TRUSTED_PROXIES`` of yourl behind it."""


# What a browser sends with a form of a page of the same site; EDGE stands for the edge's own host and port.
FROM_OWN_PAGE: Fields = (("Origin", "https://EDGE"), ("Sec-Fetch-Site", "same-origin"))
FORGED_LIST: Fields = (("X-Forwarded-For", "10.66.66.66"),)
FORGED_FORWARDED: Fields = (("Forwarded", "for=203.0.113.7;proto=http;host=evil.example"),)
H2C: Fields = (
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "h2c"),
    ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
)
WEBSOCKET: Fields = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)
