"""JSON as text: the look of ``json.dumps``, within bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.json_text import INDENTATION, INDENTED_DEPTH, SLICE, json_bytes

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
)
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)


def depth_of(value: Any) -> int:
    """Containers within each other."""
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(map(depth_of, value.values() if isinstance(value, dict) else value), default=0)


@given(DOCUMENTS)
def test_the_look(document: Any) -> None:
    """Within the bounds the text is that of the standard library, indented or compact."""
    if depth_of(document) <= INDENTED_DEPTH:
        indented = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        assert indented.encode("utf-8", "backslashreplace") == json_bytes(document)
    compact = json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"
    assert compact.encode("utf-8", "backslashreplace") == json_bytes(document, compact=True)


@given(DOCUMENTS)
def test_the_value(document: Any) -> None:
    """Whatever is written reads as what it was."""
    for compact in (False, True):
        assert (
            json.loads(json.dumps(document)) == json.loads(json_bytes({"a": document}, compact=compact))["a"]
        )


def test_long_strings_are_written_as_short_ones() -> None:
    """A string of several slices is the same text, escapes and characters at the cuts included."""
    for unit in ("a", '"', "\n", "ü", "\0", "\U0001f600", "\ud800"):
        document = {"body": {"text": "x" + unit * (2 * SLICE)}}
        assert document == json.loads(json_bytes(document))
        assert document == json.loads(json_bytes(document, compact=True))
        assert b"\n" not in json_bytes(document, compact=True).rstrip()


NESTED: Any = 1
for _ in range(150):
    NESTED = [NESTED, 1]
WIDE = {"a": {str(number): [number, [number]] for number in range(20_000)}}


@pytest.mark.parametrize(
    "document", [NESTED, WIDE, [WIDE] * 3, [[[[[1] * 50_000]]]]], ids=["deep", "wide", "often", "long"]
)
def test_indentation_is_bounded(document: Any) -> None:
    """However deep or wide a document is, its indentation costs no more than its budget."""
    assert len(json_bytes(document)) <= len(json.dumps(document)) + INDENTATION + 1
    assert document == json.loads(json_bytes(document))


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_json_does_not_have(number: float) -> None:
    """NaN and Infinity are refused, never written."""
    with pytest.raises(ValueError, match="JSON"):
        json_bytes({"a": [number]})
