"""No page is larger than four times its request and 64 KiB, and the page says what it leaves out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pages.inspections import (
    Fields,
    document,
    documents,
    forged_inspection,
    inspection,
    multipart,
)
from tests.pages.reader import Reader
from yourl.pages import inspection_page
from yourl.pages.inspection import bytes_sent

HOST = ("Host", "a.example")


def fields_of(value: str, count: int = 90) -> Fields:
    """As many fields of this value as a head may have."""
    return (HOST, *((f"X-{number}", value) for number in range(count)))


def posted(content: bytes, content_type: str) -> dict[str, Any]:
    """A body of this type."""
    return document("/", (HOST, ("Content-Type", content_type)), content, method="POST")


FORM = "application/x-www-form-urlencoded"
COSTLY = {
    **documents(),
    "quotes-in-fields": document("/", fields_of("\"'&<" * 160)),
    "invisible-in-fields": document("/", fields_of("a\x85" * 320)),
    "short-fields": document("/", fields_of("")),
    "quotes-in-the-target": document("/" + "'" * 7000, (HOST,)),
    "many-parameters": document("/?" + "a&" * 3500, (HOST,)),
    "many-hops": forged_inspection(600),
    "text-of-quotes": posted(b'"' * 100_000, "text/plain"),
    "text-of-controls": posted(b"a\x01" * 50_000, "text/plain"),
    "small-text-of-controls": posted(b"a\x01" * 2000, "text/plain"),
    "bytes": posted(b"\xff\x00" * 50_000, "image/png"),
    "deep-json": posted(b"[" * 150 + b"]" * 150, "application/json"),
    "wide-json": posted(json.dumps([[[]]] * 5000).encode(), "application/json"),
    "quotes-in-json": posted(json.dumps(['"' * 500] * 50).encode(), "application/json"),
    "many-form-fields": posted(b"a&" * 900, FORM),
    "long-form-fields": posted(b"a=" + b"%22" * 30_000, FORM),
    "many-files": posted(*multipart({}, {f"f{number}": "n" for number in range(300)})),
    "long-json": posted(json.dumps({"a": ["word " * 50] * 200}).encode(), "application/json"),
    "megabyte": posted(json.dumps({"a": ["word " * 100] * 2000}).encode(), "application/json"),
}


@pytest.mark.parametrize("name", COSTLY)
def test_is_bounded(name: str) -> None:
    """However a request is made, its page is at most four times as large, and 64 KiB."""
    doc = COSTLY[name]
    assert len(inspection_page(doc).html.encode()) <= 4 * bytes_sent(doc) + 64 * 1024


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#\\"), max_size=500),
    st.lists(
        st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=300)
    ),
    st.binary(max_size=3000),
)
def test_any_request_is_bounded(target: str, values: list[str], content: bytes) -> None:
    """Whatever the bytes of target, fields and body."""
    fields = (HOST, *((f"X-{number}", value.strip()) for number, value in enumerate(values[:60])))
    doc = document(f"/{target}", fields, content, method="POST")
    assert len(inspection_page(doc).html.encode()) <= 4 * bytes_sent(doc) + 64 * 1024


@pytest.mark.parametrize(
    ("doc", "said"),
    [
        pytest.param(document("/", (HOST, ("X", "v" * 1500))), "… 500 more characters", id="long-value"),
        pytest.param(document("/?" + "a&" * 500, (HOST,)), "more are not shown here.", id="many-parameters"),
        pytest.param(inspection(b"x" * 40_000, "text/plain"), "… 7,232 more characters", id="long-body"),
        pytest.param(COSTLY["long-json"], "This is only its beginning.", id="long-json"),
        pytest.param(COSTLY["many-hops"], "more hops are not drawn", id="many-hops"),
        pytest.param(COSTLY["forged"], "This page has no room for", id="no-room-for-files"),
    ],
)
def test_says_what_is_left_out(doc: dict[str, Any], said: str) -> None:
    """A part is never shown as if it were all."""
    assert said in Reader(inspection_page(doc).html).words()


def test_an_ordinary_request_has_everything() -> None:
    """The limits are not felt by requests as browsers send them."""
    for name in ("inspection", "upload", "bare"):
        words = Reader(inspection_page(documents()[name]).html).words()
        assert "Download JSON Download HAR" in words
        assert not re.search("more characters|not shown here|no room for", words)
