"""What every export does alike: which header fields it repeats, and how bytes become text."""

from __future__ import annotations

from urllib.parse import urlsplit

from yourl.captures.model import Capture
from yourl.http1.head import Fields
from yourl.text import json_size

TEXT_GROWTH = 2
"""How many bytes of JSON one byte of a body may cost as text; base64 costs four thirds."""
FREE_TEXT = 4096
"""The same for a short body, whatever it costs."""

# The program that sends the copy frames it anew.
_FRAMING = frozenset(
    ("content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te", "trailer",
     "upgrade", "expect")
)  # fmt: skip


def repeated_fields(capture: Capture) -> Fields:
    """The header fields of a copy: without framing, and without a Host that the URL says already."""
    authority = _authority(capture.summary.url)
    return tuple(
        (name, value)
        for name, value in capture.fields
        if name.lower() not in _FRAMING and not (name.lower() == "host" and value.lower() == authority)
    )


def _authority(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def as_text(value: str) -> str:
    """A header value, one character for each byte, as the text that these bytes are in UTF-8.

    What is no UTF-8 becomes surrogate escapes: encoded with ``surrogateescape``, the bytes are the same.
    """
    return value if value.isascii() else value.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def text_body(capture: Capture) -> str | None:
    """The body as text where it is UTF-8 without NUL and does not grow much in a copy, else None."""
    if b"\0" in capture.body:
        return None
    try:
        text = capture.body.decode()
    except UnicodeDecodeError:
        return None
    return text if json_size(text) <= TEXT_GROWTH * len(capture.body) + FREE_TEXT else None
