"""Shell commands that ask for the same again, every word quoted for a POSIX shell."""

from __future__ import annotations

import re
import shlex


def curl(method: str, url: str) -> str:
    """A command that asks for the same URL as JSON."""
    words = ["curl"]
    if method != "GET":
        words += ["-X", method]
    if re.search(r"[][{}]", url):
        words.append("--globoff")  # curl reads brackets and braces as ranges (curl(1), "URL")
    words += ["-H", "Accept: application/json", url]
    return shlex.join(words)
