"""A text that is not known yet but has its place in an answer. Shared by stores, views and server."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

RunSoon = Callable[[Callable[[], object]], object]
"""Has a function called soon, on any thread, behind the requests that are here already."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A text that will be known soon.

    :param placeholder: as long as the text, ASCII, and found nowhere by chance: it stands for it until then
    """

    placeholder: str
    value: Future[str | None] = field(default_factory=Future)
    """The text; None where there will be none."""
