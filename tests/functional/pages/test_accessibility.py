"""The pages for everyone: axe-core, landmarks, contrast, the keyboard."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache

import pytest
from playwright.sync_api import Page as Tab

from tests.functional.harness import ROOT
from tests.functional.pages.browser import NARROW, PHONE, TABLET, WIDE

AXE = ROOT / "tests" / "functional" / "node" / "node_modules" / "axe-core" / "axe.min.js"
SITUATIONS = ["bare", "inspection", "upload", "hostile", "refused-device", "error", "facts"]
"""Direct; several hops with findings; a POST with files; hostile values and text from right to left …"""


@cache
def axe() -> str:
    """The source of axe-core; ``npm ci`` in tests/functional/node installs it."""
    return AXE.read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SITUATIONS)
def test_axe_finds_nothing(name: str, scheme: str, opened: Callable[..., Tab]) -> None:
    """axe-core reports no violation at any width."""
    tab = opened(name, color_scheme=scheme)
    tab.evaluate(axe())
    for width, height in (NARROW, PHONE, TABLET, WIDE):
        tab.set_viewport_size({"width": width, "height": height})
        violations = tab.evaluate(
            """async () => (await axe.run({resultTypes: ["violations"]})).violations.map(
              (found) => [found.id, found.nodes.map((node) => node.target.join(" ")).join(", ")])"""
        )
        assert (width, violations) == (width, [])


def test_landmarks_and_headings(opened: Callable[..., Tab]) -> None:
    """Assistive technology finds the parts of the page and the tables' structure, on a phone as well."""
    tab = opened("inspection", PHONE)
    assert [tab.get_by_role(role).count() for role in ("banner", "main", "contentinfo")] == [1, 1, 1]
    assert tab.get_by_role("heading", level=1).count() == 1
    assert tab.get_by_role("region", name="Route of the request").get_by_role("listitem").count() == 5
    decision = tab.get_by_role("region", name="Decisions and reasons")
    assert decision.get_by_role("rowheader").all_inner_texts() == [
        *("Client", "Scheme", "Host", "Port", "Prefix")
    ]
    assert decision.get_by_role("columnheader").count() == 5


def test_skips_no_heading_level(opened: Callable[..., Tab]) -> None:
    """Headings go down one level at a time."""
    levels = opened("inspection").eval_on_selector_all(
        "h1, h2, h3, h4",
        "headings => headings.filter((h) => h.checkVisibility()).map((h) => Number(h.tagName[1]))",
    )
    assert levels[0] == 1
    assert [after for before, after in itertools.pairwise(levels) if after > before + 1] == []


def test_fixes_are_chosen_by_keyboard(opened: Callable[..., Tab]) -> None:
    """An arrow key shows the fix for the next program, and hides the other."""
    tab = opened("inspection", java_script_enabled=False)
    finding = tab.locator(".finding").first
    finding.get_by_role("radio").first.focus()
    tab.keyboard.press("ArrowRight")
    assert finding.get_by_role("radio").evaluate_all("radios => radios.map(({checked}) => checked)")[:2] == [
        *(False, True)
    ]
    assert finding.get_by_role("group", name="Fix for HAProxy").is_visible()
    assert not finding.get_by_role("group", name="Fix for nginx").is_visible()


@pytest.mark.parametrize("size", [NARROW, WIDE], ids=["narrow", "wide"])
@pytest.mark.parametrize("name", ["inspection", "hostile", "webhook"])
def test_what_scrolls_can_be_focused(name: str, size: tuple[int, int], opened: Callable[..., Tab]) -> None:
    """Every box that scrolls can be reached, and so scrolled, with the keyboard."""
    unreachable = opened(name, size).eval_on_selector_all(
        "main *",
        """all => all.filter((box) => box.scrollHeight > box.clientHeight + 1 && box.tabIndex < 0
          && ["auto", "scroll"].includes(getComputedStyle(box).overflowY)).length""",
    )
    assert unreachable == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["inspection", "bare", "error", "refused-device"])
def test_text_has_contrast(name: str, scheme: str, opened: Callable[..., Tab]) -> None:
    """Every text stands out from what is behind it by 4.5 to 1 or more (WCAG 2.2, 1.4.3, level AA)."""
    too_faint = opened(name, color_scheme=scheme).evaluate(
        """() => {
          const parts = (colour) => {
            const [r, g, b, a = 1] = colour.match(/[0-9.]+/g).map(Number);
            return {rgb: [r, g, b], a};
          };
          const luminance = (rgb) => rgb.map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
          const behind = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const ground = parts(getComputedStyle(at).backgroundColor);
              if (ground.a === 1) { return ground.rgb; }
            }
            return [255, 255, 255];
          };
          const faint = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const element = node.parentElement;
            if (!node.data.trim() || !element.checkVisibility()) { continue; }
            const ink = luminance(parts(getComputedStyle(element).color).rgb);
            const ground = luminance(behind(element));
            const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
            if (ratio < 4.5) { faint.push(`${node.data.trim()}: ${ratio.toFixed(2)}`); }
          }
          return faint;
        }"""
    )
    assert too_faint == []
