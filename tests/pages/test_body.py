"""A body is shown as what it is, and a part of it never as if it were all."""

from __future__ import annotations

import json
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
    pytest.param(bare_inspection(), "no body", id="empty"),
    pytest.param(inspection(b"\xff\xfe\x00", "image/png"), "Bytes, as base64", id="bytes"),
    pytest.param(inspection(b"{", "application/json"), "The content type says JSON", id="note"),
    pytest.param(inspection(b"x" * 12345, "text/plain"), "12,345", id="size"),
    pytest.param(inspection(b'{"a":[1,null]}'), '{\n  "a": [1, null]\n}', id="json-is-indented"),
    pytest.param(inspection(b"tab\there\nnext", "text/plain"), "tab\there\nnext", id="lines-stay"),
    pytest.param(form_of("color=r%20d&color=blue"), "r d", id="form-field"),
    pytest.param(upload(), "cat.png", id="file"),
    pytest.param(
        inspection(b"x" * LONG, "text/plain"), f"… {LONG - 32768:,} more characters", id="long-text"
    ),
    pytest.param(
        inspection(json.dumps(["x" * LONG]).encode()), "This is only its beginning.", id="long-json"
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


def test_a_body_comes_before_the_route() -> None:
    """Where a request has a body, that is what people look for; else the route is."""
    with_body, without = (Reader(inspection_page(doc).html).values("id") for doc in (upload(), document()))
    assert with_body.index("body") < with_body.index("route")
    assert "body" not in without


@pytest.mark.parametrize(("items", "expected"), [(20, False), (500, True)])
def test_prints_long_json_as_text(items: int, expected: bool) -> None:
    """JSON of many lines is printed as running text, to save paper."""
    content = json.dumps([{"id": number, "deep": [[number]]} for number in range(items)]).encode()
    assert shown_body(inspection(content)["body"], 10**6).prints_as_text is expected
