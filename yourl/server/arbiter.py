"""Gunicorn's master, which imports what the workers would import late.

Relies on ``gunicorn.arbiter.Arbiter.spawn_workers``.
"""

from __future__ import annotations

from gunicorn.arbiter import Arbiter

from yourl.server import warm


class WarmArbiter(Arbiter):  # type: ignore[misc]
    """A master that has every module in memory: the archive may be replaced while it runs."""

    def spawn_workers(self) -> None:
        """Start the missing workers first: the first request need not wait for the imports."""
        super().spawn_workers()
        warm.import_what_comes_late()
