"""A request that was written down, as the ``Head`` and the body that a server would have received.

More lenient than the parser of the server: text files have other line ends than the wire, and a request may
be explained although it would be refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yourl.errors import BadRequest, Refusal
from yourl.http1.grammar import TOKEN
from yourl.http1.head import BLANKS, Fields, Head, parse_head
from yourl.http1.limits import Limits
from yourl.http1.target import parse_target
from yourl.text import excerpt

_REQUEST_LINE = re.compile(rf"({TOKEN}) (\S+) HTTP/([0-9])(?:\.([0-9]))?")
_FIELD_LINE = re.compile(rf"({TOKEN}):(.*)")
_CURL_SENT = re.compile(r"> ?(.*)")


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """A request as it was written down."""

    head: Head
    body: bytes = b""
    refusal: Refusal | None = None
    """How the server would refuse this head; None where it would not."""


def read_request(content: bytes) -> WrittenRequest:
    """The request in a raw head, with or without its body, or in the output of ``curl -v``.

    :raises BadRequest: when there is no request in it, naming the line that is none
    """
    lines, body = split_request(content)
    match = _REQUEST_LINE.fullmatch(lines[0]) if lines else None
    if not match:
        first = excerpt(lines[0], 80) if lines else ""
        raise BadRequest(f"A request begins with a line such as GET /path HTTP/1.1, not with {first!r}.")
    version = (int(match[3]), int(match[4] or 0))
    fields = tuple(_field(line, number) for number, line in enumerate(lines[1:], start=2))
    return written_request(match[1], match[2], version, fields, body)


def written_request(
    method: str, target: str, version: tuple[int, int], fields: Fields, body: bytes = b""
) -> WrittenRequest:
    """The request with these parts, read by the server's parser where that accepts it."""
    # Between a proxy and this server it is HTTP/1.1, whatever the client and the proxy speak.
    shown = version if version < (2, 0) else (1, 1)
    lines = [f"{method} {target} HTTP/{shown[0]}.{shown[1]}", *(f"{name}: {value}" for name, value in fields)]
    raw = "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")
    outcome = parse_head(raw, Limits())
    if isinstance(outcome, Head):
        return WrittenRequest(outcome, body)
    return WrittenRequest(Head(method, parse_target(target, method), shown, fields), body, outcome)


def _field(line: str, number: int) -> tuple[str, str]:
    match = _FIELD_LINE.fullmatch(line)
    if not match:
        shown = excerpt(line, 80)
        raise BadRequest(f"Line {number} is no header field such as Host: a.example, but {shown!r}.")
    return match[1], match[2].strip(BLANKS)


def split_request(content: bytes) -> tuple[list[str], bytes]:
    """The lines of the head and the bytes after it; of curl's output only what curl sent."""
    text = content.decode("latin-1")
    sent = [
        match[1].rstrip("\r")
        for line in text.split("\n")
        if (match := _CURL_SENT.fullmatch(line.rstrip("\r")))
    ]
    if any(_REQUEST_LINE.fullmatch(line) for line in sent):
        return _first_request(sent), b""
    head, _, body = text.replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    return [line for line in head.split("\n") if line], body.encode("latin-1")


def _first_request(sent: list[str]) -> list[str]:
    start = next(at for at, line in enumerate(sent) if _REQUEST_LINE.fullmatch(line))
    lines = sent[start:]
    return lines[: lines.index("")] if "" in lines else lines
