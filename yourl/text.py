"""Text that is fit for a log line, a message or a terminal: nothing unprintable, nothing without end.

Knows nothing of where the text comes from. Every function takes any text, never raises and is linear.
"""

from __future__ import annotations


def printable(text: str, keep: str = "") -> str:
    """``text`` with each unprintable character, but those in ``keep``, written as a Python escape.

    What counts as printable is ``str.isprintable``: controls, line separators, direction marks and lone
    surrogates are not.
    """
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or char in keep else char.encode("unicode_escape").decode("ascii")
        for char in text
    )


def excerpt(text: str, limit: int = 120) -> str:
    """The beginning of ``text``, at most ``limit`` characters and an ellipsis, printable."""
    return printable(text if len(text) <= limit else f"{text[:limit]}…")
