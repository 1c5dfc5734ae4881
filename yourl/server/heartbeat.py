"""The workers' heartbeats where no folder is writable: in a container with a read-only root and no /dev/shm.

Gunicorn keeps each worker's heartbeat in a file. tests/functional/test_container.py starts an image that
has no place for one.

Relies on these of Gunicorn: ``gunicorn.workers.base.WorkerTmp`` is made with the configuration, once for
each worker, and has ``notify``, ``last_update``, ``fileno`` and ``close``.
"""

from __future__ import annotations

import os
import tempfile
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
        """Note that the worker is alive."""
        now = time.monotonic()
        os.utime(self._descriptor, (now, now))

    def last_update(self) -> float:
        """Time of the last ``notify``, by the monotonic clock."""
        return os.fstat(self._descriptor).st_mtime

    def fileno(self) -> int:
        """The descriptor, which Gunicorn keeps open in the worker."""
        return self._descriptor

    def close(self) -> None:
        """Free the memory."""
        os.close(self._descriptor)


def use_memory_if_no_folder(folder: str | None) -> None:
    """Have Gunicorn keep heartbeats in memory (Linux) if it could not make its files.

    :param folder: Gunicorn's ``worker_tmp_dir``; None for the system's folder for temporary files
    """
    try:
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        if hasattr(os, "memfd_create"):
            gunicorn.workers.base.WorkerTmp = MemoryHeartbeat
