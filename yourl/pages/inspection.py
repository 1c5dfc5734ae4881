"""The page for one inspection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yourl.pages.assets import Page
from yourl.pages.body import shown_body
from yourl.pages.commands import curl
from yourl.pages.rendering import render
from yourl.pages.route import drawn_route, proxy_count


def inspection_page(doc: Mapping[str, Any]) -> Page:
    """The page for one inspection.

    :param doc: what ``representation.inspection_document`` gives
    """
    hops = doc["proxy"]["hops"]
    return render(
        "inspection.html",
        doc=doc,
        header_lines=doc["headers_as_received"] or list(doc["headers"].items()),
        route=drawn_route(hops),
        proxy_count=proxy_count(hops),
        body=shown_body(doc["body"]),
        curl=curl(doc["method"], doc["url"]),
    )
