"""The live pages of a real server in a real browser: what people do with them, and what senders try."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from playwright.sync_api import Page as Tab

from tests.devices import user_agents
from tests.functional.harness import PATIENCE, ROOT, Server, request, running
from tests.functional.pages.browser import NARROW, PHONE, TABLET, WIDE
from tests.functional.pages.test_accessibility import axe

CODE = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {CODE}"}
HOSTILE = {
    "markup": (b"<script>window.foreign = 1</script><img src=x onerror='window.foreign = 1'>", "text/html"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.foreign = 1'/>", "image/svg+xml"),
    "json": (b'{"</script><script>window.foreign=1</script>": "<!--<script>"}', "application/json"),
    "address": (b"javascript:window.foreign=1", "text/uri-list"),
    "escapes": (b"\x1b]0;title\x07\x1b[2J\x00\xff\xfe", "text/plain"),
    "surrogate": (b'{"a": "\\ud800"}', "application/json"),
    "line": (b"x" * 900_000, "text/plain"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server from this checkout."""
    own = {"YOURL_ACCESS_CODE": CODE, "PYTHONPATH": str(ROOT)}
    with running([sys.executable, "-m", "yourl"], own, cwd=ROOT) as started:
        yield started


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Callable[..., Tab]]:
    """Opens tabs of new visitors, and holds that none of them has anything to complain about."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    request(server.port, "/live/requests", method="DELETE", headers=BEARER)

    def note(text: str) -> None:
        if "status of 401" not in text:  # a page may ask once more while its session is being ended
            complaints.append(text)

    def open_tab(size: tuple[int, int] = WIDE, *, is_signed_in: bool = True, **options: Any) -> Tab:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(
            user_agent=user_agents.PC,
            viewport=viewport,
            base_url=f"http://127.0.0.1:{server.port}",
            **options,
        )
        context.set_default_timeout(PATIENCE * 1000)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: note(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: complaints.append(dialog.message))
        if is_signed_in:
            tab.goto(f"/live?access_code={CODE}")
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    assert [] == complaints


def send(
    server: Server, body: bytes = b'{"paid": true}', kind: str = "application/json", path: str = ""
) -> str:
    """The id of a request that was just sent."""
    answer = request(
        server.port, f"/in/orders{path}", method="POST", body=body, headers={"Content-Type": kind}
    )
    return answer.headers["x-capture-id"]


def rows_are(tab: Tab, count: int) -> None:
    """Wait until the list has so many rows."""
    expect(tab.locator("#rows > tr")).to_have_count(count, timeout=PATIENCE * 1000)


def test_requests_appear_as_they_arrive(visitor: Callable[..., Tab], server: Server) -> None:
    """On every open page, without reloading; the code is not in the address."""
    tabs = [visitor(), visitor(PHONE)]
    for tab in tabs:
        assert tab.url.endswith("/live")
        tab.wait_for_selector("#state[data-state=live]")
    for count in (1, 2, 3):
        send(server, path=f"/number-{count}")
        for tab in tabs:
            rows_are(tab, count)
    assert tabs[0].locator("#rows > tr").first.inner_text().count("/number-3") == 1


def test_signing_in_and_out_by_keyboard(visitor: Callable[..., Tab], server: Server) -> None:
    """The form leads to what was asked for; signing out ends it, in every worker."""
    sent = send(server)
    tab = visitor(is_signed_in=False)
    tab.goto(f"/live/requests/{sent}")
    tab.wait_for_selector("#access-code:focus")
    tab.keyboard.type(CODE)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/live/requests/{sent}")
    tab.wait_for_selector("text=paid")
    tab.goto("/live")
    (cookie,) = tab.context.cookies(f"{tab.url}")
    copied = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    assert 200 == request(server.port, "/live/requests", headers=copied).status
    tab.get_by_role("button", name="Sign out").press("Enter")
    tab.wait_for_selector("input[name=access_code]")
    assert 401 == tab.request.get("/live/requests").status
    statuses = {request(server.port, "/live/requests", headers=copied).status for _ in range(12)}
    assert {401} == statuses


@pytest.mark.parametrize("has_script", [True, False])
def test_what_people_do(visitor: Callable[..., Tab], server: Server, has_script: bool) -> None:
    """Filter, compare, share, delete: with a script and without."""
    for number in range(3):
        send(server, b'{"number": %d}' % number)
    tab = visitor(java_script_enabled=has_script)
    assert 3 == tab.locator("#rows > tr").count()
    tab.fill("input[name=q]", "number")
    tab.select_option("select[name=method]", "POST")
    tab.get_by_role("button", name="Filter").click()
    tab.wait_for_url("**q=number**")
    assert 3 == tab.locator("#rows > tr").count()
    tab.locator("input[name=a]").nth(0).check(force=True)
    tab.locator("input[name=b]").nth(1).check(force=True)
    tab.get_by_role("button", name="Compare A and B").click()
    tab.wait_for_url("**/live/compare?**")
    assert "$.number" in tab.inner_text("main")
    tab.goto("/live")
    tab.locator("#rows > tr a").first.click()
    tab.wait_for_url("**/live/requests/*")
    tab.get_by_role("button", name="Share this request").click()
    tab.wait_for_url("**/share")
    found = re.search(r"http://[0-9.:]+/live/shared/[\w.-]+", tab.inner_text("main"))
    assert found is not None
    stranger = visitor(is_signed_in=False, java_script_enabled=has_script)
    stranger.goto(found[0])
    assert "number" in stranger.inner_text("main")
    assert 401 == stranger.request.get("/live/requests").status
    tab.goto("/live")
    tab.get_by_role("button", name="Delete POST").first.click()
    rows_are(tab, 2)


@pytest.mark.parametrize(("body", "kind"), HOSTILE.values(), ids=list(HOSTILE))
def test_what_senders_write_is_text(
    visitor: Callable[..., Tab], server: Server, body: bytes, kind: str
) -> None:
    """In the list, on the page of the request and shared, nothing of it runs."""
    sent = send(
        server, body, kind, path="/%3Cscript%3Ewindow.foreign=1%3C/script%3E?q=javascript:window.foreign=1"
    )
    tab = visitor()
    for path in ("/live", f"/live/requests/{sent}", f"/live/compare?a={sent}&b={sent}"):
        tab.goto(path)
        tab.wait_for_selector("h1")
        assert tab.evaluate("window.foreign === undefined")
    for form in ("har", "json", "raw", "body", "curl", "py"):
        assert 200 == tab.request.get(f"/live/requests/{sent}.{form}").status


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visitor: Callable[..., Tab], server: Server, scheme: str) -> None:
    """axe-core reports no violation on any of the live pages at any width."""
    one, two = send(server), send(server, b"a\nb", "text/plain")
    tab, guest = visitor(color_scheme=scheme), visitor(color_scheme=scheme, is_signed_in=False)
    for path in ("/live", f"/live/requests/{one}", f"/live/compare?a={one}&b={two}", "/live/inboxes/orders"):
        tab.goto(path)
        assert [] == violations(tab), path
    guest.goto("/live")
    assert [] == violations(guest)


def violations(tab: Tab) -> list[Any]:
    """What axe-core finds at each width."""
    tab.evaluate(axe())
    found = []
    for width, height in (NARROW, PHONE, TABLET, WIDE):
        tab.set_viewport_size({"width": width, "height": height})
        found += tab.evaluate(
            """async () => (await axe.run({resultTypes: ["violations"]})).violations.map(
              (found) => [found.id, found.nodes.map((node) => node.target.join(" ")).join(", ")])"""
        )
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (tab.url, width)
    return found


def test_copies_a_command(visitor: Callable[..., Tab], server: Server) -> None:
    """A click on curl puts the command on the clipboard, and shows it."""
    sent = send(server, b"copied")
    tab = visitor(permissions=["clipboard-read", "clipboard-write"])
    tab.goto(f"/live/requests/{sent}")
    tab.get_by_role("link", name="curl").click()
    expect(tab.locator("#export-says")).to_have_text("Copied: curl", timeout=PATIENCE * 1000)
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == tab.locator("#export-text").text_content()
    assert "copied" in copied
    assert copied.startswith("curl ")


def test_pausing_counts_what_arrives(visitor: Callable[..., Tab], server: Server) -> None:
    """While paused the list stays as it is; what arrives is counted, also in the title, and then shown."""
    tab = visitor()
    tab.wait_for_selector("#state[data-state=live]")
    tab.keyboard.press("p")
    tab.wait_for_selector("#state[data-state=paused]")
    for _ in range(2):
        send(server)
    tab.get_by_role("button", name="Show 2 new requests").wait_for()
    assert (0, "(2) Live · yourl") == (tab.locator("#rows > tr").count(), tab.title())
    tab.get_by_role("button", name="Show 2 new requests").click()
    rows_are(tab, 2)
    assert "Live · yourl" == tab.title()


def test_keys(visitor: Callable[..., Tab], server: Server) -> None:
    """The list can be used with keys alone: search, help, next, previous, compare, open."""
    first, second = send(server), send(server, b"[]")
    tab = visitor()
    tab.wait_for_selector("#state[data-state=live]")
    tab.keyboard.press("/")
    tab.wait_for_selector("#f-q:focus")
    tab.keyboard.press("Escape")
    tab.keyboard.press("?")
    tab.get_by_role("dialog", name="Keys").wait_for()
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#keys:not([open])", state="attached")
    tab.keyboard.press("j")
    tab.wait_for_selector(f"[data-id='{second}'] a.open:focus")
    tab.keyboard.press("a")
    tab.keyboard.press("ArrowDown")
    tab.wait_for_selector(f"[data-id='{first}'] a.open:focus")
    tab.keyboard.press("b")
    tab.keyboard.press("c")
    tab.wait_for_url(f"**/live/compare?a={second}&b={first}")
    tab.goto("/live")
    tab.wait_for_selector("#state[data-state=live]")
    tab.keyboard.press("j")
    tab.keyboard.press("j")
    tab.keyboard.press("k")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/live/requests/{second}")


def test_a_session_that_is_over(visitor: Callable[..., Tab], server: Server) -> None:
    """The open page says so, and leads to the form."""
    tab = visitor()
    tab.wait_for_selector("#state[data-state=live]")
    tab.context.clear_cookies()
    send(server)
    tab.get_by_role("link", name="Sign in again").click()
    tab.wait_for_selector("#access-code")


def test_new_rows_are_as_the_server_writes_them(visitor: Callable[..., Tab], server: Server) -> None:
    """A row that arrives is the same, element by element, as the row after a reload."""
    tab = visitor()
    tab.wait_for_selector("#state[data-state=live]")
    send(server, b"x" * 1500, "text/plain", "/%E2%80%AEabc?" + "q" * 400)
    rows_are(tab, 1)
    written = "rows => rows[0].outerHTML.replace(' class=\"is-new\"', '').replace(/\\s+/g, ' ')"
    arrived = tab.eval_on_selector_all("#rows > tr", written)
    tab.reload()
    assert arrived == tab.eval_on_selector_all("#rows > tr", written)
