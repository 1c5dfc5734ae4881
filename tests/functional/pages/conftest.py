"""A real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

from tests.functional.harness import require_program
from tests.functional.pages.browser import ARGUMENTS, PAGES, WIDE, PageServer


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
        if options.get("java_script_enabled", True) and "<script>" in pages.pages[name].html:
            tab.wait_for_selector("#browser-says:not([hidden])")
        return tab

    yield open_page
    for context in contexts:
        context.close()


def note_request(tab: Tab, pages: PageServer, url: str) -> None:
    """Anything but the page itself is a complaint; ``data:`` goes nowhere."""
    if not url.startswith("data:") and url not in {pages.address(name) for name in pages.pages}:
        tab.complaints.append(f"asked for {url}")  # type: ignore[attr-defined]
