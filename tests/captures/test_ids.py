"""Ids sort by the order in which captures were stored."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.captures.ids import (
    MAX_SEQUENCE,
    is_id,
    make_id,
    new_tail,
    sequence_at,
    sequence_now,
    sequence_of,
    tail_of,
)

SEQUENCES = st.integers(0, MAX_SEQUENCE)
TAILS = st.integers(0, 2**63 - 1)


@given(SEQUENCES, TAILS, SEQUENCES, TAILS)
def test_order(one: int, tail: int, two: int, other: int) -> None:
    """As text, ids sort by sequence number, and each gives its parts back."""
    first, second = make_id(one, tail), make_id(two, other)
    assert (first < second) == ((one, tail) < (two, other))
    assert is_id(first)
    assert (one, tail) == (sequence_of(first), tail_of(first))


@pytest.mark.parametrize("text", ["", "0" * 33, "G" * 32, "A" * 32, "f" * 32, "0" * 31 + "\n", "٠" * 32])
def test_what_is_no_id(text: str) -> None:
    """Only 32 lower-case hexadecimal digits within the range are an id."""
    assert not is_id(text)


def test_a_moment_is_a_sequence_number() -> None:
    """A point in time lies where the captures of that time lie."""
    before = sequence_now()
    assert before <= sequence_at(datetime.now(timezone.utc)) <= sequence_now()
    assert 0 == sequence_at(datetime(1, 1, 1, tzinfo=timezone.utc))
    assert 0 <= new_tail() < 2**63
