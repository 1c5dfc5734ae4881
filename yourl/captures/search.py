"""Free text: what of a capture is searched, and whether a query's words occur in it.

The one meaning of ``q`` for every store; an index may only find candidates faster. Everything is linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from yourl.http1.head import Fields

MAX_TEXT = 64 * 1024
"""Bytes of a body that are searched."""
MAX_QUERY = 256
"""Characters of a query that count."""
MAX_TERMS = 8

_TOKEN = re.compile(r"[0-9a-z]+|[^\x00-\x7f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD_CHARACTERS = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")
_PLAIN_CHARACTERS = _WORD_CHARACTERS | frozenset("-_./")
_REPLACED = "\ufffd"


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a query, and the index tokens that a text with it must have."""

    text: str
    tokens: tuple[str, ...]
    last_is_prefix: bool
    plain: bytes = b""
    """The word where every form of a text keeps it as it is, JSON too; else empty."""


def terms_of(query: str) -> tuple[Term, ...]:
    """The words of a query."""
    return tuple(_term(word) for word in _storable(query[:MAX_QUERY].casefold()).split()[:MAX_TERMS])


def _term(word: str) -> Term:
    tokens = tuple(_TOKEN.findall(word))
    is_plain = _PLAIN_CHARACTERS.issuperset(word)
    return Term(word, tokens, word[-1] in _WORD_CHARACTERS, word.encode() if is_plain else b"")


def searchable_text(url: str, fields: Fields, body: bytes) -> str:
    """URL, header fields and body, folded for a search without regard to case; no NUL in it."""
    head = "\n".join([url, *(f"{name}: {value}" for name, value in fields)])
    text = f"{head}\n{body_text(body)}"
    return (text.lower() if text.isascii() else _storable(text.casefold())).replace("\x00", " ")


def _storable(text: str) -> str:
    """The text with each lone surrogate, which no index can hold, replaced."""
    return text.encode("utf-8", "replace").decode()


def body_text(body: bytes) -> str:
    """The beginning of a body as text; empty where it is no UTF-8 text for the greater part."""
    text = body[:MAX_TEXT].decode("utf-8", "replace")
    return "" if text.count(_REPLACED) * 8 > len(text) else text


def may_match(summary: str, head: str, body: bytes, terms: tuple[Term, ...]) -> bool:
    """A quick look at a stored capture, without reading its JSON: false where the words cannot match.

    What is not ASCII is left to the full look: folding its case may make other letters of it.
    """
    stored = f"{summary}\n{head}".encode()
    if b"\\u" in stored or not body.isascii():
        return True
    text = stored.lower() + body[:MAX_TEXT].lower()
    return all(term.plain in text for term in terms)


def text_matches(text: str, terms: tuple[Term, ...]) -> bool:
    """Whether each term occurs in the searchable text at the beginning of a word."""
    return all(_occurs(term.text, text) for term in terms)


def _occurs(word: str, text: str) -> bool:
    at = text.find(word)
    if word[0] not in _WORD_CHARACTERS:
        return at >= 0
    while at > 0 and text[at - 1] in _WORD_CHARACTERS:
        at = text.find(word, at + 1)
    return at >= 0


def index_text(text: str) -> str:
    """Searchable text for an index whose tokens are runs of ASCII letters and digits, or of anything else.

    Each character outside ASCII becomes a token of its own: not every script parts its words.
    """
    return text if text.isascii() else _NOT_ASCII.sub(r" \g<0> ", text)
