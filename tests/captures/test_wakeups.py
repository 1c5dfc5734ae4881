"""The board that wakes processes: one datagram for each sleeper, none for the others, none lost."""

from __future__ import annotations

import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yourl.captures import wakeups
from yourl.captures.errors import StoreUnavailable
from yourl.captures.wakeups import Board, WakeupWatcher

ROOT = Path(__file__).resolve().parents[2]


def is_awake(watcher: WakeupWatcher) -> bool:
    """Whether a selector would return at once."""
    return bool(select.select([watcher], [], [], 0)[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a board may be."""
    return tmp_path / "watch"


@pytest.fixture
def board(folder: Path) -> Iterator[Board]:
    """A board in the folder."""
    board = Board(folder)
    yield board
    board.close()


def test_only_the_armed_are_woken(board: Board) -> None:
    """A watcher sleeps until something is stored after it was armed; further wake-ups send nothing."""
    one, two = board.watch(), board.watch()
    board.notify()
    assert not is_awake(one)
    one.arm()
    for _ in range(3):
        board.notify()
    assert (True, False) == (is_awake(one), is_awake(two))
    one.arm()
    assert not is_awake(one)
    board.notify()
    assert is_awake(one)
    one.close()
    two.close()


def test_other_processes_are_woken(board: Board, folder: Path) -> None:
    """A datagram crosses from one process to another."""
    watcher = board.watch()
    watcher.arm()
    program = (
        "import sys; from pathlib import Path; from yourl.captures.wakeups import Board;"
        " Board(Path(sys.argv[1])).notify()"
    )
    subprocess.run([sys.executable, "-c", program, str(folder)], cwd=ROOT, check=True)
    assert is_awake(watcher)
    watcher.close()


WATCHING = """
import sys, time
from pathlib import Path
from yourl.captures.wakeups import Board
watcher = Board(Path(sys.argv[1])).watch()
watcher.arm()
print(watcher._slot, flush=True)
time.sleep(60)
"""


def test_a_killed_watcher_gives_its_slot_back(board: Board, folder: Path) -> None:
    """What a killed process leaves disturbs nobody, and its slot is used again."""
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHING, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert "0" == process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    board.notify()
    watcher = board.watch()
    assert 0 == watcher._slot
    watcher.arm()
    board.notify()
    assert is_awake(watcher)
    watcher.close()


def test_a_long_path(tmp_path: Path) -> None:
    """A folder whose path is longer than a socket's address works too."""
    folder = tmp_path / ("x" * 60) / ("y" * 60)
    folder.mkdir(parents=True)
    board = Board(folder / "watch")
    watcher = board.watch()
    watcher.arm()
    board.notify()
    assert is_awake(watcher)
    watcher.close()
    board.close()


def test_too_many_watchers(board: Board, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all slots are taken, the next watcher is refused with a reason, and nobody else suffers."""
    monkeypatch.setattr(wakeups, "SLOTS", 2)
    watchers = [board.watch(), board.watch()]
    with pytest.raises(StoreUnavailable, match="2 watchers"):
        board.watch()
    watchers.pop().close()
    watchers.append(board.watch())
    for watcher in watchers:
        watcher.close()


def test_nothing_can_be_woken_without_a_folder(tmp_path: Path) -> None:
    """Where the folder cannot be made, storing goes on and watching says why it cannot be done."""
    board = Board(tmp_path / "missing" / "watch")
    board.notify()
    with pytest.raises(StoreUnavailable, match="watched"):
        board.watch()
    assert not (tmp_path / "missing").exists()
