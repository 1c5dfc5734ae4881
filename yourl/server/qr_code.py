"""A QR code as lines of half blocks, two modules in each character, for a terminal or a text file.

Knows nothing of Gunicorn.
"""

from __future__ import annotations

from collections.abc import Iterator

QUIET_ZONE = 4
"""Light modules around the code (ISO/IEC 18004)."""

# The light modules are drawn, so that a dark background shows the dark ones without any colour.
_BLOCKS = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
# White on black of the 256 colours, which no theme changes: a light background shows the same.
_WHITE_ON_BLACK, _RESET = "\x1b[38;5;231;48;5;16m", "\x1b[0m"


def drawn(text: str, *, has_colours: bool) -> str:
    """The code for ``text``, its lines parted by line ends.

    :param has_colours: whether to set both colours, for a terminal
    """
    lines = _lines(text)
    return (
        "\n".join(f"{_WHITE_ON_BLACK}{line}{_RESET}" for line in lines) if has_colours else "\n".join(lines)
    )


def _lines(text: str) -> Iterator[str]:
    import segno  # only where a code was asked for

    rows = [[bool(module) for module in row] for row in segno.make_qr(text).matrix_iter(border=QUIET_ZONE)]
    rows += [[False] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
