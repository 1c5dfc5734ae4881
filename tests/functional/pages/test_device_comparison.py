"""What the browser reports about itself is compared with what the server decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Page as Tab

from tests.functional.pages.browser import PageServer
from tests.pages.inspections import IPAD_AS_MAC


def test_ipad_that_calls_itself_a_mac(opened: Callable[..., Tab]) -> None:
    """A Macintosh with five touch points is told to be an iPad, whatever the server decided."""
    tab = opened("inspection", (820, 1180), user_agent=IPAD_AS_MAC, has_touch=True, is_mobile=True)
    tab.add_init_script("Object.defineProperty(Navigator.prototype, 'maxTouchPoints', {get: () => 5})")
    tab.add_init_script("Object.defineProperty(Navigator.prototype, 'userAgentData', {get: () => undefined})")
    tab.reload()
    tab.wait_for_selector("#browser-says:not([hidden])")
    says = tab.locator("#browser-says").inner_text()
    assert "the server decided a PC, the browser looks like a tablet" in says
    assert "This browser reports 5 touch points; a Mac has none: it looks like an iPad" in says


PHONE_UA = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0.0.0 Mobile Safari/537.36"
LINUX_UA = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
MOUSE = {"touchPoints": 0, "coarse": False, "hover": True, "width": 1920, "height": 1080, "data": None}
FINGER = {"touchPoints": 5, "coarse": True, "hover": False, "width": 390, "height": 844, "data": None}
DESKTOP = {"mobile": False, "platform": "Linux", "formFactors": ["Desktop"], "model": ""}
MOBILE = {"mobile": True, "platform": "Android", "formFactors": ["Mobile"], "model": "K"}

COMPARISONS = [
    pytest.param("pc", LINUX_UA, MOUSE, True, None, "no touch points", id="pc"),
    pytest.param("pc", LINUX_UA, {**MOUSE, "data": DESKTOP}, True, None, "Desktop", id="pc-with-form-factor"),
    pytest.param(
        "pc",
        LINUX_UA,
        {**MOUSE, "touchPoints": 10},
        True,
        None,
        "10 touch points and a pointer that can hover",
        id="pc-with-touch-screen",
    ),
    pytest.param("phone", PHONE_UA, FINGER, True, None, "5 touch points, as a phone does", id="phone"),
    pytest.param(
        "phone", PHONE_UA, {**FINGER, "data": MOBILE}, True, None, "Mobile", id="phone-with-form-factor"
    ),
    pytest.param(
        "tablet",
        IPAD_AS_MAC,
        {**FINGER, "width": 820, "height": 1180},
        True,
        None,
        "an iPad that calls itself",
        id="ipad-that-the-server-knew",
    ),
    pytest.param(
        "pc", IPAD_AS_MAC, {**MOUSE, "touchPoints": 5}, False, "tablet", "an iPad", id="ipad-with-a-mouse"
    ),
    pytest.param(
        "pc", IPAD_AS_MAC, {**MOUSE, "touchPoints": 0}, True, None, "no touch points", id="real-mac"
    ),
    pytest.param(
        "pc",
        LINUX_UA,
        {**FINGER, "data": {**MOBILE, "formFactors": [], "mobile": False}},
        False,
        "phone",
        "the platform Android",
        id="desktop-site-on-a-phone",
    ),
    pytest.param(
        "pc",
        LINUX_UA,
        {**FINGER, "width": 800, "height": 1280},
        False,
        "tablet",
        "neither a mouse nor a pen",
        id="desktop-site-on-a-tablet",
    ),
    pytest.param("phone", PHONE_UA, MOUSE, False, "pc", "no touch points", id="pc-that-says-phone"),
    pytest.param(
        "phone",
        PHONE_UA,
        {**FINGER, "width": 800, "height": 1280},
        False,
        "tablet",
        "the size of a tablet",
        id="tablet-that-says-phone",
    ),
    pytest.param(
        "tablet", PHONE_UA, FINGER, False, "phone", "the size of a phone", id="phone-that-says-tablet"
    ),
    pytest.param(
        "phone",
        PHONE_UA,
        {**FINGER, "width": 198, "height": 242},
        False,
        "watch",
        "the size of a watch",
        id="watch-that-says-phone",
    ),
    pytest.param(
        "watch",
        PHONE_UA,
        {**FINGER, "width": 198, "height": 242},
        True,
        None,
        "the size of a watch",
        id="watch",
    ),
    pytest.param("watch", PHONE_UA, MOUSE, False, "pc", "no watch is that large", id="pc-that-says-watch"),
    pytest.param(
        "phone",
        PHONE_UA,
        {**FINGER, "data": {**MOBILE, "formFactors": ["Tablet"]}},
        False,
        "tablet",
        "Tablet",
        id="form-factor-beats-the-rest",
    ),
    pytest.param("tv", LINUX_UA, MOUSE, True, None, "", id="tv-about-which-nothing-is-said"),
    pytest.param("bot", LINUX_UA, MOUSE, True, None, "", id="bot-about-which-nothing-is-said"),
]


@pytest.fixture(scope="module")
def comparer(browser: Browser, pages: PageServer) -> Iterator[Tab]:
    """One tab with the page's script, whose pure part is called as it is."""
    context = browser.new_context()
    tab = context.new_page()
    tab.goto(pages.address("inspection"))
    yield tab
    context.close()


@pytest.mark.parametrize(("decided", "user_agent", "reported", "agrees", "looks_like", "told"), COMPARISONS)
def test_compares(
    decided: str,
    user_agent: str,
    reported: dict[str, Any],
    agrees: bool,
    looks_like: str | None,
    told: str,
    comparer: Tab,
) -> None:
    """What the server decided is set against what the browser reports, and both sides get their due."""
    compared = comparer.evaluate(
        "([decided, reported]) => compareDevice(decided, reported)",
        [{"type": decided, "userAgent": user_agent}, {**reported, "userAgent": user_agent}],
    )
    assert (compared["agrees"], compared["looksLike"]) == (agrees, looks_like)
    assert told in " ".join(line["text"] for line in compared["lines"])


def test_tells_of_a_changed_user_agent(comparer: Tab) -> None:
    """A user agent that is not the browser's own is told, without guessing at the device."""
    compared = comparer.evaluate(
        "([decided, reported]) => compareDevice(decided, reported)",
        [{"type": "pc", "userAgent": "curl/8"}, {**MOUSE, "userAgent": LINUX_UA}],
    )
    assert (compared["agrees"], compared["looksLike"]) == (False, None)
    assert "is not the one that arrived" in compared["lines"][0]["text"]
