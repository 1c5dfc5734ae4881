"""The pictures of the page for the documentation: ``python -m tests.functional.pages.pictures [FOLDER]``.

Needs Debian's Chromium and Pillow (``pip install pillow``), which makes the files a third of the size. The
suite makes the pictures, too, in a folder of its own, and without Pillow.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.functional.harness import ROOT
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
    for name, look in PICTURES.items():
        size = {"width": look["width"], "height": look["height"]}
        context = browser.new_context(
            viewport=size,
            device_scale_factor=look["scale"],
            color_scheme=look["scheme"],
            user_agent=CHROME,
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        tab = context.new_page()
        tab.set_content(example().html)
        tab.wait_for_selector("#browser-says:not([hidden])")
        tab.screenshot(path=folder / name)
        context.close()
        made.append(folder / name)
    return made


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
        for picture in make_pictures(browser, folder):
            compress(picture)
        browser.close()


if __name__ == "__main__":
    main()
