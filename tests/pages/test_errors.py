"""The small pages for errors: what they say, where they lead, and that values stay values."""

from __future__ import annotations

import pytest

from tests.pages.every_page import ERROR, PATHS
from tests.pages.inspections import HOSTILE_MARKUP
from tests.pages.reader import Reader
from yourl.pages import error_page, refused_device_page
from yourl.pages.errors import LONGEST_TEXT


@pytest.mark.parametrize("key", [*ERROR, "prefix"])
def test_escapes_every_value(key: str) -> None:
    """Markup in an error's value adds no element."""
    wild = Reader(error_page({**ERROR, key: HOSTILE_MARKUP}, 404, "Not Found").html)
    assert wild.elements == Reader(error_page(ERROR, 404, "Not Found").html).elements


def test_escapes_the_reason_of_a_refusal() -> None:
    """Markup in the guard's reason adds no element."""
    wild, tame = (refused_device_page({"message": text}, 403, "Forbidden") for text in (HOSTILE_MARKUP, "x"))
    assert Reader(wild.html).elements == Reader(tame.html).elements


def test_says_what_was_asked_and_what_is_wrong() -> None:
    """Status, reason, code, message, URL and time are on the page."""
    text = Reader(error_page(ERROR, 404, "Not Found").html).text
    assert [word for word in ("404", "Not Found", *ERROR.values()) if word not in text] == []


def test_says_that_the_url_is_unknown() -> None:
    """A request whose target could not be read has no URL."""
    assert "URL unknown" in Reader(error_page({**ERROR, "url": None}, 400, "Bad Request").html).words()


def test_is_small_whatever_was_asked() -> None:
    """A URL of any length is shown up to a limit; the page stays under 8 KB."""
    page = error_page({**ERROR, "url": "https://a.example/" + "x" * 100_000}, 414, "URI Too Long")
    text = Reader(page.html).text
    assert text.count("x") <= LONGEST_TEXT
    assert "…" in text
    assert len(page.html.encode()) < 8192


def test_a_refused_device_is_told_what_and_why() -> None:
    """A watch's page is a heading and a reason, and nothing else to scroll past."""
    reader = Reader(refused_device_page({"message": "The policy blocks watches."}, 403, "Forbidden").html)
    assert reader.words() == "403 Forbidden Not for this device The policy blocks watches."
    assert reader.elements["a"] == 0


HOMES = [
    pytest.param(None, "/", id="none"),
    pytest.param("", "/", id="empty"),
    pytest.param("/shop/api", "/shop/api/", id="prefix"),
    pytest.param("//evil.example", "/evil.example/", id="another-host"),
    pytest.param("/\\evil.example", "/evil.example/", id="another-host-by-backslash"),
    pytest.param("/\t/evil.example", "/%09/evil.example/", id="another-host-by-tab"),
    pytest.param("javascript:alert(1)", "/javascript:alert(1)/", id="script"),
    pytest.param("/\ud800", "/%3F/", id="lone-surrogate"),
]


@pytest.mark.parametrize(("prefix", "home"), HOMES)
def test_links_stay_on_this_origin(prefix: str | None, home: str) -> None:
    """Links stay on this origin, under the prefix that the proxy announced."""
    reader = Reader(error_page({**ERROR, "prefix": prefix}, 404, "Not Found", PATHS).html)
    links = [value for tag, name, value in reader.attributes if (tag, name) == ("a", "href")]
    assert links == [home, *(home.removesuffix("/") + path for path in PATHS if path != "/")]
