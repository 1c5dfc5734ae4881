"""Counts over time: few spans, none missing, every request in one."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from yourl.captures.timeline import MOST_SPANS, over_time

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def test_none() -> None:
    """No requests, no spans."""
    assert [] == over_time([])


def test_seconds() -> None:
    """Spans without a gap from the first to the last."""
    spans = over_time([START, START, START + timedelta(seconds=3)])
    assert [2, 0, 0, 1] == [span["count"] for span in spans]
    assert ("2026-01-02T03:04:05.000000+00:00", 1.0) == (spans[0]["from"], spans[0]["seconds"])


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_any_times(seconds: list[int]) -> None:
    """At most so many, equally long, each request counted once."""
    spans = over_time([START + timedelta(seconds=number) for number in seconds])
    assert 1 <= len(spans) <= MOST_SPANS
    assert len(seconds) == sum(span["count"] for span in spans)
    assert 0 not in (spans[0]["count"], spans[-1]["count"])
    begins = [datetime.fromisoformat(span["from"]) for span in spans]
    assert {timedelta(seconds=spans[0]["seconds"])} >= {b - a for a, b in pairwise(begins)}
