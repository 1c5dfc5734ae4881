"""The pages at every size: nothing runs out of the screen, and the route never wraps."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab

from tests.functional.pages.browser import NARROW, PHONE, SHOWN, TABLET, WATCH, WIDE

LAYOUTS = list(itertools.product([*SHOWN, "webhook"], [WIDE, TABLET, PHONE, NARROW, WATCH]))


@pytest.mark.parametrize(("name", "size"), LAYOUTS)
def test_never_scrolls_sideways(name: str, size: tuple[int, int], opened: Callable[..., Tab]) -> None:
    """At any width, down to a watch's, the page is no wider than the screen."""
    tab = opened(name, size)
    widths = "[document.documentElement.scrollWidth, innerWidth]"
    scroll_width, inner_width = tab.evaluate(widths)
    assert scroll_width <= inner_width


@pytest.mark.parametrize(
    ("size", "direction"), [pytest.param(WIDE, "x", id="wide"), pytest.param(PHONE, "y", id="phone")]
)
def test_route_runs_with_the_screen(
    size: tuple[int, int], direction: str, opened: Callable[..., Tab]
) -> None:
    """The route runs from left to right, and from top to bottom where there is no room."""
    tab = opened("inspection", size)
    boxes = tab.eval_on_selector_all(
        ".hop", "hops => hops.map(hop => hop.getBoundingClientRect()).map(({x, y}) => ({x, y}))"
    )
    other = {"x": "y", "y": "x"}[direction]
    places = [box[direction] for box in boxes]
    assert len(places) == 5
    assert places == sorted(set(places))
    assert len({box[other] for box in boxes}) == 1


def test_dark_mode_is_dark(opened: Callable[..., Tab]) -> None:
    """The page follows the scheme that the person prefers."""
    light, dark = (brightness(opened("inspection", color_scheme=scheme)) for scheme in ("light", "dark"))
    assert light["ground"] > 200 > 60 > dark["ground"]
    assert light["ink"] < 60 < 200 < dark["ink"]


def brightness(tab: Tab) -> dict[str, float]:
    """Brightness (0 to 255) of the page's ground and of its text."""
    return tab.evaluate(
        """() => {
          const of = (colour) => {
            const [red, green, blue] = colour.match(/[0-9.]+/g).map(Number);
            return (red + green + blue) / 3;
          };
          const style = getComputedStyle(document.body);
          return {ground: of(style.backgroundColor), ink: of(style.color)};
        }"""
    )


@pytest.mark.parametrize("name", ["bare", "inspection", "forged"])
@pytest.mark.parametrize("width", [320, 480, 640, 768, 960, 1056, 1280, 1600])
def test_route_never_wraps(name: str, width: int, opened: Callable[..., Tab]) -> None:
    """However many hops, they stand in one row or in one column: no arrow points into nothing."""
    boxes = opened(name, (width, 900)).eval_on_selector_all(
        ".hop", "hops => hops.map(hop => hop.getBoundingClientRect()).map(({x, y}) => [x, y])"
    )
    columns, rows = ({box[at] for box in boxes} for at in (0, 1))
    assert 1 in (len(columns), len(rows))


@pytest.mark.parametrize("width", [200, 320, 720, 1060, 1280])
def test_nothing_sticks_out_of_its_box(width: int, opened: Callable[..., Tab]) -> None:
    """The marks and names of a hop stay inside its box."""
    wider = opened("inspection", (width, 900)).eval_on_selector_all(
        ".hop-box", "boxes => boxes.filter((box) => box.scrollWidth > box.clientWidth).length"
    )
    assert wider == 0


@pytest.mark.parametrize("name", ["webhook", "upload"])
def test_body_is_near_the_top(name: str, opened: Callable[..., Tab]) -> None:
    """On a phone the body of a POST starts within two screens."""
    top = opened(name, PHONE).eval_on_selector(
        "#body pre, #body dl", "box => box.getBoundingClientRect().top"
    )
    assert top < 2 * PHONE[1]


def test_claims_alone_are_dashed(opened: Callable[..., Tab]) -> None:
    """The legend is true: a line and a box are dashed where a hop is only claimed, and nowhere else."""
    styles = opened("inspection").eval_on_selector_all(
        ".hop:not(.hop-server)",
        """hops => hops.map((hop) => [
          hop.classList.contains("hop-claim"),
          getComputedStyle(hop, "::before").borderTopStyle,
          getComputedStyle(hop.firstElementChild).borderTopStyle,
        ])""",
    )
    assert styles == [[True, "dashed", "dashed"], *[[False, "solid", "solid"]] * 3]


def test_direct_client_is_seen(opened: Callable[..., Tab]) -> None:
    """A client that connected to our own socket has a solid line."""
    hop = opened("bare").locator(".hop").first
    assert hop.evaluate("hop => getComputedStyle(hop, '::before').borderTopStyle") == "solid"
    assert hop.locator(".hop-box").evaluate("box => getComputedStyle(box).borderTopStyle") == "solid"


def test_shows_the_local_time(opened: Callable[..., Tab]) -> None:
    """People see their own time first, and UTC when they ask for it."""
    tab = opened("inspection", timezone_id="Asia/Tokyo", locale="de-DE")
    assert "24.11.2026, 07:14:05" in tab.locator(".when").inner_text()
    tab.locator(".when summary").click()
    assert "2026-11-23T22:14:05.123456+00:00" in tab.locator(".when").inner_text()
