"""`Conclusion`: a device class that one source (the user agent or a client hint) points to."""

from __future__ import annotations

from dataclasses import dataclass

_QUOTED_CUT = 60


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A device class with its evidence.

    ``specific`` is false where the class was concluded from a general token such as "Android" or
    "Macintosh", so that the hints that Chromium sends unasked may overrule it.
    """

    type: str
    evidence: tuple[str, ...]
    specific: bool = True


def quoted(token: str) -> str:
    """`token` in quotes, short, and safe to print: no control characters, no lone surrogates."""
    cut = token if len(token) <= _QUOTED_CUT else token[: _QUOTED_CUT - 1] + "…"
    if not cut.isprintable():
        cut = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in cut)
    return f'"{cut}"'
