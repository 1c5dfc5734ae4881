"""A small page of names and values, for documents such as ``/status`` and ``/guard``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from yourl.pages.allowance import Allowance
from yourl.pages.assets import Page
from yourl.pages.rendering import render

BYTES_OF_VALUES = 16 * 1024
MOST_ROWS = 100


def facts_page(title: str, doc: Mapping[str, Any], aside: str = "") -> Page:
    """The page for a document of a few facts.

    :param aside: a sentence about what else can be asked for
    """
    rows = list(_rows(doc))
    allowance = Allowance(BYTES_OF_VALUES, MOST_ROWS)
    return render(
        "facts.html",
        style="error.css",
        script="",
        title=title,
        aside=aside,
        allowance=allowance,
        facts=allowance.rows(rows, len(rows)),
    )


def _rows(doc: Mapping[str, Any], outer: str = "") -> Iterator[tuple[str, Any]]:
    """(name, value) of each fact; the names of what is nested are joined."""
    for key, value in doc.items():
        name = f"{outer} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from _rows(value, name)
        elif isinstance(value, list):
            yield name, ", ".join(map(str, value)) or None
        else:
            yield name, value
