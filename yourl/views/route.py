"""What each room of views says of its paths; ``framework`` tells Flask. Knows nothing of Flask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from yourl.answers import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """A path, as Werkzeug's routing reads it, and the view that answers there."""

    path: str
    view: Callable[..., Answer]
    methods: tuple[str, ...] | None = ("GET",)
    """None for every method, also those that are not registered."""
