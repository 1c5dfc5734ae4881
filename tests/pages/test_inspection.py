"""The inspection's page: nothing of a request becomes markup, and nothing of it is missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.pages.inspections import (
    HOSTILE_MARKUP,
    document,
    documents,
    inspection,
    is_fixed,
    leaves,
    refused_inspection,
    replaced,
)
from tests.pages.reader import Reader
from yourl.guard import GuardPolicy
from yourl.pages import inspection_page


def texts(name: str) -> list[Any]:
    """Where the texts are in one of the documents."""
    found = leaves(documents()[name])
    paths = [path for path, value in found if isinstance(value, str) and not is_fixed(path)]
    return [pytest.param(name, path, id=f"{name}:{path}") for path in paths]


TEXTS = [*texts("inspection"), *texts("upload")]


def mark_at(path: str, text: str) -> Callable[[str, str], str]:
    """A change that puts ``text`` at ``path`` and leaves the rest."""
    return lambda here, old: text if here == path else old


@pytest.mark.parametrize(("name", "path"), TEXTS)
def test_escapes_every_value(name: str, path: str) -> None:
    """Markup in any one value of the document adds no element and no attribute name."""
    given = documents()[name]
    tame = Reader(inspection_page(replaced(given, mark_at(path, "tame"))).html)
    wild = Reader(inspection_page(replaced(given, mark_at(path, HOSTILE_MARKUP))).html)
    assert wild.elements == tame.elements
    assert {name for _, name, _ in wild.attributes} == {name for _, name, _ in tame.attributes}


@pytest.mark.parametrize("key", ["headers", "query", "form", "hints"])
def test_escapes_every_name(key: str) -> None:
    """Markup in a name that the client chose adds no element."""

    def page_with(name: str) -> Reader:
        doc = {**inspection(), "headers_as_received": None}
        holder = {"form": doc["body"], "hints": doc["device"]}.get(key, doc)
        holder[key] = {name: ["value"] if key in {"query", "form"} else "value"}
        return Reader(inspection_page(doc).html)

    assert page_with(HOSTILE_MARKUP).elements == page_with("tame").elements


@pytest.mark.parametrize(
    ("name", "path"),
    # The mapping of header fields is shown only where the fields as received are not known.
    [param for param in TEXTS if not param.values[1].startswith("/headers/")],
)
def test_shows_every_value(name: str, path: str) -> None:
    """No value of the document is missing from the page."""
    marked = replaced(documents()[name], mark_at(path, "a-value-like-no-other"))
    assert "a-value-like-no-other" in Reader(inspection_page(marked).html).text


def test_shows_joined_headers_where_the_server_has_no_others() -> None:
    """Under a server that hides the fields as received, the mapping is shown."""
    doc = {**inspection(), "headers_as_received": None}
    words = Reader(inspection_page(doc).html).words()
    assert "X-Forwarded-Proto https,http" in words


SAID = [
    pytest.param(inspection(), "Device PC", id="device-type"),
    pytest.param(inspection(), "Guard Allowed rule allow:pc", id="allowed"),
    pytest.param(refused_inspection(), "Device Watch", id="watch"),
    pytest.param(refused_inspection(), "Guard Refused rule block:watch", id="refused"),
    pytest.param(document(guard=GuardPolicy(enabled=False)), "the guard is off", id="guard-off"),
    pytest.param(document(), "Nothing about this request looks wrong.", id="no-findings"),
    pytest.param(document("/", (("hOsT", "a.example"),)), "hOsT", id="headers-as-received"),
    pytest.param({**inspection(), "trailers": [["Checksum", "abc"]]}, "Checksum abc", id="trailers"),
    pytest.param(inspection(), "Documentation: docs/findings.md#missing-host", id="documentation"),
]


@pytest.mark.parametrize(("doc", "said"), SAID)
def test_says(doc: dict[str, Any], said: str) -> None:
    """What is no text in the document is said in words."""
    assert said in Reader(inspection_page(doc).html).words()


def test_tells_findings_apart_by_word() -> None:
    """Each severity has a label, and the findings keep their order."""
    doc = inspection()
    names = {"error": "Error", "warning": "Warning", "info": "Note"}
    text = Reader(inspection_page(doc).html).text
    listed = [(names[finding["severity"]], finding["code"]) for finding in doc["findings"]]
    assert re.findall(r"^\s*(Error|Warning|Note)\s+([a-z-]+)\s*$", text, re.MULTILINE) == listed
    assert len(listed) > 1


BASES = [
    pytest.param("proxy", "A trusted proxy", id="proxy"),
    pytest.param("socket", "Our own socket", id="socket"),
    pytest.param("client", "The request itself", id="client"),
    pytest.param("default", "A default", id="default"),
]


@pytest.mark.parametrize(("basis", "words"), BASES)
def test_says_what_a_decision_is_based_on(basis: str, words: str) -> None:
    """The table of decisions says in words what each value is based on."""
    doc = inspection()
    for name in ("client", "scheme", "host", "port", "prefix"):
        doc["proxy"][name]["basis"] = basis
    assert Reader(inspection_page(doc).html).text.count(words) == 5
