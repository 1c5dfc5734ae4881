"""The small page of names and values."""

from __future__ import annotations

from tests.pages.every_page import FACTS
from tests.pages.reader import Reader
from yourl.pages import facts_page


def test_shows_each_fact() -> None:
    """Nested names are joined, lists are listed, and what is missing is called so."""
    words = Reader(facts_page("Guard", FACTS, "Ask for more.").html).words()
    told = "Guard ruleset enabled yes ruleset allow pc, phone ruleset block none usage none Ask for more."
    assert words == f"Guard {told}"


def test_is_bounded() -> None:
    """However long a value and however many, the page stays small."""
    page = facts_page("T", {f"k{number}": '"' * 5000 for number in range(1000)})
    assert len(page.html.encode()) < 64 * 1024
    assert "more are not shown here" in Reader(page.html).words()
