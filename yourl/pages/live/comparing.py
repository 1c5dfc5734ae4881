"""The page that shows two requests side by side."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yourl.pages.allowance import Allowance, Rows
from yourl.pages.assets import Page
from yourl.pages.live.addresses import live_address
from yourl.pages.live.assets import STYLE, TIMES_SCRIPT
from yourl.pages.rendering import render

VALUES = 128 * 1024
"""Bytes of HTML that all values may take."""
MOST_ROWS = 100
"""Differences of each kind, and lines."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; a side is None where it has no value."""

    name: str
    left: Sequence[str] | None
    right: Sequence[str] | None

    @property
    def kind(self) -> str:
        """``left`` and ``right`` where only that side has a value, else ``changed``."""
        if self.right is None:
            return "left"
        return "right" if self.left is None else "changed"


@dataclass(frozen=True, slots=True)
class Part:
    """The differences of one part of the requests, and how much of it is equal."""

    rows: list[Difference]
    equal: int
    is_complete: bool


def comparison_page(given: Mapping[str, Any]) -> Page:
    """Both requests and what differs.

    :param given: ``prefix``; ``a`` and ``b``, summaries; ``comparison``, what ``comparison.compare`` gives
    """
    comparison = given["comparison"]
    request, headers, query = (_named(comparison[name]) for name in ("request", "headers", "query"))
    body = comparison["body"]
    allowance = Allowance(VALUES, MOST_ROWS)
    lines = body.get("lines", [])
    return render(
        "live_compare.html",
        style=STYLE,
        script=TIMES_SCRIPT,
        given=given,
        live=live_address(given["prefix"]),
        allowance=allowance,
        same=body["kind"] == "equal" and not (request.rows or headers.rows or query.rows),
        body=body,
        body_rows=_values(body) if body["kind"] == "json" else None,
        lines=Rows(lines[:MOST_ROWS], max(len(lines) - MOST_ROWS, 0)),
        request=request,
        headers=headers,
        query=query,
    )


def _named(part: Mapping[str, Any]) -> Part:
    rows = [Difference(row["name"], row["left"], row["right"]) for row in part["differences"]]
    return Part(rows, part["equal"], part["is_complete"])


def _values(body: Mapping[str, Any]) -> Part:
    """The differences of two JSON values. A side that is left out has none: null is a value."""
    rows = [
        Difference(row["path"], _as_json(row, "left"), _as_json(row, "right")) for row in body["differences"]
    ]
    return Part(rows, 0, body["is_complete"])


def _as_json(row: Mapping[str, Any], side: str) -> list[str] | None:
    return [json.dumps(row[side], ensure_ascii=False)] if side in row else None
