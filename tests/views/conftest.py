"""A store for the views."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.captures.samples import PATIENT
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaptureStore]:
    """An empty store."""
    made = SqliteStore(tmp_path / "captures.db", is_durable=False, time_limits=PATIENT)
    yield made
    made.close()
