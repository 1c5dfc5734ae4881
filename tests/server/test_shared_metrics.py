"""Slots and the folder in which workers count together."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from yourl import metrics
from yourl.server import shared_metrics


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No slot is taken, no folder named; what a test makes is removed."""
    monkeypatch.setattr(shared_metrics, "_slots", {})
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ.pop(metrics.FOLDER, None)
    yield
    shared_metrics.remove_folder()


def test_slots_are_reused() -> None:
    """The lowest free slot is taken, so that their number is bounded by the workers that live at once."""
    assert [0, 1, 2] == [shared_metrics.slot_for(age) for age in (1, 2, 3)]
    shared_metrics.free_slot_of(2)
    assert [1, 3] == [shared_metrics.slot_for(age) for age in (4, 5)]


def test_the_folder_is_gone_afterwards() -> None:
    """It is there while the run lasts, and then no more."""
    shared_metrics.make_folder()
    folder = Path(os.environ[metrics.FOLDER])
    assert folder.is_dir()
    shared_metrics.remove_folder()
    assert not folder.exists()


def test_only_its_maker_removes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that ends leaves the folder to the master."""
    shared_metrics.make_folder()
    folder = Path(os.environ[metrics.FOLDER])
    with monkeypatch.context() as patch:
        patch.setattr(shared_metrics.os, "getpid", lambda: -1)
        shared_metrics.remove_folder()
    assert folder.is_dir()


def test_without_a_writable_folder_each_counts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only system is no reason not to start."""

    def refuse(**kwargs: object) -> str:
        raise PermissionError

    monkeypatch.setattr(shared_metrics.tempfile, "mkdtemp", refuse)
    shared_metrics.make_folder()
    assert metrics.FOLDER not in os.environ
