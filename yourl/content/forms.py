"""Queries and forms: application/x-www-form-urlencoded text as names and values.

As the WHATWG URL standard, section 5, reads them.

Linear, and bounded in number: a field costs far more than its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable

from yourl.text import percent_decoded

MAX_FIELDS = 1000
"""A query or a form of more fields is not taken apart."""

MAX_LENGTH = 256 * 1024
"""Bytes of a form, files left out, that is taken apart."""

Fields = dict[str, list[str]]
"""Name -> every value it was given, in order."""


class TooManyFields(ValueError):
    """There are more than ``MAX_FIELDS`` fields; ``str(error)`` is a sentence."""

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} has more than {MAX_FIELDS} fields; they are not listed.")


class TooLong(ValueError):
    """The fields of a form are longer than ``MAX_LENGTH``; ``str(error)`` is a sentence."""

    def __init__(self) -> None:
        super().__init__(f"The fields of the form are longer than {MAX_LENGTH} bytes; they are not listed.")


def parse_query(query: str) -> Fields:
    """Fields of a request target's query.

    :raises TooManyFields: when there are more than ``MAX_FIELDS``
    """
    if query.count("&") >= MAX_FIELDS:
        raise TooManyFields("query")
    if query.isascii() and "%" not in query and "+" not in query:
        pairs = (part.partition("=") for part in query.split("&") if part)
        return collected((name, value) for name, _, value in pairs)
    return parse_form(query.encode("latin-1", "replace"))


def parse_form(content: bytes) -> Fields:
    """Fields of application/x-www-form-urlencoded content.

    :raises TooManyFields: when there are more than ``MAX_FIELDS``
    :raises TooLong: when they are longer than ``MAX_LENGTH``
    """
    if len(content) > MAX_LENGTH:
        raise TooLong
    if content.count(b"&") >= MAX_FIELDS:
        raise TooManyFields("form")
    pairs = (part.partition(b"=") for part in content.split(b"&") if part)
    return collected((_decoded(name), _decoded(value)) for name, _, value in pairs)


def _decoded(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return percent_decoded(text).decode("utf-8", "replace")


def collected(pairs: Iterable[tuple[str, str]]) -> Fields:
    """The pairs by name."""
    found: Fields = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
