"""What the start says beside the facts: a limit that does not fit."""

from __future__ import annotations

import pytest

from yourl.http1.limits import Limits, memory_for
from yourl.server.summary import memory_warning

MIB = 1 << 20


@pytest.mark.parametrize(
    ("workers", "body_limit", "limit", "expected"),
    [
        pytest.param(5, MIB, None, False, id="no limit"),
        pytest.param(5, MIB, 384 * MIB, False, id="the manifests' container"),
        pytest.param(17, MIB, 384 * MIB, True, id="many workers"),
        pytest.param(5, 64 * MIB, 384 * MIB, True, id="large bodies"),
    ],
)
def test_says_when_memory_does_not_fit(
    workers: int, body_limit: int, limit: int | None, expected: bool
) -> None:
    """A control group's limit below what the workers may need is told at the start, and only then."""
    sentence = memory_warning(workers, memory_for(body_limit), limit)
    assert (sentence is not None) == expected


def test_memory_grows_with_the_body_limit() -> None:
    """A body of the largest size can always be received and answered."""
    for size in (1, MIB, 64 * MIB, 1 << 30):
        limits = Limits(body_size=size, memory=memory_for(size))
        assert limits.memory >= size + limits.memory_to_answer(size)
