"""Taking something along: copies, downloads, paper."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page as Tab

from tests.functional.pages.browser import PageServer
from tests.pages.inspections import documents
from yourl.pages.fixes import parts


def test_copies_the_fix(opened: Callable[..., Tab], pages: PageServer) -> None:
    """The button beside a fix puts exactly its text on the clipboard, and says so."""
    tab = opened("inspection", permissions=["clipboard-read", "clipboard-write"])
    finding = tab.locator(".finding .tabs").first
    finding.get_by_role("button", name="Copy").click()
    finding.get_by_role("button", name="Copied").wait_for()
    expected = parts(documents()["inspection"]["findings"][0]["fix"]).blocks[0].text
    assert tab.evaluate("navigator.clipboard.readText()") == expected


def test_selects_the_fix_where_there_is_no_clipboard(opened: Callable[..., Tab]) -> None:
    """Over plain HTTP from another machine a browser gives no clipboard: the text is selected at least."""
    tab = opened("inspection")
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.evaluate("document.execCommand = () => false")
    tab.locator(".finding .tabs").first.get_by_role("button", name="Copy").click()
    tab.get_by_role("button", name="Selected").wait_for()
    assert (
        tab.evaluate("getSelection().toString()")
        == parts(documents()["inspection"]["findings"][0]["fix"]).blocks[0].text
    )


def test_downloads_the_inspection(opened: Callable[..., Tab]) -> None:
    """Without script, a click saves this very inspection as JSON."""
    tab = opened("inspection", java_script_enabled=False)
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download JSON").click()
    assert download.value.suggested_filename == "yourl-2026-11-23T221405.json"
    assert json.loads(Path(download.value.path()).read_text(encoding="utf-8")) == documents()["inspection"]


@pytest.mark.parametrize("name", ["webhook", "lines"])
def test_prints_on_few_pages(name: str, opened: Callable[..., Tab]) -> None:
    """A POST of 13 KB of JSON takes at most six pages of A4."""
    printed = opened(name).pdf(format="A4", prefer_css_page_size=False)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 6


def test_prints_all_of_long_values(opened: Callable[..., Tab]) -> None:
    """On paper nothing scrolls, so nothing is cut off, and there are no buttons."""
    tab = opened("hostile")
    tab.emulate_media(media="print")
    cut = tab.eval_on_selector_all(
        ".block, .long, .url-huge", "boxes => boxes.filter((b) => b.scrollHeight > b.clientHeight + 1).length"
    )
    assert (cut, tab.locator(".copy:visible").count()) == (0, 0)


def test_prints_every_fix(opened: Callable[..., Tab]) -> None:
    """A tab cannot be chosen on paper, so the fix of each program is printed."""
    tab = opened("inspection")
    tab.emulate_media(media="print")
    fix = parts(documents()["inspection"]["findings"][0]["fix"])
    shown = tab.locator(".finding").first.locator("pre:visible").all_text_contents()
    assert shown == [*(block.text for block in fix.blocks), fix.check]
