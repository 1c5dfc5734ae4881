"""What holds for every page: well-formed, nothing fetched, a policy that allows no more than it holds."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.pages.every_page import every_page
from tests.pages.inspections import HOSTILE_CHARACTERS
from tests.pages.reader import Reader, directives, needed_policy
from yourl.pages import Page, assets, rendering, warm

pages = pytest.mark.parametrize("page", every_page().values(), ids=every_page())


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
    wanted = {*reader.values("aria-labelledby"), *reader.values("for")}
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
    assert directives(page.content_security_policy) == needed_policy(page.html)


@pages
def test_can_be_encoded(page: Page) -> None:
    """A lone surrogate in a value is named; none is left for the encoder to write as a reference."""
    assert re.findall(r"&#5[5-7][0-9]{3};", page.html) == []


def test_a_surrogate_does_not_keep_a_page_from_being_sent() -> None:
    """Should one be left all the same, UTF-8 gets a reference that stands for it."""
    assert assets.encoded("a\ud800ü") == b"a&#55296;\xc3\xbc"


@pages
def test_names_what_cannot_be_seen(page: Page) -> None:
    """No invisible character of a request reaches the page itself, where it could turn or hide text."""
    text = Reader(page.html).text
    assert [f"U+{ord(c):04X}" for c in sorted({*HOSTILE_CHARACTERS} - {*"\n\r[2J"}) if c in text] == []


def test_every_file_is_read_beforehand() -> None:
    """Once warm, no page reads a file: the archive may have been replaced by then."""
    rendering.environment.cache_clear()
    assets.packed_text.cache_clear()
    warm()
    read = assets.packed_text.cache_info().currsize
    loaded = {key[1] for key in rendering.environment().cache}
    assert {*rendering.jinja_templates()} - loaded == set()
    every_page.__wrapped__()
    assert (assets.packed_text.cache_info().currsize, {key[1] for key in rendering.environment().cache}) == (
        read,
        loaded,
    )
