"""Slots and the folder in which workers count together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from yourl import metrics
from yourl.server import counting


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No slot is taken, no folder named; what a test makes is removed."""
    monkeypatch.setattr(counting, "_slots", {})
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ.pop(metrics.FOLDER, None)
    yield
    counting.remove_folder()


def test_slots_are_reused() -> None:
    """The lowest free slot is taken, so that their number is bounded by the workers that live at once."""
    assert [0, 1, 2] == [counting.slot_for(age) for age in (1, 2, 3)]
    counting.ended(2)
    assert [1, 3] == [counting.slot_for(age) for age in (4, 5)]


def test_the_folder_is_gone_afterwards() -> None:
    """It is there while the run lasts, and then no more."""
    counting.make_folder()
    folder = Path(os.environ[metrics.FOLDER])
    assert folder.is_dir()
    counting.remove_folder()
    assert not folder.exists()


def test_only_its_maker_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that ends leaves the folder to the master."""
    counting.make_folder()
    folder = Path(os.environ[metrics.FOLDER])
    with monkeypatch.context() as patch:
        patch.setattr(counting.os, "getpid", lambda: -1)
        counting.remove_folder()
    assert folder.is_dir()


def test_without_a_writable_folder_each_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only system is no reason not to start."""

    def refuse(**kwargs: object) -> str:
        raise PermissionError

    monkeypatch.setattr(counting.tempfile, "mkdtemp", refuse)
    counting.make_folder()
    assert metrics.FOLDER not in os.environ
