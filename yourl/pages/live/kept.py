"""The page for one request that was kept, or is shared by a link: the inspection's page, body first.

The bounds of the inspection's page hold here too: at most four times what was sent, and 64 KiB.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from yourl.pages.assets import Page
from yourl.pages.inspection import (
    FIXED_SIZE,
    FRUGAL,
    PLAIN,
    RICH,
    SIZE_PER_BYTE_SENT,
    Detail,
    bytes_sent,
    page_values,
)
from yourl.pages.live.addresses import live_address
from yourl.pages.live.assets import KEPT_SCRIPT, STYLE
from yourl.pages.live.pictures import Picture, picture_in
from yourl.pages.rendering import render
from yourl.pages.words import segment

COPIED = {"curl": "curl", "httpie": "HTTPie", "py": "Python", "fetch": "fetch"}
"""Exports that are text to copy, with their titles."""
DOWNLOADED = {"json": "JSON", "har": "HAR", "raw": "Raw HTTP", "body": "Body"}
HEX_BYTES = {RICH: 1024, PLAIN: 256, FRUGAL: 0}
HEX_WIDTH = 16


def kept_request_page(given: Mapping[str, Any]) -> Page:
    """The page for one kept request.

    :param given: ``prefix``; ``summary``; ``document``, the whole inspection; ``change_token``, None where
        nothing may be changed; ``masked``; ``is_shared``; ``share``, None or ``url`` and ``expires``;
        ``newer`` and ``older``, ids or None; ``exports``, names; and, on a shared page, ``token``
    """
    sent = bytes_sent(given["document"])
    largest = FIXED_SIZE + SIZE_PER_BYTE_SENT * sent
    content = _content(given["document"]["body"])
    picture = picture_in(content)
    if len(picture.address) > largest - FIXED_SIZE:
        picture = Picture()
    for detail in (RICH, PLAIN, FRUGAL):
        page = _page(given, detail, sent, content, picture)
        if len(page.content) <= largest:
            return page
    return _page(given, FRUGAL, sent, b"", Picture())


def _page(given: Mapping[str, Any], detail: Detail, sent: int, content: bytes, picture: Picture) -> Page:
    live = live_address(given["prefix"])
    shown = content[: HEX_BYTES[detail]]
    exports = [*given["exports"], "json", *(["body"] if given["document"]["body"]["size"] else [])]
    return render(
        "live_kept.html",
        style=STYLE,
        script=KEPT_SCRIPT,
        forms=True,
        connects=True,
        given=given,
        live=live,
        address=live + _own_path(given),
        picture=picture,
        hex_lines=hex_lines(shown),
        hex_left_out=len(content) - len(shown),
        copied=[(name, title) for name, title in COPIED.items() if name in exports],
        downloads=[(name, title) for name, title in DOWNLOADED.items() if name in exports],
        **page_values(given["document"], detail, sent),
    )


def _own_path(given: Mapping[str, Any]) -> str:
    """The path of the page below the live page; the exports' addresses begin with it."""
    if given["is_shared"]:
        return f"/shared/{segment(given['token'])}"
    return f"/requests/{segment(given['summary']['id'])}"


def _content(body: Mapping[str, Any]) -> bytes:
    """The bytes of a body that is no text; empty for others, and for what is not whole."""
    if body["base64"] is None or body["truncated"]:
        return b""
    try:
        return base64.b64decode(body["base64"])
    except ValueError:
        return b""


def hex_lines(content: bytes) -> str:
    """Bytes as offset, hexadecimal digits and ASCII characters, 16 on a line."""
    lines = []
    for start in range(0, len(content), HEX_WIDTH):
        line = content[start : start + HEX_WIDTH]
        characters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in line)
        lines.append(f"{start:06x}  {line.hex(' '):<{3 * HEX_WIDTH}} {characters}")
    return "\n".join(lines)
