"""Imports and makes what takes long and is not needed for the first answer.

The patterns behind browser and OS names take half as long to compile as the whole rest of the start, and the
views with all that they use a quarter. They are loaded before the second worker is forked, so that workers
share them; and, because the archive may be replaced under a live process, every process has them in memory
soon after its start.

The first worker is forked before that, so it shares nothing of it. When the master has loaded everything, it
hands over to a worker that does (see ``PatientWorker.retires``).
"""

from __future__ import annotations

import mmap
import threading
from typing import Any

_lock = threading.Lock()
_modules_are_loaded = False
_flag = mmap.mmap(-1, 1)  # a master shares it with the workers that it forks


def load_for_all(application: Any) -> None:
    """In the master: load everything, for the workers that are forked from now on."""
    preload(application)
    _flag[0] = 1


def is_loaded_for_all() -> bool:
    """Whether a worker that the master forks now shares everything."""
    return _flag[0] == 1


def preload(application: Any) -> None:
    """Load everything that is not loaded yet.

    :param application: the WSGI application, ours or another; None where each worker loads it for itself
    """
    global _modules_are_loaded
    with _lock:
        if not _is_complete(application):
            application.complete()
        if not _modules_are_loaded:
            _load_modules()
            _modules_are_loaded = True


def preload_in_background(application: Any) -> None:
    """The same in a thread, where anything is left to load."""
    if not (_modules_are_loaded and _is_complete(application)):
        threading.Thread(target=preload, args=(application,), name="preload", daemon=True).start()


def _is_complete(application: Any) -> bool:
    return bool(getattr(application, "is_complete", True))  # others load nothing late


def _load_modules() -> None:
    from yourl import devices, metrics, pages
    from yourl.server.allocator import return_memory_early

    return_memory_early()
    metrics.activate()
    devices.warm_rules()
    devices.warm_names()
    pages.warm()
