"""The workers' heartbeats without a file system: a read-only root may have no folder for Gunicorn's files.

Relies on these of Gunicorn: ``gunicorn.workers.base.WorkerTmp`` is made with the configuration, once for
each worker, and has ``notify``, ``last_update``, ``fileno`` and ``close``.
"""

from __future__ import annotations

import os
import time
from typing import Any

import gunicorn.workers.base


class MemoryHeartbeat:
    """Stands in for Gunicorn's ``WorkerTmp``: an anonymous file in memory, see memfd_create(2)."""

    def __init__(self, cfg: Any) -> None:
        self._descriptor = os.memfd_create("yourl-heartbeat")
        if cfg.uid != os.geteuid() or cfg.gid != os.getegid():
            os.fchown(self._descriptor, cfg.uid, cfg.gid)  # only an owner may set the times

    def notify(self) -> None:
        """Say that the worker lives."""
        now = time.monotonic()
        os.utime(self._descriptor, (now, now))

    def last_update(self) -> float:
        """When ``notify`` was called last, by the monotonic clock."""
        return os.fstat(self._descriptor).st_mtime

    def fileno(self) -> int:
        """The descriptor, which Gunicorn keeps open in the worker."""
        return self._descriptor

    def close(self) -> None:
        """Let the memory go."""
        os.close(self._descriptor)


def keep_in_memory() -> None:
    """Have Gunicorn make heartbeats in memory where the system can (Linux); else it makes its files."""
    if hasattr(os, "memfd_create"):
        gunicorn.workers.base.WorkerTmp = MemoryHeartbeat
