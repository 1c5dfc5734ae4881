"""Reads a QR code back from lines of half blocks."""

from __future__ import annotations

import re

_DRAWN = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
"""Character -> whether its upper and its lower half are drawn."""


def modules_of(lines: list[str]) -> list[list[int]]:
    """1 for each dark module, row by row, as a camera sees light blocks on a dark background."""
    return [[1 - _DRAWN[block][half] for block in line] for line in lines for half in (0, 1)]


def code_in(text: str) -> list[str]:
    """The lines of a code in a log; empty as long as it is not there as a whole square."""
    lines = [line for line in text.splitlines() if re.fullmatch("[█▀▄ ]{25,}", line)]
    return lines if lines and len(lines) == (len(lines[0]) + 1) // 2 else []
