"""Imports the modules that take long and are not needed for the first answer.

The patterns behind browser and OS names take half as long to compile as the whole rest of the start.
They are imported before the second worker is forked, so that workers share them; and, because the
archive may be replaced under a live process, every process has them in memory soon after its start.
"""

from __future__ import annotations

import threading

_lock = threading.Lock()
_done = False


def modules_are_preloaded() -> bool:
    """Whether this process has everything in memory."""
    return _done


def preload_modules() -> None:
    """Import the modules and compile their patterns, once in a process."""
    global _done
    with _lock:
        if not _done:
            from yourl import devices, metrics, pages
            from yourl.server.allocator import return_memory_early

            return_memory_early()
            metrics.activate()
            devices.warm_rules()
            devices.warm_names()
            pages.warm()
            _done = True
