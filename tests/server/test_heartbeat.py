"""Heartbeats in memory do what Gunicorn's files do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import gunicorn.workers.base
import gunicorn.workers.workertmp
import pytest

from yourl.server.heartbeat import MemoryHeartbeat, use_memory_if_no_folder

CONFIGURATION = SimpleNamespace(uid=os.geteuid(), gid=os.getegid())


def test_tells_when_it_beat_last() -> None:
    """The last update lies between the moments before and after it."""
    beat = MemoryHeartbeat(CONFIGURATION)
    before = time.monotonic()
    beat.notify()
    assert before - 0.001 <= beat.last_update() <= time.monotonic() + 0.001
    beat.close()


def test_a_child_beats_for_its_parent() -> None:
    """What another process notes on the same descriptor, the master reads."""
    beat = MemoryHeartbeat(CONFIGURATION)
    program = f"import os; os.utime({beat.fileno()}, (5, 5))"
    subprocess.run([sys.executable, "-c", program], pass_fds=[beat.fileno()], check=True)
    assert 5 == beat.last_update()
    beat.close()


def test_has_what_gunicorn_asks_for() -> None:
    """A release that asks a heartbeat for more, or no longer has that name, is noticed here."""
    asked = {name for name in vars(gunicorn.workers.workertmp.WorkerTmp) if not name.startswith("_")}
    assert {"notify", "last_update", "fileno", "close"} == asked
    assert asked <= set(vars(MemoryHeartbeat))


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        pytest.param(None, gunicorn.workers.workertmp.WorkerTmp, id="a folder"),
        pytest.param("/proc", MemoryHeartbeat, id="none"),
    ],
)
def test_takes_the_place_of_gunicorns(
    monkeypatch: pytest.MonkeyPatch, folder: str | None, expected: type
) -> None:
    """Only where Gunicorn could not make its files, heartbeats are kept in memory."""
    monkeypatch.setattr(gunicorn.workers.base, "WorkerTmp", gunicorn.workers.workertmp.WorkerTmp)
    use_memory_if_no_folder(folder)
    assert gunicorn.workers.base.WorkerTmp is expected
