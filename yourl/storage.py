"""Opens the store of captures that the settings choose, and keeps its private folder for as long as needed.

The folder is made by the first process of a run and named to all others by a variable of the environment.
Every process that uses it holds a lock in it. The last one to end removes it, whichever that is; what is left
where all were killed at once is removed by the next start.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from yourl.captures import opening
from yourl.captures.bounds import MIB, Bounds
from yourl.captures.deferred import DeferredStore
from yourl.settings import Settings

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore

FOLDER = "_YOURL_CAPTURES"
PREFIX = "yourl-captures-"
LOCK = "in-use"
GRACE = 60.0
"""Seconds in which a folder without a lock may belong to a process that is about to take it."""

_log = logging.getLogger(__name__)
_lock_descriptor = -1


def open_store(settings: Settings) -> CaptureStore:
    """The store that the settings choose, or one that keeps nothing and says why. Never raises.

    Before a fork it may be made, after it used. A new file in the private folder holds nothing that could be
    wrong with it, so that store is opened when it is first used: a start need not wait for it.
    """
    folder = prepare(settings)

    def opened() -> CaptureStore:
        return opening.open_store(settings.store, settings.keep, folder, _log.warning)

    return opened() if folder is None else cast("CaptureStore", DeferredStore(settings.store, opened))


def prepare(settings: Settings) -> Path | None:
    """The private folder of this run, where one is needed; None where it is not, or none can be written.

    The master makes it before it forks: an application that each worker loads by itself (Gunicorn without
    ``preload_app``) finds it then.
    """
    if settings.store != "sqlite":
        return None
    try:
        return _private_folder(settings.keep)
    except (OSError, ImportError):
        return None


def _private_folder(bounds: Bounds) -> Path:
    """The folder of this run, made where no process has made it.

    :raises OSError: where no folder can be written
    """
    known = os.environ.get(FOLDER)
    if known and Path(known).is_dir():
        folder = Path(known)
    else:
        _remove_abandoned()
        folder = _made_folder(bounds)
        os.environ[FOLDER] = str(folder)
    _take_lock(folder)
    return folder


def _made_folder(bounds: Bounds) -> Path:
    """In memory where there is room for all that is kept, with its indexes; else where there is most."""
    needed = bounds.size * 5 // 2
    parents = sorted(_parents(), key=lambda parent: min(_room(parent), needed), reverse=True)
    error = OSError("there is no temporary folder")
    for parent in parents:
        if _room(parent) >= MIB:
            try:
                return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
            except OSError as failure:
                error = failure
    raise error


def _parents() -> Iterator[Path]:
    yield Path("/dev/shm")  # noqa: S108  # memory
    with contextlib.suppress(OSError):
        yield Path(tempfile.gettempdir())


def _room(folder: Path) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize


def _take_lock(folder: Path) -> None:
    import fcntl

    global _lock_descriptor
    if _lock_descriptor < 0:
        _lock_descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(_lock_descriptor, fcntl.LOCK_SH)
        atexit.register(release_folder)


def release_folder() -> None:
    """This process needs the private folder no more; remove it if no other does."""
    global _lock_descriptor
    if _lock_descriptor < 0:
        return
    os.close(_lock_descriptor)  # forked processes share the lock: it is free when all have closed it
    _lock_descriptor = -1
    folder = os.environ.get(FOLDER)
    if folder:
        _remove_unused(Path(folder))


def _remove_unused(folder: Path) -> None:
    import fcntl

    with contextlib.suppress(OSError):
        descriptor = os.open(folder / LOCK, os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)


def _remove_abandoned() -> None:
    """Remove folders of our own user that no living process uses."""
    for parent in _parents():
        with contextlib.suppress(OSError):
            for folder in parent.glob(PREFIX + "*"):
                found = folder.lstat()
                if found.st_uid == os.getuid() and time.time() - found.st_mtime > GRACE and folder.is_dir():
                    _remove_unused(folder)
