"""A body is shown as what it is, and a part of it never as if it were all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.pages.inspections import bare_inspection, document, inspection, upload
from tests.pages.reader import Reader
from yourl.pages import inspection_page
from yourl.pages.body import shown_body

LONG = 99_999


def form_of(text: str) -> dict[str, Any]:
    """A form that a browser sent."""
    return inspection(text.encode(), "application/x-www-form-urlencoded")


BODIES = [
    pytest.param(bare_inspection(), "had no body", id="empty"),
    pytest.param(inspection(b"\xff\xfe\x00", "image/png"), "Bytes, as base64", id="bytes"),
    pytest.param(inspection(b"{", "application/json"), "The content type says JSON", id="note"),
    pytest.param(inspection(b"x" * 12345, "text/plain"), "12,345", id="size"),
    pytest.param(
        inspection(b'{"a":[1,null]}'), '{\n  "a": [\n    1,\n    null\n  ]\n}', id="json-is-indented"
    ),
    pytest.param(inspection(b"tab\there\nnext", "text/plain"), "tab\there\nnext", id="lines-stay"),
    pytest.param(form_of("color=r%20d&color=blue"), "r d", id="form-field"),
    pytest.param(upload(), "cat.png", id="file"),
    pytest.param(inspection(b"x" * LONG, "text/plain"), "shows the first 32,768 characters", id="long-text"),
    pytest.param(
        inspection(json.dumps(["x" * LONG]).encode()), "shows the first 32,768 characters", id="long-json"
    ),
]


@pytest.mark.parametrize(("doc", "shown"), BODIES)
def test_shows_the_body(doc: dict[str, Any], shown: str) -> None:
    """Each kind of body is shown in its own way."""
    assert shown in Reader(inspection_page(doc).html).text


def test_says_that_a_body_was_cut() -> None:
    """A body of which the server kept only the beginning is called cut."""
    doc = inspection()
    doc["body"]["truncated"] = True
    assert "This body was cut." in Reader(inspection_page(doc).html).text


class Counted(list[Any]):
    """A list that counts how many of its items are looked at."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.seen += 1
            yield item


def test_indents_only_what_it_shows() -> None:
    """Deep JSON, which indentation multiplies, is not indented any further than it is shown."""
    items = Counted([json.loads("[" * 150 + "]" * 150)] * 3000)
    shown_body({**document()["body"], "json": items})
    assert items.seen <= 2


def test_survives_json_too_deep_to_indent() -> None:
    """JSON nested deeper than Python recurses is shown as far as any other."""
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    shown = shown_body({**document()["body"], "json": nested})
    # Taken apart by hand: Python 3.10 and 3.11 recurse to free it.
    while nested:
        nested = nested.pop()
    assert shown.json is not None
    assert shown.json.cut
