"""What holds for every live page: no markup but the page's own, a narrow policy, a bounded size."""

from __future__ import annotations

import html
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.pages.inspections import HOSTILE, HOSTILE_CHARACTERS, HOSTILE_MARKUP, is_fixed, leaves, replaced
from tests.pages.live_documents import (
    capture,
    comparison,
    empty_listing,
    inbox,
    kept,
    listing,
    live_documents,
    sign_in,
    summary,
)
from tests.pages.reader import Reader, directives, needed_policy
from yourl.captures.rules import parse_rules, public_document
from yourl.pages import Page, live
from yourl.pages.inspection import bytes_sent

WITH_FORMS = (
    "list",
    "empty",
    "off",
    "sign-in",
    "kept",
    "picture",
    "bytes",
    "shared",
    "inbox",
    "inbox-faults",
)
ASKING = ("list", "empty", "off", "kept", "picture", "bytes", "shared")


def page_of(function: str, document: dict[str, Any]) -> Page:
    """The page that a function makes of a document."""
    made: Page = getattr(live, function)(document)
    return made


@cache
def every_live_page() -> dict[str, Page]:
    """Name -> page."""
    return {name: page_of(*given) for name, given in live_documents().items()}


names = pytest.mark.parametrize("name", live_documents())


@names
def test_is_well_formed(name: str) -> None:
    """Every element is closed in order, every id is used once, and what is referred to is there."""
    reader = Reader(every_live_page()[name].html)
    repeated = [found for found, count in Counter(reader.values("id")).items() if count > 1]
    assert (reader.faults, repeated) == ([], [])
    wanted = {*" ".join(reader.values("aria-labelledby") + reader.values("aria-describedby")).split()}
    wanted |= {*reader.values("for"), *reader.values("form")}
    wanted |= {value[1:] for value in reader.values("href") if value.startswith("#")}
    assert wanted - {*reader.values("id")} == set()


@names
def test_policy_allows_exactly_what_the_page_needs(name: str) -> None:
    """Hashes of the inlined texts; forms and questions to the own server only where the page has any."""
    page, kind = every_live_page()[name], name.removeprefix("hostile-")
    needed = needed_policy(page.html, forms=kind in WITH_FORMS, connects=kind in ASKING)
    assert directives(page.content_security_policy) == needed


@names
def test_addresses_stay_on_the_server(name: str) -> None:
    """Every address is a path of this server, or holds what it shows; none runs anything."""
    reader = Reader(every_live_page()[name].html)
    addresses = [
        (attribute, value)
        for tag, attribute, value in reader.attributes
        if attribute in {"href", "action", "formaction", "src"} and tag != "use"
    ]
    foreign = [
        (attribute, value)
        for attribute, value in addresses
        if not value.startswith(("/", "#", "data:image/")) or value.startswith("//")
    ]
    assert foreign == []
    pictures = {value.partition(",")[0] for attribute, value in addresses if attribute == "src"}
    assert pictures <= {"data:image/png;base64"}
    inline = {attribute for _, attribute, _ in reader.attributes}
    assert {found for found in inline if found == "style" or found.startswith("on")} == set()


@names
def test_names_what_cannot_be_seen(name: str) -> None:
    """No invisible character that was sent reaches the page, where it could turn or hide text."""
    page = every_live_page()[name]
    assert page.content.decode("utf-8") == page.html
    # What was typed into a form field is given back in it as it was.
    text = Reader(page.html.partition('<form class="rules"')[0]).text
    assert [f"U+{ord(c):04X}" for c in sorted({*HOSTILE_CHARACTERS} - {*"\n\r[2J"}) if c in text] == []


def texts(name: str) -> list[Any]:
    """Where the texts are in one of the documents."""
    function, document = live_documents()[name]
    paths = [path for path, value in leaves(document) if isinstance(value, str) and not is_fixed(path)]
    own = ("/exports/", "/state", "/kind", "/document/")
    return [
        pytest.param(function, name, path, id=f"{name}:{path}")
        for path in paths
        if not any(part in path for part in own)
    ]


@pytest.mark.parametrize(
    ("function", "name", "path"),
    [
        param
        for name in ("list", "sign-in", "kept", "comparison", "lines", "inbox-faults")
        for param in texts(name)
    ],
)
def test_escapes_every_value(function: str, name: str, path: str) -> None:
    """Markup in any one value adds no element and no attribute name."""
    document = live_documents()[name][1]

    def page_with(text: str) -> Reader:
        changed = replaced(document, lambda here, old: text if here == path else old)
        return Reader(page_of(function, changed).html)

    # As long as the wild one when it is escaped: a value that is cut has an element that says so.
    tame = page_with("t" * len(html.escape(HOSTILE_MARKUP, quote=False)))
    wild = page_with(HOSTILE_MARKUP)
    assert tame.elements == wild.elements
    assert {name for _, name, _ in tame.attributes} == {name for _, name, _ in wild.attributes}


def test_a_prefix_stays_on_the_server() -> None:
    """A path prefix is part of every address, and no prefix leads elsewhere."""
    for prefix, begins in (("/tools", "/tools/live"), ("//evil.example", "/evil.example/live")):
        for function, document in live_documents().values():
            addresses = Reader(page_of(function, {**document, "prefix": prefix}).html)
            paths = [
                value
                for tag, name, value in addresses.attributes
                if name in {"href", "action", "formaction"} and tag not in {"use", "link"}
            ]
            assert [path for path in paths if not path.startswith((begins, "#"))] == []


PNG_HEAD = bytes.fromhex("89504e470d0a1a0a0000000d494844520000000100000001")

# Text as clients send it: markup, lone surrogates, controls, long runs.
awkward = st.one_of(
    st.text(st.characters(), max_size=60),
    st.sampled_from(
        [HOSTILE, "javascript:alert(1)", "<svg onload=alert(1)>", "\x00", "\ud800", "\u202e" * 40]
    ),
    st.builds(lambda character, count: character * count, st.characters(), st.integers(0, 5000)),
)
few = settings(max_examples=10, deadline=None)


@few
@given(st.lists(st.tuples(awkward, awkward, awkward, awkward), max_size=6), awkward, st.integers(0, 10**12))
def test_any_list_is_bounded(rows: list[tuple[str, ...]], typed: str, number: int) -> None:
    """Whatever the values of its rows, filters and counts: a bound for the page and one for each row."""
    requests = [
        {**summary(1, size=number), "id": one[:32], "method": two, "url": three, "client": four,
         "findings": [one, two] * 20, "content_type": two, "device_type": three, "inbox": four[:64]}
        for one, two, three, four in rows
    ]  # fmt: skip
    filters = dict.fromkeys(listing()["filters"], typed)
    inboxes = [{"name": typed[:64], "count": number, "size": number, "evicted": number, "devices": {}}] * 300
    page = live.live_page(
        listing(requests=requests, filters=filters, fault=typed, inboxes=inboxes, devices={typed: number})
    )
    assert len(page.content) <= 512 * 1024 + 8 * 1024 * len(rows)
    assert Reader(page.html).elements["script"] == 1
    assert Reader(page.html).faults == []


def offers_to_save(page: Page) -> bool:
    """Whether the button of a form can be pressed."""
    return "main-button" in page.html and not Reader(page.html).values("disabled")


@pytest.mark.parametrize(
    ("body", "can_be_saved"),
    [("{}\n", True), ("a\r\nb", False), ("\x1b[2J", False), ("x" * 65_536, True)],
)
def test_a_form_saves_only_what_it_holds_whole(body: str, can_be_saved: bool) -> None:
    """Rules that a form would change by being saved are shown without a button to save them."""
    page = live.inbox_page(inbox(rules=public_document(parse_rules({"status": 200, "body": body}))))
    assert can_be_saved == offers_to_save(page)
    assert can_be_saved == ('<p class="notice" hidden>' in page.html)


def test_a_long_sequence_is_not_saved_in_part() -> None:
    """A sequence that is longer than its field cannot be saved by the form."""
    rules = parse_rules({"sequence": [{"status": 503, "body": "x" * 60_000}] * 4})
    assert not offers_to_save(live.inbox_page(inbox(rules=public_document(rules))))


def test_what_a_browser_sent_can_be_sent_again() -> None:
    """Line ends are CRLF in a form; after a mistake it can be mended and saved."""
    sent = {"status": "x", "headers": "A: 1\r\nB: 2", "body": "one\r\ntwo"}
    assert offers_to_save(live.inbox_page(inbox(fields=sent, faults=["status must be a number."])))


@few
@given(awkward, awkward)
def test_any_form_is_bounded(one: str, two: str) -> None:
    """Whatever is typed, given back or complained about."""
    fields = {"headers": one, "body": two, "sequence": one, "status": two}
    given_pages = [
        live.sign_in_page(sign_in(message=one, next=two)),
        live.inbox_page(inbox(inbox=one, faults=[two] * 200, fields=fields, schemes=[(one, two)])),
    ]
    for page in given_pages:
        assert len(page.content) <= 1024 * 1024
        assert Reader(page.html).faults == []


@few
@given(st.binary(max_size=4000), st.sampled_from(["", "text/plain", "application/json", "image/png"]))
def test_any_kept_request_is_bounded(content: bytes, content_type: str) -> None:
    """The bound of the inspection's page holds here: four times what was sent, and 64 KiB."""
    document = kept(capture(content, content_type))
    page = live.kept_request_page(document)
    assert len(page.content) <= 4 * bytes_sent(document["document"]) + 64 * 1024
    assert Reader(page.html).faults == []


COSTLY = {
    "megabyte-line": (b'"' * 1_000_000, "text/plain"),
    "controls": (b"a\x01" * 50_000, "text/plain"),
    "bytes": (b"\xff\x00" * 50_000, "image/png"),
    "deep-json": (b"[" * 150 + b"]" * 150, "application/json"),
    "picture": (
        PNG_HEAD + bytes(90_000),
        "image/png",
    ),
    "small-picture": (PNG_HEAD + bytes(9), ""),
}


@pytest.mark.parametrize("name", COSTLY)
def test_a_costly_body_is_bounded(name: str) -> None:
    """However a body is made."""
    document = kept(capture(*COSTLY[name], more=(("X-Long", "<" * 6000),), target="/in/x?" + "&=" * 3000))
    page = live.kept_request_page(document)
    assert len(page.content) <= 4 * bytes_sent(document["document"]) + 64 * 1024


@few
@given(st.lists(awkward, min_size=2, max_size=2), st.lists(awkward, max_size=3))
def test_any_comparison_is_bounded(bodies: list[str], values: list[str]) -> None:
    """Whatever the two requests hold."""
    one, two = (
        capture(body.encode("utf-8", "surrogatepass"), "text/plain", number=number)
        for number, body in enumerate(bodies, 1)
    )
    document = comparison(one, two)
    part = {
        "differences": [{"name": value, "left": [value] * 50, "right": None} for value in values * 60],
        "equal": 3,
        "is_complete": False,
    }
    document["comparison"] = {**document["comparison"], "headers": part}
    page = live.comparison_page(document)
    assert len(page.content) <= 512 * 1024
    assert Reader(page.html).faults == []


def test_an_empty_page_has_every_part() -> None:
    """With nothing kept the page says how to send something."""
    words = Reader(live.live_page(empty_listing()).html).words()
    assert "Nothing has arrived yet." in words
    assert "An inbox is made by the first request to it." in words
