"""Text that is fit for a log line, a message or a terminal: nothing unprintable, nothing without end.

Knows nothing of where the text comes from. Every function takes any text, never raises and is linear.
"""

from __future__ import annotations

import re

_ENCODED = re.compile(rb"%([0-9A-Fa-f]{2})")
_BYTES = {b"%02x" % byte: bytes([byte]) for byte in range(256)}
_BYTES |= {digits.upper(): byte for digits, byte in _BYTES.items()}


class _Escapes(dict[int, str]):
    """What stands for each character, by its code. To look it up takes a third of the time of making it.

    Only those of the first 256 codes are kept, so that no client fills the memory.
    """

    def __init__(self) -> None:
        super().__init__((code, self[code]) for code in range(256))

    def __missing__(self, code: int) -> str:
        char = chr(code)
        return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


_ESCAPES = _Escapes()


def printable(text: str, keep: str = "") -> str:
    """``text`` with each unprintable character, but ``keep``, written as a Python escape.

    What counts as printable is ``str.isprintable``: controls, line separators, direction marks and lone
    surrogates are not.
    """
    if text.isprintable() or (keep and text.replace(keep, "").isprintable()):
        return text
    if keep:
        return keep.join(map(printable, text.split(keep)))
    return text.translate(_ESCAPES)


def excerpt(text: str, limit: int = 120) -> str:
    """The beginning of ``text``, at most ``limit`` characters and an ellipsis, printable."""
    shown = printable(text[:limit])
    return shown if len(shown) <= limit and len(text) <= limit else f"{shown[:limit]}…"


_CONTROLS = bytes(set(range(32)) - set(b"\b\f\n\r\t"))
_ESCAPED_BY_TWO = b'"\\\b\f\n\r\t'


def json_size(text: str) -> int:
    """Bytes that ``text`` needs between the quotes of a JSON string in UTF-8, or a little more.

    RFC 8259 section 7: a control character takes six, seven other characters take two. Counted in C, without
    writing them.
    """
    encoded = text.encode("utf-8", "backslashreplace")
    controls = len(encoded) - len(encoded.translate(None, _CONTROLS))
    return len(encoded) + 5 * controls + sum(map(encoded.count, _ESCAPED_BY_TWO))


def percent_decoded(text: bytes) -> bytes:
    """``text`` with each %XX replaced by its byte (WHATWG URL standard, section 1.3).

    ``unquote_to_bytes`` of the standard library pays for each ``%``, also for 8,000 that encode nothing.
    """
    return _ENCODED.sub(_byte, text) if b"%" in text else text


def _byte(match: re.Match[bytes]) -> bytes:
    digits = match[1]
    return _BYTES.get(digits) or bytes.fromhex(digits.decode("ascii"))  # one digit small, one a capital
