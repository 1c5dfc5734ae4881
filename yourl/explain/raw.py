"""A raw request: request line, header fields, an empty line, the body; with the line ends of any system."""

from __future__ import annotations

import re

from yourl.errors import BadRequest
from yourl.explain.written import Origin, WrittenRequest, written_request
from yourl.http1.grammar import TOKEN
from yourl.http1.head import BLANKS
from yourl.text import excerpt

REQUEST_LINE = re.compile(rf"({TOKEN}) (\S+) HTTP/([0-9])(?:\.([0-9]))?")
_FIELD_LINE = re.compile(rf"({TOKEN}):(.*)")


def read_raw(text: str) -> WrittenRequest:
    """The request in a raw text.

    :raises BadRequest: naming the line that is none of a request
    """
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    return read_lines([line for line in head.split("\n") if line], body.encode("latin-1", "replace"))


def read_lines(
    lines: list[str],
    body: bytes = b"",
    *,
    format: str = "request",  # noqa: A002  # the field's name
    origin: Origin | None = None,
    notes: tuple[str, ...] = (),
) -> WrittenRequest:
    """The request with these head lines.

    :raises BadRequest: naming the line that is none of a request
    """
    match = REQUEST_LINE.fullmatch(lines[0]) if lines else None
    if not match:
        first = excerpt(lines[0], 80) if lines else ""
        raise BadRequest(f"A request begins with a line such as GET /path HTTP/1.1, not with {first!r}.")
    version = (int(match[3]), int(match[4] or 0))
    fields = tuple(_field(line, number) for number, line in enumerate(lines[1:], start=2))
    return written_request(
        match[1], match[2], version, fields, body, format=format, origin=origin, notes=notes
    )


def _field(line: str, number: int) -> tuple[str, str]:
    match = _FIELD_LINE.fullmatch(line)
    if not match:
        shown = excerpt(line, 80)
        raise BadRequest(f"Line {number} is no header field such as Host: a.example, but {shown!r}.")
    return match[1], match[2].strip(BLANKS)
