"""multipart/form-data content (RFC 7578): its fields, and of its files name, type and size.

Linear: each part is found once, and its header is bounded. The content of files is not copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yourl.content.forms import MAX_FIELDS, MAX_LENGTH, Fields, TooLong, TooManyFields, collected

LONGEST_BOUNDARY = 70
"""RFC 2046 section 5.1.1."""
MAX_PART_HEADER = 2048
"""Bytes of one part's header."""
MAX_PARAMETERS = 16
"""Semicolons in a part's Content-Disposition; each parameter costs more than its bytes."""

_END_OF_BOUNDARY = re.compile(rb"[ \t]{0,64}\r\n")


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """One part of multipart/form-data that carries a file name; ``size`` in bytes."""

    field: str
    filename: str
    content_type: str | None
    size: int


def parse_multipart(content: bytes, boundary: str) -> tuple[Fields, tuple[UploadedFile, ...]]:
    """Fields and files of multipart/form-data content.

    :raises ValueError: with a sentence, when the boundary is missing, the parts are broken or over a bound
    """
    if not boundary or not boundary.isascii() or len(boundary) > LONGEST_BOUNDARY:
        raise ValueError("The content type says multipart, but names no usable boundary.")
    pairs: list[tuple[str, str]] = []
    files: list[UploadedFile] = []
    left = MAX_LENGTH
    for header, start, end in _parts(content, boundary.encode()):
        if len(pairs) + len(files) >= MAX_FIELDS:
            raise TooManyFields("form")
        fields = _header_fields(header)
        name, filename = _names(fields.get("content-disposition", ""))
        if filename is None:
            left -= end - start
            if left < 0:
                raise TooLong
            pairs.append((name, content[start:end].decode("utf-8", "replace")))
        else:
            files.append(UploadedFile(name, filename, fields.get("content-type") or None, end - start))
    return collected(pairs), tuple(files)


def _parts(content: bytes, boundary: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Header, and start and end of the content, of each part (RFC 2046 section 5.1.1)."""
    delimiter = b"\r\n--" + boundary
    at = _first(content, delimiter)
    while not content.startswith(b"--", at):
        line = _END_OF_BOUNDARY.match(content, at)
        if line is None:
            raise _broken("a boundary is not alone on its line")
        start, end = line.end(), content.find(delimiter, line.end() - 2)
        if end < 0:
            raise _broken("the last boundary is missing")
        # An empty header leaves the empty line at once; it may not be taken for the boundary's own end.
        split = content.find(b"\r\n\r\n", start - 2, min(end + 2, start + MAX_PART_HEADER))
        if split < 0:
            raise _broken("the header of a part has no end, or is too long")
        yield content[start:split], min(split + 4, end), end
        at = end + len(delimiter)


def _first(content: bytes, delimiter: bytes) -> int:
    """Where the first boundary ends; before it may stand text that means nothing."""
    if content.startswith(delimiter[2:]):
        return len(delimiter) - 2
    found = content.find(delimiter)
    if found < 0:
        raise _broken("the boundary does not occur")
    return found + len(delimiter)


def _broken(why: str) -> ValueError:
    return ValueError(f"The multipart form could not be read: {why}.")


def _header_fields(header: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in header.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _names(disposition: str) -> tuple[str, str | None]:
    """The field's name, and the file's where the part is a file."""
    if disposition.count(";") > MAX_PARAMETERS:
        raise _broken(f"a part has more than {MAX_PARAMETERS} parameters")
    from werkzeug.http import parse_options_header  # late, as in yourl/content/body.py

    kind, options = parse_options_header(disposition)
    if kind.lower() != "form-data":
        raise _broken("a part is no form-data")
    return options.get("name", ""), options.get("filename")
