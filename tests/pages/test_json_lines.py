"""JSON with indentation: the same value, few lines, and no more work than is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.pages.json_lines import WIDTH, indented

TEXTS = [
    pytest.param({}, "{}", id="empty"),
    pytest.param("é", '"é"', id="text"),
    pytest.param({"a": [1, None]}, '{\n  "a": [1, null]\n}', id="small-list"),
    pytest.param(
        [{"id": 1, "on": True}, {"id": 2}], '[\n  {"id": 1, "on": true},\n  {"id": 2}\n]', id="small-objects"
    ),
    pytest.param({"a": {"b": [[1]]}}, '{\n  "a": {\n    "b": [\n      [1]\n    ]\n  }\n}', id="nested"),
    pytest.param([1, [[2]], 3], "[\n  1,\n  [\n    [2]\n  ],\n  3\n]", id="scalars-around-a-list"),
]


@pytest.mark.parametrize(("value", "expected"), TEXTS)
def test_indents(value: object, expected: str) -> None:
    """What is small stays on one line, what is nested is indented."""
    assert indented(value, 1000) == (expected, False)


def test_numbers_fill_lines() -> None:
    """A list of many scalars does not take a line for each."""
    text, _ = indented(list(range(1000)), 10**6)
    lines = text.split("\n")
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) < 80


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(st.text(max_size=10), inner, max_size=12),
)


@given(json_values)
def test_is_the_same_value(value: object) -> None:
    """The text means what was given."""
    text, cut = indented(value, 10**9)
    assert (json.loads(text), cut) == (value, False)


@given(json_values, st.integers(0, 60))
def test_is_cut(value: object, limit: int) -> None:
    """A cut text is the beginning of the whole."""
    whole, _ = indented(value, 10**9)
    assert indented(value, limit) == (whole[:limit], len(whole) > limit)


class Counted(list[Any]):
    """A list that counts how many of its items are looked at."""

    seen = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.seen += 1
            yield item


def test_indents_only_what_it_shows() -> None:
    """Deep JSON, which indentation multiplies, is not indented any further than it is shown."""
    items = Counted([json.loads("[" * 150 + "]" * 150)] * 3000)
    assert indented(items, 32768)[1]
    assert items.seen <= 3


def test_survives_json_too_deep_to_indent() -> None:
    """JSON nested deeper than Python recurses is shown as far as any other."""
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    text, cut = indented(nested, 1000)
    # Taken apart by hand: Python 3.10 and 3.11 recurse to free it.
    while nested:
        nested = nested.pop()
    assert (len(text), cut) == (1000, True)
