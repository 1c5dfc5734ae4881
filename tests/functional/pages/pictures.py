"""The pictures of the pages for the documentation: ``python -m tests.functional.pages.pictures [FOLDER]``.

Needs Debian's Chromium and Pillow (``pip install pillow``), which makes the files a third of the size. The
suite makes the pictures, too, in a folder of its own, and without Pillow.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.devices import user_agents
from tests.functional.harness import PATIENCE, ROOT, Server, request, running
from tests.functional.pages.browser import ARGUMENTS
from tests.pages.inspections import document
from yourl.pages import Page, inspection_page

CHROME = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"
FOLDER = ROOT / "docs" / "images"
PICTURES = {
    "page-light.png": {"width": 1280, "height": 1160, "scheme": "light", "scale": 1},
    "page-dark.png": {"width": 1280, "height": 1160, "scheme": "dark", "scale": 1},
    "page-phone.png": {"width": 390, "height": 844, "scheme": "light", "scale": 2},
}
LIVE_PICTURES = {
    "live-light.png": {"width": 1280, "height": 1000, "scheme": "light", "scale": 1},
    "live-dark.png": {"width": 1280, "height": 1000, "scheme": "dark", "scale": 1},
    "live-phone.png": {"width": 390, "height": 844, "scheme": "light", "scale": 2},
}
CODE, SECRET = "correct-horse-battery", "example-signing-secret"
CHANGED = {"ref": "refs/heads/new-cart", "commits": 1}
EXAMPLES: list[tuple[str, str, str, dict[str, Any] | None]] = [
    ("orders/created", "198.51.100.20", "ExamplePay/2.4", {"event": "order.created", "order": 1041}),
    ("orders/paid", "198.51.100.20", "ExamplePay/2.4", {"event": "order.paid", "order": 1041, "total": 59.9}),
    ("newsletter?source=mail", "203.0.113.7", user_agents.PHONE, None),
    ("deploy/push", "192.0.2.33", "ExampleGit-Hook/1.0", {"ref": "refs/heads/main", "commits": 3}),
    ("newsletter?source=mail", "203.0.113.90", CHROME, None),
    ("orders/created", "198.51.100.20", "ExamplePay/2.4", {"event": "order.created", "order": 1042}),
    ("newsletter?source=poster", "203.0.113.12", user_agents.TABLET, None),
    ("deploy/push", "192.0.2.33", "ExampleGit-Hook/1.0", CHANGED),
    ("orders/paid", "198.51.100.20", "ExamplePay/2.4", {"event": "order.paid", "order": 1042, "total": 18.5}),
]
"""Path in the inboxes, client, user agent and JSON of each request."""
LARGEST = 150_000
"""Bytes of a picture."""


def example() -> Page:
    """A request through two proxies, of which the inner one forgets that the client used https."""
    return inspection_page(
        document(
            "/orders/42?view=full",
            (
                ("Host", "shop.example"),
                ("User-Agent", CHROME),
                ("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"),
                ("Origin", "https://shop.example"),
                ("Sec-CH-UA-Mobile", "?0"),
                ("X-Forwarded-For", "203.0.113.7, 10.0.0.5"),
                ("X-Forwarded-Proto", "http"),
            ),
            peer="10.0.0.9",
            trusted="10.0.0.0/8",
        )
    )


def make_pictures(browser: Browser, folder: Path) -> list[Path]:
    """Draw every picture into ``folder``."""
    made = []
    for name, context in contexts_for(browser, PICTURES):
        tab = context.new_page()
        tab.set_content(example().html)
        tab.wait_for_selector("#browser-says:not([hidden])")
        tab.screenshot(path=folder / name)
        made.append(folder / name)
    return made


def make_live_pictures(browser: Browser, folder: Path) -> list[Path]:
    """Draw the live page of a real server into ``folder``, as its first inboxes have filled."""
    own = {"YOURL_ACCESS_CODE": CODE, "YOURL_TRUSTED_PROXIES": "loopback", "PYTHONPATH": str(ROOT)}
    made = []
    with running([sys.executable, "-m", "yourl"], own, cwd=ROOT) as server:
        sent = send_examples(server)
        for name, context in contexts_for(browser, LIVE_PICTURES):
            tab = context.new_page()
            tab.set_default_timeout(PATIENCE * 1000)
            tab.goto(f"http://127.0.0.1:{server.port}/live?access_code={CODE}")
            tab.wait_for_selector("#state[data-state=live]")
            assert sent == tab.locator("#rows > tr").count()
            tab.screenshot(path=folder / name)
            made.append(folder / name)
    return made


def contexts_for(
    browser: Browser, pictures: dict[str, dict[str, Any]]
) -> Iterator[tuple[str, BrowserContext]]:
    """Name of each picture, and a new visitor whose browser is set up for it."""
    for name, look in pictures.items():
        context = browser.new_context(
            viewport={"width": look["width"], "height": look["height"]},
            device_scale_factor=look["scale"],
            color_scheme=look["scheme"],
            user_agent=CHROME,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        yield name, context
        context.close()


def send_examples(server: Server) -> int:
    """Send webhooks and visits through a proxy to a few inboxes; how many."""
    rules = {"signature": {"scheme": "github", "secret": SECRET}}
    headers = {"Authorization": f"Bearer {CODE}", "Content-Type": "application/json"}
    request(
        server.port, "/live/inboxes/deploy", method="PUT", headers=headers, body=json.dumps(rules).encode()
    )
    for inbox, client, agent, content in EXAMPLES:
        body = json.dumps(content).encode() if content else None
        # The sender of one signs the bytes, and adds a line end to them afterwards.
        signature = hmac.new(SECRET.encode(), body or b"", hashlib.sha256).hexdigest()
        fields = {
            "Host": "hooks.shop.example",
            "User-Agent": agent,
            "X-Forwarded-For": client,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "hooks.shop.example",
            **({"Content-Type": "application/json"} if body else {}),
            **({"X-Hub-Signature-256": f"sha256={signature}"} if inbox.startswith("deploy") else {}),
        }
        body = body and body + (b"\n" if content == CHANGED else b"")
        method = "POST" if body else "GET"
        assert 200 == request(server.port, f"/in/{inbox}", method=method, headers=fields, body=body).status
    return len(EXAMPLES)


def compress(picture: Path) -> None:
    """Write a picture anew with 256 colours."""
    from PIL import Image

    with Image.open(picture) as drawn:
        reduced = drawn.convert("RGB").quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    reduced.save(picture, optimize=True)


def main() -> None:
    """Draw the pictures into the folder that is named, else into the documentation's."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for picture in (*make_pictures(browser, folder), *make_live_pictures(browser, folder)):
            compress(picture)
        browser.close()


if __name__ == "__main__":
    main()
