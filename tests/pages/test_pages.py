"""The pages: nothing of a request becomes markup, nothing of it is missing, nothing is fetched."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.pages.inspections import (
    HOSTILE,
    HOSTILE_CHARACTERS,
    HOSTILE_MARKUP,
    bare_inspection,
    decided,
    hop,
    hostile_inspection,
    inspection,
    leaves,
    replaced,
)
from yourl.pages import Page, error_page, inspection_page, pieces, plain, warm

ERROR = {
    "error": "not_found",
    "message": "There is nothing at /nowhere.",
    "url": "https://shop.example/nowhere",
    "timestamp": "2026-11-23T22:14:05.123456+00:00",
}
REFUSAL = {
    **ERROR,
    "device_type": "watch",
    "guard": {"allowed": False, "rule": "block:watch", "why": "Watches may not look."},
    "prefix": "/yourl",
}
VOID = {"meta", "link", "br", "hr", "img", "input", "use", "path", "rect", "circle"}


class Reader(HTMLParser):
    """Reads a page as a browser does: elements, attributes, text, and what is not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.inline: dict[str, str] = {"style": "", "script": ""}
        self.text = ""
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{name}> is never closed" for name in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        inside = self._open[-1] if self._open else ""
        if inside in self.inline:
            self.inline[inside] += data
        else:
            self.text += data

    def values(self, attribute: str) -> list[str]:
        """Every value that this attribute has anywhere."""
        return [value for _, name, value in self.attributes if name == attribute]


def every_page() -> list[Any]:
    """Each kind of page, and each with the worst that a request can carry."""
    refusal = replaced(REFUSAL, lambda _path, text: HOSTILE + text)
    return [
        pytest.param(inspection_page(inspection()), id="inspection"),
        pytest.param(inspection_page(bare_inspection()), id="bare-inspection"),
        pytest.param(inspection_page(hostile_inspection()), id="hostile-inspection"),
        pytest.param(error_page(ERROR, 404, "Not Found"), id="error"),
        pytest.param(error_page(REFUSAL, 403, "Forbidden"), id="refusal"),
        pytest.param(error_page(refusal, 403, HOSTILE), id="hostile-refusal"),
    ]


pages = pytest.mark.parametrize("page", every_page())


@pages
def test_is_well_formed(page: Page) -> None:
    """Every element is closed in order, and every id is used once."""
    reader = Reader(page.html)
    repeated = [name for name, count in Counter(reader.values("id")).items() if count > 1]
    assert (reader.faults, repeated) == ([], [])


@pages
def test_labels_exist(page: Page) -> None:
    """What an element says it is labelled by, or refers to, is there."""
    reader = Reader(page.html)
    wanted = {*reader.values("aria-labelledby")}
    wanted |= {value[1:] for value in reader.values("href") if value.startswith("#")}
    assert wanted - {*reader.values("id")} == set()


@pages
def test_fetches_nothing(page: Page) -> None:
    """No attribute names a place to load from; the icon is inside the page."""
    reader = Reader(page.html)
    loaded = [
        value
        for tag, name, value in reader.attributes
        if name in {"src", "srcset", "action", "data", "poster"}
        or (name == "href" and tag in {"link", "use"})
    ]
    assert [value for value in loaded if not value.startswith(("#i-", "data:image/svg+xml;base64,"))] == []


@pages
def test_has_no_inline_attributes(page: Page) -> None:
    """No style and no event attributes: the policy would refuse them."""
    names = {name for _, name, _ in Reader(page.html).attributes}
    assert {name for name in names if name == "style" or name.startswith("on")} == set()


@pages
def test_policy_allows_exactly_its_own_style_and_script(page: Page) -> None:
    """The hashes in the policy are those of the inlined texts, and all else is forbidden."""
    inline = Reader(page.html).inline

    def source(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    policy = dict(directive.split(" ", 1) for directive in page.content_security_policy.split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": source(inline["style"]),
        "script-src": source(inline["script"]),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }


@pages
def test_can_be_encoded(page: Page) -> None:
    """A lone surrogate in a value does not keep the page from being sent."""
    assert page.html.encode("utf-8").decode("utf-8") == page.html


@pages
def test_shows_what_cannot_be_seen(page: Page) -> None:
    """No invisible character of a request reaches the page itself, where it could turn or hide text."""
    text = Reader(page.html).text
    assert [f"U+{ord(c):04X}" for c in sorted({*HOSTILE_CHARACTERS} - {*"\n\r[2J"}) if c in text] == []


TEXTS = [path for path, value in leaves(inspection()) if isinstance(value, str)]


@pytest.mark.parametrize("path", TEXTS)
def test_escapes_every_value(path: str) -> None:
    """Markup in any one value of the document adds no element and no attribute name."""
    tame = Reader(inspection_page(replaced(inspection(), mark_at(path, "tame"))).html)
    wild = Reader(inspection_page(replaced(inspection(), mark_at(path, HOSTILE_MARKUP))).html)
    assert wild.elements == tame.elements
    assert {name for _, name, _ in wild.attributes} == {name for _, name, _ in tame.attributes}


@pytest.mark.parametrize("key", ["headers", "query", "form", "hints"])
def test_escapes_every_name(key: str) -> None:
    """Markup in a name that the client chose adds no element."""

    def page_with(name: str) -> Reader:
        document = inspection()
        holder = {"form": document["body"], "hints": document["device"]}.get(key, document)
        holder[key] = {name: ["value"] if key in {"query", "form"} else "value"}
        return Reader(inspection_page(document).html)

    assert page_with(HOSTILE_MARKUP).elements == page_with("tame").elements


@pytest.mark.parametrize("key", ["error", "message", "url", "timestamp"])
def test_escapes_every_value_of_an_error(key: str) -> None:
    """Markup in an error's value adds no element."""
    wild = Reader(error_page({**ERROR, key: HOSTILE_MARKUP}, 404, "Not Found").html)
    assert wild.elements == Reader(error_page(ERROR, 404, "Not Found").html).elements


def mark_at(path: str, text: str) -> Any:
    """A change that puts ``text`` at ``path`` and leaves the rest."""
    return lambda here, old: text if here == path else old


# Where a fixed word stands for the value: a device class by its name, a severity by its label.
SPOKEN = {"/device_type", *(f"/findings/{at}/severity" for at in range(3))}


@pytest.mark.parametrize("path", [path for path in TEXTS if path not in SPOKEN])
def test_shows_every_value(path: str) -> None:
    """No value of the document is missing from the page."""
    marked = replaced(inspection(), mark_at(path, "a-value-like-no-other"))
    assert "a-value-like-no-other" in Reader(inspection_page(marked).html).text


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        pytest.param({"device_type": "watch"}, "Watch", id="device-type"),
        pytest.param({"device_type": "toaster"}, "Unknown device", id="unheard-of-device-type"),
        pytest.param({"guard": {"allowed": False, "rule": "r", "why": "w"}}, "May not look", id="refused"),
        pytest.param({"friends_family_guard": False}, "the guard is off", id="guard-off"),
        pytest.param(
            {"fidelity": {"header_case": "It is lost."}}, "header case: It is lost.", id="fidelity-named"
        ),
        pytest.param({"headers_as_received": [["hOsT", "x"]]}, "hOsT", id="headers-as-received"),
        pytest.param({"findings": []}, "Nothing about this request looks wrong.", id="no-findings"),
    ],
)
def test_says(change: dict[str, Any], shown: str) -> None:
    """What is no text in the document is said in words."""
    assert shown in Reader(inspection_page({**inspection(), **change}).html).text


def test_tells_findings_apart_by_word() -> None:
    """Each severity has a label, and the worst finding comes first."""
    text = Reader(inspection_page(inspection()).html).text
    found = re.findall(r"(Error|Warning|Note)\s+(redirect-loop|client-spoofable|port-lost)", text)
    assert found == [("Error", "redirect-loop"), ("Warning", "client-spoofable"), ("Note", "port-lost")]


def test_draws_the_chain_from_the_client_to_this_server() -> None:
    """Each hop stands in the order of its way, with its part in it and whether it is trusted."""
    text = Reader(inspection_page(inspection()).html).text
    chain = text[text.index("How the request came here") : text.index("What the server decided")]
    words = r"Claimed|Client|Proxy, our peer|Proxy|This server|Not trusted|Trusted"
    assert re.findall(rf"^\s*({words})\s*$", chain, re.MULTILINE) == [
        *("Claimed", "Not trusted"),
        *("Client", "Not trusted"),
        *("Proxy", "Trusted"),
        *("Proxy, our peer", "Trusted"),
        "This server",
    ]


def test_draws_claims_with_another_line() -> None:
    """The line from a hop that nobody trusted saw is another than that from one that was seen."""
    document = inspection()
    via = {**hop("", "Via[0]", False, "It names itself."), "address": None, "identifier": "1.1 edge"}
    document["proxy"]["hops"].insert(2, via)
    classes = Reader(inspection_page(document).html).values("class")
    lines = [name for value in classes for name in value.split() if name.startswith("link-")]
    assert lines == ["link-claimed", "link-vouched", "link-claimed", "link-vouched", "link-vouched"]


CHAINS = [
    pytest.param([hop("10.0.0.9", "connection", False, "")], "10.0.0.9", "Direct", id="no-proxy"),
    pytest.param(
        [hop("10.0.0.1", "X-Forwarded-For[0]", False, ""), hop("10.0.0.9", "connection", False, "")],
        "10.0.0.9",
        "Direct",
        id="untrusted-peer-claims-a-hop",
    ),
    pytest.param(
        [hop("10.0.0.1", "X-Forwarded-For[0]", False, ""), hop("10.0.0.9", "connection", True, "")],
        "10.0.0.1",
        "1 proxy",
        id="one-proxy",
    ),
    pytest.param([hop("10.0.0.9", "connection", True, "")], None, "Unclear", id="client-unknown"),
    pytest.param([], None, "Unclear", id="no-hops"),
]


@pytest.mark.parametrize(("hops", "client", "way"), CHAINS)
def test_counts_proxies(hops: list[dict[str, Any]], client: str | None, way: str) -> None:
    """The way here is told from the decided client on, not from what anybody claims."""
    document = inspection()
    document["proxy"].update(hops=hops, client={**decided("", "connection", True, ""), "value": client})
    text = " ".join(Reader(inspection_page(document).html).text.split())
    assert f"Way here {way} " in text


def test_follows_the_role_that_the_verdict_gives() -> None:
    """Where hops carry roles, the client is the one that is called so, and what else names it is shown."""
    document = inspection()
    for at, role in enumerate(("client", "proxy", "proxy", "proxy")):
        document["proxy"]["hops"][at].update(
            role=role, trusted=role == "proxy", also=[f"Via[{at}]: 1.1 edge"]
        )
    text = " ".join(Reader(inspection_page(document).html).text.split())
    assert "Way here 3 proxies " in text
    assert "also named by Via[0]: 1.1 edge" in text


def test_draws_both_ends_of_a_forged_chain() -> None:
    """Of a thousand hops the outermost and the nearest are drawn and the others counted."""
    document = inspection()
    forged = [hop(f"192.0.2.{at}", f"X-Forwarded-For[{at}]", False, "") for at in range(1000)]
    document["proxy"]["hops"] = forged + document["proxy"]["hops"]
    reader = Reader(inspection_page(document).html)
    assert "994 more hops are not drawn" in reader.text
    assert [f"192.0.2.{at}" in reader.text for at in (0, 1, 2, 500, 999)] == [True, True, False, False, True]


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        pytest.param(decided("x", "Forwarded[0]", True, ""), "A trusted proxy", id="vouched"),
        pytest.param(decided("x", "connection", False, ""), "Our own socket", id="seen"),
        pytest.param(decided("x", "Host", False, ""), "The client's word", id="said"),
        pytest.param(decided("x", "scheme-default", False, ""), "Concluded", id="concluded"),
    ],
)
def test_says_what_a_decision_rests_on(decision: dict[str, Any], words: str) -> None:
    """The decision table says in words what each value rests on."""
    document = inspection()
    for name in ("client", "scheme", "host", "port", "prefix"):
        document["proxy"][name] = decision
    assert Reader(inspection_page(document).html).text.count(words) == 5


BODIES = [
    pytest.param({"truncated": True}, "This body was cut.", id="truncated"),
    pytest.param({"size": 0, "text": "", "json": None, "form": None, "files": []}, "had no body", id="empty"),
    pytest.param({"text": None, "base64": "AAEC", "json": None}, "Bytes, as base64", id="bytes"),
    pytest.param({"note": "This is not JSON."}, "This is not JSON.", id="note"),
    pytest.param({"size": 1234567}, "1,234,567", id="size"),
    pytest.param({"json": {"a": [1, None]}}, '{\n  "a": [\n    1,\n    null\n  ]\n}', id="json-is-indented"),
    pytest.param({"text": "tab\there\nnext line", "json": None}, "tab\there\nnext line", id="lines-stay"),
    pytest.param({"text": "x" * 99999, "json": None}, "shows the first 32,768 characters", id="long-text"),
    pytest.param({"json": ["x" * 99999]}, "shows the first 32,768 characters", id="long-json"),
]


@pytest.mark.parametrize(("change", "shown"), BODIES)
def test_shows_the_body(change: dict[str, Any], shown: str) -> None:
    """A body is shown as what it is, and a part of it never as if it were all."""
    document = inspection()
    document["body"].update(change)
    assert shown in Reader(inspection_page(document).html).text


class Counted(list[Any]):
    """A list that counts how many of its items are looked at."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.seen += 1
            yield item


def test_indents_only_what_it_shows() -> None:
    """Deep JSON, which indentation multiplies, is not indented any further than it is shown."""
    document = inspection()
    deep = json.loads("[" * 150 + "]" * 150)
    document["body"]["json"] = items = Counted([deep] * 3000)
    inspection_page(document)
    assert items.seen <= 2


def test_survives_json_too_deep_to_indent() -> None:
    """JSON nested deeper than Python recurses is shown as far as any other."""
    document = inspection()
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    document["body"]["json"] = nested
    text = Reader(inspection_page(document).html).text
    # Taken apart by hand: Python 3.10 and 3.11 recurse to free it.
    while nested:
        nested = nested.pop()
    assert "shows the first 32,768 characters" in text


COMMANDS = [
    pytest.param("GET", "https://a.example/x?y=1&z=2", ["curl"], id="plain"),
    pytest.param("GET", "https://a.example/'; rm -rf ~ #", ["curl"], id="quotes"),
    pytest.param("GET", "https://a.example/$(id)`id`\\!x", ["curl"], id="substitution"),
    pytest.param("POST", "https://a.example/", ["curl", "-X", "POST"], id="method"),
    pytest.param("$(id)", "https://a.example/", ["curl", "-X", "$(id)"], id="hostile-method"),
    pytest.param("GET", "https://[2001:db8::1]/{a,b}", ["curl", "--globoff"], id="globs"),
]


@pytest.mark.parametrize(("method", "url", "begins"), COMMANDS)
def test_command_is_safe_to_paste(method: str, url: str, begins: list[str]) -> None:
    """The shell splits the command into exactly these words, and expands none of them."""
    text = Reader(inspection_page({**inspection(), "method": method, "url": url}).html).text
    command = text[text.index("curl ", text.index("The same as JSON")) :].split("\n")[0]
    assert shlex.split(command) == [*begins, "-H", "Accept: application/json", url]


@pytest.mark.parametrize(
    ("prefix", "home"),
    [
        pytest.param(None, "/", id="none"),
        pytest.param("", "/", id="empty"),
        pytest.param("/shop/api", "/shop/api/", id="prefix"),
        pytest.param("//evil.example", "/evil.example/", id="another-host"),
        pytest.param("/\\evil.example", "/evil.example/", id="another-host-by-backslash"),
        pytest.param("/\t/evil.example", "/%09/evil.example/", id="another-host-by-tab"),
        pytest.param("javascript:alert(1)", "/javascript:alert(1)/", id="script"),
        pytest.param("/\ud800", "/%3F/", id="lone-surrogate"),
    ],
)
def test_error_leads_home(prefix: str | None, home: str) -> None:
    """The way home stays on this origin, under the prefix that the proxy announced."""
    reader = Reader(error_page({**ERROR, "prefix": prefix}, 404, "Not Found").html)
    assert [value for tag, name, value in reader.attributes if (tag, name) == ("a", "href")] == [home]


def test_error_says_what_was_asked_and_what_is_wrong() -> None:
    """Status, reason, code, message, URL and time are on the page, and the guard's reason if it refused."""
    text = Reader(error_page(REFUSAL, 403, "Forbidden").html).text
    told = ["403", "Forbidden", *ERROR.values(), "Watch", "block:watch", "Watches may not look."]
    assert [word for word in told if word not in text] == []


@pytest.mark.parametrize(
    ("value", "lines", "expected"),
    [
        pytest.param("plain", False, [("plain", False)], id="plain"),
        pytest.param("", False, [], id="empty"),
        pytest.param("a\u202eb", False, [("a", False), ("U+202E", True), ("b", False)], id="direction"),
        pytest.param("\ud800", False, [("U+D800", True)], id="lone-surrogate"),
        pytest.param(
            "a\n\tb", False, [("a", False), ("U+000A U+0009", True), ("b", False)], id="line-end-in-a-line"
        ),
        pytest.param("a\n\tb", True, [("a\n\tb", False)], id="line-end-in-a-block"),
        pytest.param("a\r\nb", True, [("a", False), ("U+000D", True), ("\nb", False)], id="carriage-return"),
        pytest.param(
            "\x00" * 1000, False, [(" ".join(["U+0000"] * 8) + " and 992 more", True)], id="a-run-is-counted"
        ),
        pytest.param("مرحبا 日本 é ✓", False, [("مرحبا 日本 é ✓", False)], id="other-scripts-stay"),
        pytest.param(443, False, [("443", False)], id="number"),
        pytest.param(None, False, [], id="nothing"),
        pytest.param(True, False, [("yes", False)], id="boolean"),
    ],
)
def test_names_what_cannot_be_seen(value: object, lines: bool, expected: list[tuple[str, bool]]) -> None:
    """A value is cut into what can be read and the names of what cannot."""
    assert [(piece.text, piece.invisible) for piece in pieces(value, lines)] == expected


def test_cuts_a_title() -> None:
    """A title is one line of bounded length."""
    assert plain("a\nb" + "x" * 300, 10) == "a\N{REPLACEMENT CHARACTER}bxxxxxx…"


def test_every_template_is_read_beforehand() -> None:
    """Once warm, no page reads a file: the archive may have been replaced by then."""
    from yourl import pages as module

    module._environment.cache_clear()
    warm()
    loaded = {key[1] for key in module._environment().cache}
    packed = {*module._environment().list_templates()}
    assert packed - loaded == set()
