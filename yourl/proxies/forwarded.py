"""The field ``Forwarded`` (RFC 7239): its elements, and the node identifiers that hide an address.

Knows grammar only. Every function takes any text, never raises, and runs in time linear in its length.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from yourl.http1.grammar import TOKEN


class Element(NamedTuple):
    """One element of ``Forwarded``: what one proxy reported (RFC 7239 section 4)."""

    text: str
    node: str | None
    by: str | None
    host: str | None
    proto: str | None
    malformed: bool


# A bare value may hold ":" "[" "]" and the like: not allowed by the grammar, but seen, and unmistakable.
# No two runs of blanks can match the same text, so a failing match costs one pass and no more.
_PAIR = re.compile(
    rf"""[ \t]*(?:({TOKEN})=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s",;]*))[ \t]*)?(?:;|\Z)""", re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_COMMA_OR_QUOTE = re.compile(r'[",]')


MAX_LENGTH = 4096
"""Characters of all lines together that are looked at, the last, which the machines nearest to us wrote."""
MAX_ELEMENTS = 128
"""The same for elements: each costs a microsecond."""


def forwarded_elements(values: list[str]) -> list[Element]:
    """The elements of the ``Forwarded`` lines, leftmost first; of a longer field those at its end."""
    if sum(map(len, values)) > MAX_LENGTH:
        values = _nearest(values)
    texts = [text for value in values for text in _split_from_right(value)]
    return [_element(text) for text in texts[-MAX_ELEMENTS:]]


def _nearest(values: list[str]) -> list[str]:
    kept: list[str] = []
    left = MAX_LENGTH
    for value in reversed(values):
        if len(value) > left:
            _, _, rest = value[-left:].partition(",")  # the element that the cut goes through is left out
            return [rest, *kept] if left else kept
        kept.insert(0, value)
        left -= len(value)
    return kept


def _split_from_right(value: str) -> list[str]:
    """Split at the commas outside quotes, reading from the right.

    A client that forges the left part can leave a quote open. Read from the left, that quote would swallow
    what our own proxies appended; read from the right, it can spoil only what stands to its left.
    """
    if '"' not in value:
        parts = value.split(",")
    else:
        parts, end, quoted = [], len(value), False
        for mark in reversed([match.start() for match in _COMMA_OR_QUOTE.finditer(value)]):
            if value[mark] == '"':
                quoted = not quoted if not (quoted and _is_escaped(value, mark)) else quoted
            elif not quoted:
                parts.append(value[mark + 1 : end])
                end = mark
        parts.append(value[:end])
        parts.reverse()
    return [text for part in parts if (text := part.strip(" \t"))]


def _is_escaped(value: str, at: int) -> bool:
    # Runs of backslashes lie between quotes, so all calls together look at each character once.
    start = at
    while start and value[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _element(text: str) -> Element:
    found: dict[str, str] = {}
    position, malformed = 0, False
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            malformed = True
            break
        name, quoted, bare = match.groups()
        if name is not None:
            key = name.lower()
            malformed = malformed or key in found or bare == ""
            found[key] = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else bare
        position = match.end()
    if malformed:
        return Element(text, None, None, None, None, True)
    return Element(text, found.get("for"), found.get("by"), found.get("host"), found.get("proto"), not found)


def is_hidden_node(text: str) -> bool:
    """True for ``unknown`` and for obfuscated identifiers such as ``_proxy1`` (RFC 7239 section 6)."""
    name = text.partition(":")[0]
    return name.lower() == "unknown" or name.startswith("_")
