"""The pages keep to their policy, and work without script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab

from tests.functional.pages.browser import PAGES, SHOWN, PageServer


@pytest.mark.parametrize("name", sorted(PAGES))
def test_browser_has_nothing_to_complain_about(
    name: str, opened: Callable[..., Tab], pages: PageServer
) -> None:
    """No breach of the policy, no message on the console, no error, no request but for the page."""
    pages.asked.clear()
    tab = opened(name)
    assert (tab.complaints, pages.asked) == ([], [f"/{name}"])  # type: ignore[attr-defined]


def test_policy_is_in_force(opened: Callable[..., Tab]) -> None:
    """What a page would do that is not its own is refused: the policy above is not merely sent."""
    tab = opened("inspection")
    ran = tab.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.foreign = true";
          document.body.append(script);
          return window.foreign === true;
        }"""
    )
    assert ran is False


@pytest.mark.parametrize("name", SHOWN)
def test_works_without_script(name: str, opened: Callable[..., Tab]) -> None:
    """Without script all that the server knows is there, and nothing that only a script would fill."""
    tab = opened(name, java_script_enabled=False)
    assert tab.complaints == []  # type: ignore[attr-defined]
    assert tab.locator("h1").is_visible()
    assert tab.locator("#browser-says:visible, .copy").count() == 0
