"""Two captures side by side: what differs, bounded, and in linear time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.captures.samples import NASTY_BODIES, capture_of
from yourl.captures.comparison import MAX_DIFFERENCES, MAX_EDITS, _edits, compare


def test_equal_captures() -> None:
    """Nothing differs between a capture and itself."""
    found = compare(capture_of(), capture_of())
    assert [[], [], []] == [found[part]["differences"] for part in ("request", "headers", "query")]
    assert "equal" == found["body"]["kind"]
    assert 3 == found["headers"]["equal"]


def test_fields_and_query() -> None:
    """Added, removed and changed fields and parameters; the case of a field's name does not count."""
    one = capture_of(target="/?a=1&b=2", fields=(("A", "1"), ("B", "1"), ("b", "2")), method="PUT")
    two = capture_of(target="/?b=3&c=", fields=(("a", "1"), ("b", "1"), ("C", "x")))
    found = compare(one, two)
    assert [
        {"name": "b", "left": ["1", "2"], "right": ["1"]},
        {"name": "c", "left": None, "right": ["x"]},
    ] == found["headers"]["differences"]
    assert [("a", ["1"], None), ("b", ["2"], ["3"]), ("c", None, [""])] == [
        (each["name"], each["left"], each["right"]) for each in found["query"]["differences"]
    ]
    assert [{"name": "method", "left": ["PUT"], "right": ["POST"]}] == found["request"]["differences"]


def json_differences(one: Any, two: Any) -> list[dict[str, Any]]:
    body = compare(capture_of(body=json.dumps(one).encode()), capture_of(body=json.dumps(two).encode()))[
        "body"
    ]
    assert "json" == body["kind"]
    found: list[dict[str, Any]] = body["differences"]
    return found


def test_json_by_path() -> None:
    """Values that differ are named by their path; null is a value, and a number is no boolean."""
    one = {"a": [1, {"b": None}], "c": "x", "d": True, "gone": 1}
    two = {"a": [1, {"b": 0}, 2], "c": "y", "d": 1, "new": {"x": 1}}
    assert [
        {"path": "$.a[1].b", "left": None, "right": 0},
        {"path": "$.a[2]", "right": 2},
        {"path": "$.c", "left": "x", "right": "y"},
        {"path": "$.d", "left": True, "right": 1},
        {"path": "$.gone", "left": 1},
        {"path": "$.new", "right": "an object of 1"},
    ] == json_differences(one, two)


def test_json_written_otherwise() -> None:
    """The same JSON with other blanks differs in nothing."""
    body = compare(capture_of(body=b'{"a":[1,2]}'), capture_of(body=b'{ "a": [1, 2] }'))["body"]
    assert ("json", []) == (body["kind"], body["differences"])


def test_bounds() -> None:
    """However much differs, the answer is bounded and says that it is not all."""
    many = [capture_of(body=json.dumps(list(range(n, n + 5000))).encode()) for n in (0, 1)]
    body = compare(*many)["body"]
    assert (MAX_DIFFERENCES, False) == (len(body["differences"]), body["is_complete"])
    text = [capture_of(body="\n".join(f"{n} {at}" for at in range(9000)).encode()) for n in (0, 1)]
    body = compare(*text)["body"]
    assert (MAX_DIFFERENCES, False) == (len(body["lines"]), body["is_complete"])
    long = compare(capture_of(body=b"x" * 10**6), capture_of(body=b"y" * 10**6))
    assert len(json.dumps(long)) < 10_000


def lines(one: str, two: str) -> list[list[str]]:
    body = compare(capture_of(body=one.encode()), capture_of(body=two.encode()))["body"]
    assert "text" == body["kind"]
    found: list[list[str]] = body["lines"]
    return found


def test_text_by_line() -> None:
    """Changed lines with a few equal ones around them."""
    one = [f"line {n}" for n in range(20)]
    two = [*one[:8], "new", *one[8:15], *one[16:]]
    assert [
        ["…", "5 equal lines"],
        [" ", "line 5"],
        [" ", "line 6"],
        [" ", "line 7"],
        ["+", "new"],
        [" ", "line 8"],
        [" ", "line 9"],
        [" ", "line 10"],
        ["…", "1 equal lines"],
        [" ", "line 12"],
        [" ", "line 13"],
        [" ", "line 14"],
        ["-", "line 15"],
        [" ", "line 16"],
        [" ", "line 17"],
        [" ", "line 18"],
        ["…", "1 equal lines"],
    ] == lines("\n".join(one), "\n".join(two))


LINES = st.lists(st.sampled_from("abcd"), max_size=25)


@given(LINES, LINES)
def test_edits_lead_from_one_to_the_other(one: list[str], two: list[str]) -> None:
    """Equal and removed lines are the left text, equal and added ones the right one."""
    edits = _edits(one, two)
    assert edits is not None
    assert one == [line for sign, line in edits if sign in " -"]
    assert two == [line for sign, line in edits if sign in " +"]


def longest_common(one: list[str], two: list[str]) -> int:
    rows = [0] * (len(two) + 1)
    for a in one:
        above = rows[:]
        for at, b in enumerate(two):
            rows[at + 1] = above[at] + 1 if a == b else max(above[at + 1], rows[at])
    return rows[-1]


@given(LINES, LINES)
def test_edits_are_the_fewest(one: list[str], two: list[str]) -> None:
    """No shorter way leads from one text to the other."""
    edits = _edits(one, two)
    assert edits is not None
    changes = sum(sign != " " for sign, _ in edits)
    assert len(one) + len(two) - 2 * longest_common(one, two) == changes


def test_too_many_edits() -> None:
    """Texts that have little in common are not matched line by line."""
    assert _edits([f"a{n}" for n in range(MAX_EDITS)], [f"b{n}" for n in range(MAX_EDITS)]) is None


@pytest.mark.parametrize("one", NASTY_BODIES.values(), ids=NASTY_BODIES)
@pytest.mark.parametrize("two", [b"", b"\x00\xff\x00", b"text\n", b"[1]", b"[" * 100_000], ids=range(5))
def test_any_two_bodies(one: bytes, two: bytes) -> None:
    """Whatever the bodies are, there is an answer that JSON can carry."""
    found = compare(capture_of(body=one), capture_of(body=two))
    assert found["body"]["kind"] in ("equal", "json", "text", "bytes")
    assert len(json.dumps(found)) < 100_000


def test_bytes() -> None:
    """Of bodies that are no text, the first offset that differs is given."""
    one, two = bytes(range(256)) * 4, bytes(range(256)) * 3 + b"\xff" * 256
    body = compare(capture_of(body=one), capture_of(body=two))["body"]
    assert ("bytes", 768, 1024, 1024) == (body["kind"], body["first"], body["left_size"], body["right_size"])
