"""Files that stand in the page: the inspection as JSON and as HAR, and the body."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from tests.pages.inspections import forged_inspection, inspection, multipart
from tests.pages.reader import Reader
from yourl.har import har_document
from yourl.pages import inspection_page
from yourl.pages.copies import copies_of, files_of


def contents(html: str) -> dict[str, bytes]:
    """The label of each file that the page offers, and what is in it."""
    urls = [
        value
        for tag, name, value in Reader(html).attributes
        if (tag, name) == ("a", "href") and value[:5] == "data:"
    ]
    kinds = [value for tag, name, value in Reader(html).attributes if (tag, name) == ("a", "download")]
    return {
        kind.rpartition(".")[2]: urllib.request.urlopen(url, timeout=5).read()
        for kind, url in zip(kinds, urls, strict=True)
    }


@pytest.mark.parametrize("doc", [inspection(), inspection(*multipart({"a": "\ud800"}, {"f": "ü"}))])
def test_files_are_this_inspection(doc: dict[str, Any]) -> None:
    """The JSON is the inspection itself, the HAR is made from it."""
    files = contents(inspection_page(doc).html)
    assert json.loads(files["json"]) == doc
    assert json.loads(files["har"]) == har_document(doc)


def test_the_body_is_what_was_sent() -> None:
    """The bytes of the body, whatever they are."""
    content, content_type = multipart({"a": "b"}, {"f": "n"})
    assert contents(inspection_page(inspection(content, content_type)).html)["bin"] == content


def test_files_that_do_not_fit_are_left_out() -> None:
    """The inspection itself comes before other files; nothing is larger than the room for it."""
    doc = forged_inspection(60)
    indented, compact, none = (files_of(doc, room, 900) for room in (10**6, 30_000, 1000))
    assert [file.label for file in indented] == ["JSON", "HAR"]
    assert sum(len(file.url) for file in compact) <= 30_000
    assert [file.label for file in compact] == ["JSON", "HAR"]
    assert none == []


def test_names_fields_with_credentials() -> None:
    """A warning names the header fields whose credentials stand in the command."""
    assert copies_of(inspection()).secrets == ["Authorization"]
    assert (
        "Authorization"
        in Reader(inspection_page(inspection()).html).words().partition("credentials (")[2][:20]
    )
