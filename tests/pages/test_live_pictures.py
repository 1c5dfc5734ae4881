"""Which bodies are shown as pictures, by their bytes alone."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.pages.live_documents import PNG
from yourl.pages.live.pictures import MOST_PIXELS, Picture, picture_in

JPEG_FRAME = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 48, 64) + bytes(10)
JPEG = b"\xff\xd8\xff\xe0\x00\x04\x00\x00" + JPEG_FRAME
WEBP = b"RIFF\x00\x00\x00\x00WEBP"
PICTURES = [
    pytest.param(PNG, ("image/png", 1, 1), id="png"),
    pytest.param(b"GIF89a" + struct.pack("<HH", 64, 48) + b"\xff", ("image/gif", 64, 48), id="gif"),
    pytest.param(JPEG, ("image/jpeg", 64, 48), id="jpeg"),
    pytest.param(
        WEBP + b"VP8 " + bytes(7) + b"\x9d\x01\x2a" + struct.pack("<HH", 64, 48),
        ("image/webp", 64, 48),
        id="webp",
    ),
    pytest.param(
        WEBP + b"VP8L" + bytes(4) + b"\x2f" + (63 | 47 << 14).to_bytes(4, "little") + bytes(9),
        ("image/webp", 64, 48),
        id="webp-lossless",
    ),
    pytest.param(
        WEBP + b"VP8X" + bytes(8) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little"),
        ("image/webp", 64, 48),
        id="webp-extended",
    ),
]


@pytest.mark.parametrize(("content", "expected"), PICTURES)
def test_reads_type_and_size(content: bytes, expected: tuple[str, int, int]) -> None:
    """The address holds exactly these bytes under the type that they have."""
    picture = picture_in(content)
    assert expected == (picture.type, picture.width, picture.height)
    assert f"data:{expected[0]};base64,{base64.b64encode(content).decode()}" == picture.address


def png_of(width: int, height: int) -> bytes:
    """The head of a PNG file that claims this size."""
    return PNG[:16] + struct.pack(">II", width, height) + PNG[24:]


NO_PICTURES = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
    pytest.param(b"\x89PNG\r\n\x1a\n<script>", id="png-without-a-head"),
    pytest.param(png_of(100_000, 100_000), id="more-pixels-than-memory"),
    pytest.param(png_of(0, 5), id="no-pixels"),
    pytest.param(b"\xff\xd8\xff" + b"\xff" * 5000, id="jpeg-without-a-frame"),
    pytest.param(b"\xff\xd8\xff\xe0\x00\x00" * 3000, id="jpeg-of-empty-segments"),
]


@pytest.mark.parametrize("content", NO_PICTURES)
def test_shows_nothing_else(content: bytes) -> None:
    """Markup, broken heads, and pictures that would fill the browser's memory are not shown."""
    assert Picture() == picture_in(content)


@pytest.mark.parametrize("beginning", [PNG[:8], b"\xff\xd8\xff", b"GIF8", b"GIF89a", b"RIFF", WEBP])
@given(rest=st.binary(max_size=60))
def test_any_bytes_can_follow(beginning: bytes, rest: bytes) -> None:
    """Whatever follows, a picture has a size within the bound, or is none."""
    picture = picture_in(beginning + rest)
    assert picture == Picture() or 0 < picture.width * picture.height <= MOST_PIXELS
