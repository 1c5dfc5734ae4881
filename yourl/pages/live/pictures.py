"""Which bodies are shown as pictures: PNG, JPEG, GIF and WebP, by their first bytes and never by their name.

A picture is shown only where its size in pixels can be read: a few bytes can claim a picture that fills the
memory of the browser. SVG is markup and is never shown.
"""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass

MOST_PIXELS = 25_000_000
MOST_SEGMENTS = 200
"""Segments of a JPEG file that are looked at."""

# JPEG markers that begin a frame and so give its size (ITU-T T.81, table B.1).
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that may be shown; ``type`` is empty where there is none."""

    type: str = ""
    name: str = ""
    width: int = 0
    height: int = 0
    address: str = ""
    """A ``data:`` URL."""


def picture_in(content: bytes) -> Picture:
    """The picture that these bytes are."""
    for name, media_type, beginning, size_of in _FORMATS:
        if content.startswith(beginning):
            size = size_of(content)
            if size is None or not 0 < size[0] * size[1] <= MOST_PIXELS:
                return Picture()
            encoded = base64.b64encode(content).decode("ascii")
            return Picture(media_type, name, *size, f"data:{media_type};base64,{encoded}")
    return Picture()


def _png(content: bytes) -> Size | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _gif(content: bytes) -> Size | None:
    if content[3:6] not in (b"87a", b"89a") or len(content) < 10:
        return None
    width, height = struct.unpack("<HH", content[6:10])
    return width, height


def _webp(content: bytes) -> Size | None:
    """The size of a WebP picture (RFC 9649, sections 2.5 to 2.7)."""
    if content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind = content[12:16]
    if kind == b"VP8 " and content[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L" and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    return None


def _jpeg(content: bytes) -> Size | None:
    at = 2
    for _ in range(MOST_SEGMENTS):
        if at + 9 > len(content) or content[at] != 0xFF:
            return None
        marker = content[at + 1]
        length, height, width = struct.unpack(">HxHH", content[at + 2 : at + 9])
        if marker in _FRAMES:
            return width, height
        at += 2 + length
    return None


_FORMATS = (
    ("PNG", "image/png", b"\x89PNG\r\n\x1a\n", _png),
    ("JPEG", "image/jpeg", b"\xff\xd8\xff", _jpeg),
    ("GIF", "image/gif", b"GIF8", _gif),
    ("WebP", "image/webp", b"RIFF", _webp),
)
