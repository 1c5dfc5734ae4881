"""The addresses that the live pages link to, and the filters that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from yourl.captures.queries import FILTERS
from yourl.captures.search import MAX_QUERY
from yourl.pages.characters import text_of
from yourl.pages.errors import path_prefix


def live_address(prefix: object) -> str:
    """The address of the live page, to which the other addresses are added."""
    return f"{path_prefix(prefix)}/live"


def query_string(filters: Mapping[str, object], **more: str) -> str:
    """The filters that are set, and ``more``, as the query of an address; empty where there are none."""
    given = {name: text_of(filters.get(name, ""))[:MAX_QUERY] for name in FILTERS}
    pairs = [(name, value) for name, value in {**given, **more}.items() if value]
    return f"?{urlencode(pairs, errors='replace')}" if pairs else ""
