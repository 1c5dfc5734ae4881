"""What the page shows of a request's content: parsed and raw, each as far as there is room."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yourl.pages.json_lines import indented

LINES_PRINTED = 400
"""Indented JSON with more lines is printed as running text, which takes less paper."""


RAW_BESIDE_PARSED = 4096
"""Bytes of HTML for the raw form where a parsed one shows the same."""


@dataclass(frozen=True, slots=True)
class ShownBody:
    """A body as the page shows it."""

    given: Mapping[str, Any]
    json: str | None
    """Indented, its beginning."""
    json_is_cut: bool
    raw: str
    """Text, or base64 where the content is no text."""
    raw_label: str
    raw_limit: int
    """Bytes of HTML that the raw form may take."""
    prints_as_text: bool
    """Whether the indented JSON is printed as running text."""

    @property
    def fields(self) -> list[tuple[str, str]]:
        """(name, value) of each form field."""
        return [(name, value) for name, values in (self.given["form"] or {}).items() for value in values]


def shown_body(body: Mapping[str, Any], limit: int) -> ShownBody:
    """The inspection's ``body`` for the page.

    :param limit: bytes of HTML for its main form
    """
    json, cut = (None, False) if body["json"] is None else indented(body["json"], limit)
    is_main = json is None and body["form"] is None
    return ShownBody(
        given=body,
        json=json,
        json_is_cut=cut,
        raw=(body["base64"] if body["text"] is None else body["text"]) or "",
        raw_label="Bytes, as base64" if body["text"] is None else "As it arrived",
        raw_limit=limit if is_main else min(limit, RAW_BESIDE_PARSED),
        prints_as_text=json is not None and json.count("\n") > LINES_PRINTED,
    )
