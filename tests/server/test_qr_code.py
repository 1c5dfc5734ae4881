"""The QR code in half blocks."""

from __future__ import annotations

import pytest
import segno

from tests.server.half_blocks import modules_of
from yourl.server import qr_code

LINK = "http://192.168.1.5:8080/live?access_code=CPiOK_Uz-pZZ7MS25Pi6SA"


@pytest.mark.parametrize("text", ["http://a/", LINK, LINK * 5], ids=["short", "link", "long"])
def test_the_blocks_are_the_code(text: str) -> None:
    """The blocks show the modules of a QR code for the text, with a light edge of four modules all around."""
    seen = modules_of(qr_code.drawn(text, has_colours=False).splitlines())
    expected = [list(row) for row in segno.make_qr(text).matrix_iter(border=4)]
    assert expected == seen[: len(expected)]
    assert [[0] * len(expected[0])] * (len(seen) - len(expected)) == seen[len(expected) :]
    assert len(seen) - len(expected) <= 1


def test_colours_change_no_block() -> None:
    """On a terminal every line sets white on black, whatever the terminal's own colours, and resets them."""
    plain = qr_code.drawn(LINK, has_colours=False).splitlines()
    coloured = qr_code.drawn(LINK, has_colours=True).splitlines()
    assert [f"\x1b[38;5;231;48;5;16m{line}\x1b[0m" for line in plain] == coloured
