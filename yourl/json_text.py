"""JSON as text: indented for people as far as that costs little, on one line for programs.

``json.dumps(indent=2)`` runs Python's slow encoder, and its indentation grows with depth times length: 1 MiB
of brackets became 209 MB. What is written here has the same look in 0.6 times the time, and the indentation
of one document has a depth and a budget: what is over either stands on one line, written in C.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring as quoted
from typing import Any

INDENTED_DEPTH = 8
"""Containers within each other that are indented."""
INDENTATION = 16 * 1024
"""Characters of line ends and blanks in one document; an ordinary inspection has 1,200."""
SLICE = 64 * 1024
"""Characters of a string that are escaped at a time, so that the answer is the only copy of a long body."""

_LINES = tuple("\n" + "  " * depth for depth in range(INDENTED_DEPTH + 1))
_EMPTY: dict[type, str] = {dict: "{}", list: "[]"}
_WORDS: dict[type, dict[Any, str]] = {type(None): {None: "null"}, bool: {True: "true", False: "false"}}
_one_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
_compact = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


def json_bytes(document: Any, *, compact: bool = False) -> bytes:
    """UTF-8 JSON and a line end: as ``json.dumps(indent=2)`` within the bounds above, or without any blank.

    A lone surrogate, which UTF-8 cannot carry, is written as an escape.

    :raises ValueError: for NaN and Infinity, which JSON does not have
    """
    if compact and not _has_long_string(document):
        return _utf8(_compact(document) + "\n")
    writer = _Writer(compact)
    writer.write(document, 0)
    return writer.result()


def _has_long_string(document: Any) -> bool:
    """Whether a string of the first two levels, where an inspection has its body, is longer than a slice."""
    if not isinstance(document, dict):
        return False
    inner = [value for outer in document.values() if isinstance(outer, dict) for value in outer.values()]
    return any(isinstance(value, str) and len(value) > SLICE for value in inner)


class _Writer:
    """Writes one document; ``left`` is what remains of the budget for indentation."""

    __slots__ = ("encode", "left", "lines", "long", "parts")

    def __init__(self, compact: bool) -> None:
        self.lines = ("",) * len(_LINES) if compact else _LINES
        self.encode = _compact if compact else _one_line
        self.left = INDENTATION
        self.parts: list[str] = []
        self.long = False
        """Whether a string was written in slices."""

    def result(self) -> bytes:
        """What was written; where it is long, encoded part by part."""
        self.parts.append("\n")
        return b"".join(map(_utf8, self.parts)) if self.long else _utf8("".join(self.parts))

    def write(self, value: Any, depth: int) -> None:
        """Append the text of a value that stands ``depth`` containers deep."""
        kind = value.__class__
        if kind in _WORDS:
            self.parts.append(_WORDS[kind][value])
        elif kind is int:
            self.parts.append(str(value))
        elif kind is str:
            self._write_text(value)
        elif kind in _EMPTY and not value:
            self.parts.append(_EMPTY[kind])
        elif kind not in _EMPTY or not self._can_indent(value, depth):
            self.parts.append(self.encode(value))
        elif kind is dict:
            self._write_members(value, depth)
        else:
            self._write_elements(value, depth)

    def _can_indent(self, container: Any, depth: int) -> bool:
        if depth >= INDENTED_DEPTH:
            return False
        self.left -= (len(container) + 1) * len(self.lines[depth + 1])
        return self.left >= 0

    def _write_members(self, members: dict[str, Any], depth: int) -> None:
        write, line = self.parts.append, self.lines[depth + 1]
        colon = ": " if line else ":"
        before = "{" + line
        for key, value in members.items():
            # Written here and not in ``write``: a call for each string would cost a third more.
            if value.__class__ is str and len(value) <= SLICE:
                write(f"{before}{quoted(key)}{colon}{quoted(value)}")
            else:
                write(f"{before}{quoted(key)}{colon}")
                self.write(value, depth + 1)
            before = "," + line
        write(self.lines[depth] + "}")

    def _write_elements(self, elements: list[Any], depth: int) -> None:
        write, line = self.parts.append, self.lines[depth + 1]
        before = "[" + line
        for value in elements:
            if value.__class__ is str and len(value) <= SLICE:
                write(f"{before}{quoted(value)}")
            else:
                write(before)
                self.write(value, depth + 1)
            before = "," + line
        write(self.lines[depth] + "]")

    def _write_text(self, text: str) -> None:
        self.long = self.long or len(text) > SLICE
        self.parts.append('"')
        for at in range(0, len(text), SLICE):
            self.parts.append(quoted(text[at : at + SLICE])[1:-1])
        self.parts.append('"')


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "backslashreplace")
