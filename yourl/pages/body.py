"""What the page shows of a request's content: the beginning, and whether there is more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The page shows this many characters of a body; the JSON carries all that the server kept.
BODY_CHARACTERS_SHOWN = 32 * 1024


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning of a text; ``cut`` when there is more of it than the page shows."""

    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body with those of its forms that are shown; None where it does not have that form."""

    given: Mapping[str, Any]
    text: Excerpt | None
    base64: Excerpt | None
    json: Excerpt | None


def shown_body(body: Mapping[str, Any]) -> ShownBody:
    """Excerpts of the inspection's ``body``."""
    return ShownBody(
        given=body,
        text=_excerpt(body["text"]),
        base64=_excerpt(body["base64"]),
        json=_indented(body["json"]),
    )


def _excerpt(text: str | None) -> Excerpt | None:
    if not text:
        return None
    return Excerpt(text[:BODY_CHARACTERS_SHOWN], len(text) > BODY_CHARACTERS_SHOWN)


def _indented(value: object) -> Excerpt | None:
    """JSON with indentation, made only as far as it is shown.

    Indentation multiplies deep nesting: a megabyte of brackets would become hundreds, or more levels
    than Python can recurse.
    """
    if value is None:
        return None
    chunks: list[str] = []
    length = 0
    for chunk in json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value):
        chunks.append(chunk)
        length += len(chunk)
        if length > BODY_CHARACTERS_SHOWN:
            break
    return _excerpt("".join(chunks))
