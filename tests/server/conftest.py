"""A loop to test, made for one test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.loop_bench import Bench, MakeBench
from yourl.http1.limits import Limits


@pytest.fixture
def bench() -> Iterator[MakeBench]:
    """Makes loops that are closed when the test ends."""
    made: list[Bench] = []

    def make(capacity: int = 100, threads: int = 2, **limits: float) -> Bench:
        made.append(Bench(Limits(**limits), capacity, threads))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
