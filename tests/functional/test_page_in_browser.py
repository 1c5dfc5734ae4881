"""The pages in a real browser: Debian's Chromium, driven by Playwright, with their policy in force."""

from __future__ import annotations

import http.server
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from tests.functional.harness import require_program
from tests.pages.every_page import every_page
from tests.pages.inspections import IPAD_AS_MAC, documents
from yourl.pages import Page

PAGES = {
    name: every_page()[name]
    for name in ("inspection", "upload", "bare", "hostile", "error", "refused-device")
}
WITHOUT_SCRIPT = {"error", "refused-device"}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE, NARROW = (1280, 900), (390, 844), (360, 740)


@dataclass
class PageServer:
    """Serves what is in ``pages`` by name, and notes what was asked for."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def address(self, name: str) -> str:
        """Where the page of this name is."""
        return f"http://127.0.0.1:{self.port}/{name}"

    def handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        """A request handler that knows this server's pages."""
        pages, asked = self.pages, self.asked

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                page = pages.get(self.path.lstrip("/"))
                content = page.html.encode() if page else b""
                self.send_response(200 if page else 404)
                if page:
                    self.send_header("Content-Security-Policy", page.content_security_policy)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
                """Stay silent."""

        return Handler


@pytest.fixture(scope="module")
def pages() -> Iterator[PageServer]:
    """A web server on a free port of 127.0.0.1."""
    known = PageServer(dict(PAGES))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), known.handler()) as server:
        known.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield known
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    program = require_program("chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, pages: PageServer) -> Iterator[Callable[..., Tab]]:
    """Opens a page by its name in a context of its own; complaints are gathered in ``tab.complaints``."""
    contexts: list[BrowserContext] = []

    def open_page(name: str, size: tuple[int, int] = WIDE, **options: Any) -> Tab:
        width, height = size
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        tab = context.new_page()
        tab.complaints = []  # type: ignore[attr-defined]
        tab.on("console", lambda message: tab.complaints.append(message.text))  # type: ignore[attr-defined]
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))  # type: ignore[attr-defined]
        tab.on("request", lambda request: note_request(tab, pages, request.url))
        tab.goto(pages.address(name))
        if options.get("java_script_enabled", True) and name not in WITHOUT_SCRIPT:
            tab.wait_for_function("!document.getElementById('browser-says').hidden")
        return tab

    yield open_page
    for context in contexts:
        context.close()


def note_request(tab: Tab, pages: PageServer, url: str) -> None:
    """Anything but the page itself is a complaint; ``data:`` goes nowhere."""
    if not url.startswith("data:") and url not in {pages.address(name) for name in pages.pages}:
        tab.complaints.append(f"asked for {url}")  # type: ignore[attr-defined]


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


LAYOUTS = list(itertools.product(sorted(PAGES), [WIDE, (768, 1024), PHONE, NARROW, (200, 200)]))


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


@pytest.mark.parametrize("name", sorted(PAGES))
def test_works_without_script(name: str, opened: Callable[..., Tab]) -> None:
    """Without script all that the server knows is there, and nothing that only a script would fill."""
    tab = opened(name, java_script_enabled=False)
    assert tab.complaints == []  # type: ignore[attr-defined]
    assert tab.locator("h1").is_visible()
    assert tab.locator("#browser-says:visible, .copy").count() == 0


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


def test_prints_all_of_long_values(opened: Callable[..., Tab]) -> None:
    """On paper nothing scrolls, so nothing is cut off, and there are no buttons."""
    tab = opened("hostile")
    tab.emulate_media(media="print")
    cut = tab.eval_on_selector_all(
        ".block, .long, .url-huge", "boxes => boxes.filter((b) => b.scrollHeight > b.clientHeight + 1).length"
    )
    assert (cut, tab.locator(".copy:visible").count()) == (0, 0)


def test_copies_the_fix(opened: Callable[..., Tab], pages: PageServer) -> None:
    """The button beside a fix puts exactly its text on the clipboard, and says so."""
    tab = opened("inspection", permissions=["clipboard-read", "clipboard-write"])
    finding = tab.locator(".finding").first
    finding.get_by_role("button", name="Copy").click()
    finding.get_by_role("button", name="Copied").wait_for()
    expected = documents()["inspection"]["findings"][0]["fix"]
    assert tab.evaluate("navigator.clipboard.readText()") == expected


def test_selects_the_fix_where_there_is_no_clipboard(opened: Callable[..., Tab]) -> None:
    """Over plain HTTP from another machine a browser gives no clipboard: the text is selected at least."""
    tab = opened("inspection")
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.evaluate("document.execCommand = () => false")
    tab.locator(".finding").first.get_by_role("button", name="Copy").click()
    tab.get_by_role("button", name="Selected").wait_for()
    assert tab.evaluate("getSelection().toString()") == documents()["inspection"]["findings"][0]["fix"]


def test_shows_the_local_time(opened: Callable[..., Tab]) -> None:
    """The time of the server is told in the browser's zone as well."""
    tab = opened("inspection", timezone_id="Asia/Tokyo", locale="de-DE")
    assert "07:14:05 where you are" in tab.locator(".when").inner_text()


def test_ipad_that_calls_itself_a_mac(opened: Callable[..., Tab]) -> None:
    """A Macintosh with five touch points is told to be an iPad, whatever the server decided."""
    tab = opened("inspection", (820, 1180), user_agent=IPAD_AS_MAC, has_touch=True, is_mobile=True)
    tab.add_init_script("Object.defineProperty(Navigator.prototype, 'maxTouchPoints', {get: () => 5})")
    tab.add_init_script("Object.defineProperty(Navigator.prototype, 'userAgentData', {get: () => undefined})")
    tab.reload()
    tab.wait_for_function("!document.getElementById('browser-says').hidden")
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
