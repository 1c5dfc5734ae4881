"""Small pages for refused requests, cheap enough for the server's loop.

No Jinja: its first use compiles a template, and the loop must not wait for that. The two templates here
are filled by ``Markup.format``, which escapes every value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from yourl.pages.assets import Page, encoded, icon_address, packed_text, policy
from yourl.pages.characters import plain, text_of

LONGEST_TEXT = 500
"""Characters of a message or a URL that are shown."""

_LINK = Markup('<li><a href="{address}">{name}</a></li>\n')


def error_page(doc: Mapping[str, Any], status: int, reason: str, paths: Sequence[str] = ()) -> Page:
    """The page for one error.

    :param doc: ``error``, ``message``, ``url`` and ``timestamp``; ``prefix`` where a proxy announces one
    :param reason: the status's phrase
    :param paths: paths that this server answers, to link to
    """
    prefix = path_prefix(doc.get("prefix"))
    return _filled(
        "error.format.html",
        status=status,
        reason=plain(reason, 80),
        message=plain(doc["message"], LONGEST_TEXT),
        url="unknown" if doc["url"] is None else plain(doc["url"], LONGEST_TEXT),
        code=plain(doc["error"], 80),
        timestamp=plain(doc["timestamp"], 40),
        home=f"{prefix}/",
        links=Markup("").join(
            _LINK.format(address=prefix + path, name=path) for path in paths if path != "/"
        ),
    )


def refused_device_page(doc: Mapping[str, Any], status: int, reason: str) -> Page:
    """The page for a device that may not look; it fits a watch: what, and why.

    :param doc: ``message``, the reason
    """
    return _filled(
        "refused.format.html",
        status=status,
        reason=plain(reason, 80),
        message=plain(doc["message"], LONGEST_TEXT),
    )


def warm() -> None:
    """Read all that these pages need."""
    error_page({"error": "", "message": "", "url": None, "timestamp": ""}, 500, "")
    refused_device_page({"message": ""}, 403, "")


def path_prefix(prefix: object) -> str:
    """A path prefix for links, empty or ``/x``, that stays on the origin which the browser talks to."""
    path = quote(text_of(prefix).strip("/\\ "), safe="/%:@!$&'()*+,;=~", errors="replace")
    return f"/{path}" if path else ""


def _filled(template: str, **values: object) -> Page:
    style = packed_text("static", "error.css")
    html = packed_text("templates", template).format(style=style, icon_address=icon_address(), **values)
    return Page(encoded(html), policy(style))
