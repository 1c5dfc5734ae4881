"""Shared counts of all workers: a folder in memory for the run, and a slot in it for each worker.

A slot is taken over, with its counts, by the worker that replaces one that has ended: the number of
files is bounded by the number of workers that live at once, not by how many have ever lived.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

from yourl import metrics

MASTER = "master"
_slots: dict[int, int] = {}  # age of a living worker -> its slot
_owner = 0


def make_folder() -> None:
    """Make the folder and name it in the environment. Where none has room each worker counts alone."""
    global _owner
    for parent in ("/dev/shm", None):  # noqa: S108  # memory where it is, else the usual temporary folder
        with contextlib.suppress(OSError):
            folder = tempfile.mkdtemp(prefix="yourl-metrics-", dir=parent)
            try:
                metrics.reserve(folder, MASTER)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                continue
            os.environ[metrics.FOLDER] = folder
            metrics.take_slot(MASTER)
            _owner = os.getpid()
            return


def remove_folder(*, orphaned: bool = False) -> None:
    """Remove the folder in the process that made it, or in any where that was killed (``orphaned``)."""
    folder = os.environ.get(metrics.FOLDER)
    if folder and (orphaned or _owner == os.getpid()):
        shutil.rmtree(folder, ignore_errors=True)


def slot_for(age: int) -> int:
    """The lowest slot that no living worker has, for the worker of this age."""
    taken = set(_slots.values())
    _slots[age] = next(slot for slot in range(len(taken) + 1) if slot not in taken)
    return _slots[age]


def has_room_for(slot: int) -> bool:
    """Whether the folder, if there is one, can hold what a worker counts under this slot."""
    try:
        metrics.reserve(os.environ.get(metrics.FOLDER, ""), slot)
    except OSError:
        return False
    return True


def free_slot_of(age: int) -> None:
    """Free the slot of a worker that has ended."""
    slot = _slots.pop(age, None)
    if slot is not None:
        metrics.free_slot(slot)


def count_workers() -> None:
    """Set the number of workers, in the master."""
    metrics.set_workers(len(_slots))
