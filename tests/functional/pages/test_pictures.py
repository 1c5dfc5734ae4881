"""The documentation's pictures can be made again, and are there."""

from __future__ import annotations

import struct
from pathlib import Path

from playwright.sync_api import Browser

from tests.functional.pages.pictures import (
    FOLDER,
    LARGEST,
    LIVE_PICTURES,
    PICTURES,
    make_live_pictures,
    make_pictures,
)


def size_of(picture: Path) -> tuple[int, int]:
    """Width and height of a PNG file."""
    start = picture.read_bytes()[:24]
    assert start.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", start[16:24])
    return width, height


def test_pictures_can_be_made_again(browser: Browser, tmp_path: Path) -> None:
    """Each picture of the documentation is drawn as it is there: same name, same size."""
    drawn = [*make_pictures(browser, tmp_path), *make_live_pictures(browser, tmp_path)]
    made = {path.name: size_of(path) for path in drawn}
    assert made == {name: size_of(FOLDER / name) for name in (*PICTURES, *LIVE_PICTURES)}


def test_pictures_are_small() -> None:
    """A clone and the README carry no more than they have to."""
    pictures = [*PICTURES, *LIVE_PICTURES, "terminal.svg"]
    assert [name for name in pictures if (FOLDER / name).stat().st_size > LARGEST] == []
