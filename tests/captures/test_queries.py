"""A listing's parameters are read strictly."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.captures.errors import BadFilter
from yourl.captures.model import Query
from yourl.captures.queries import parse_query

ID = "0" * 15 + "1" + "0" * 16
NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)

GOOD = [
    ({}, {}),
    ({"inbox": "", "status": "", "limit": "", "q": ""}, {}),
    ({"inbox": "a-1", "method": "PURGE"}, {"inbox": "a-1", "method": "PURGE"}),
    ({"status": "503"}, {"status": (503, 503)}),
    ({"status": "5xx"}, {"status": (500, 599)}),
    ({"device": "watch", "finding": "no-proxy"}, {"device_type": "watch", "finding": "no-proxy"}),
    ({"client": "2001:db8::1", "q": "a b"}, {"client": "2001:db8::1", "text": "a b"}),
    ({"after": ID, "before": ID, "limit": "500"}, {"after": ID, "before": ID, "limit": 500}),
    ({"since": "2026-01-31T12:00:00Z"}, {"since": NOON}),
    ({"since": "2026-01-31T13:00:00+01:00"}, {"since": NOON}),
    ({"until": "2026-01-31T12:00"}, {"until": NOON}),
    ({"until": str(int(NOON.timestamp()))}, {"until": NOON}),
    ({"unknown": "x"}, {}),
]


@pytest.mark.parametrize(("parameters", "expected"), GOOD)
def test_good_parameters(parameters: dict[str, str], expected: dict[str, Any]) -> None:
    """Each parameter fills its field; empty ones do not filter."""
    assert Query(**expected) == parse_query(parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("inbox", "A"),
        ("method", "a b"),
        ("status", "5x"),
        ("status", "999"),
        ("status", "٥٠٣"),
        ("device", "toaster"),
        ("finding", "A"),
        ("client", "x" * 65),
        ("q", "x" * 257),
        ("after", "x"),
        ("before", "1"),
        ("limit", "0"),
        ("limit", "501"),
        ("limit", "-1"),
        ("limit", "1.5"),
        ("limit", "٣"),
        ("since", "yesterday"),
        ("since", "0001-01-01T00:00:00+23:00"),
        ("until", "9" * 40),
        ("until", "2026-13-01"),
    ],
)
def test_bad_parameters(name: str, value: str) -> None:
    """A bad value is refused by name: it must not silently match everything."""
    with pytest.raises(BadFilter, match=f"^{name} must be ") as caught:
        parse_query({name: value})
    assert ("bad_filter", 400) == (caught.value.refusal.code, caught.value.refusal.status)


def test_all_faults_at_once() -> None:
    """Every bad parameter is named."""
    with pytest.raises(BadFilter) as caught:
        parse_query({"inbox": "A", "limit": "x", "status": "x"})
    assert 3 == len(caught.value.faults)


NAMES = ["inbox", "method", "status", "device", "finding", "client", "since", "until", "q", "after", "limit"]


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40)))
def test_no_parameter_breaks_it(parameters: dict[str, str]) -> None:
    """Any text either filters or is refused with a sentence."""
    try:
        query = parse_query(parameters)
    except BadFilter:
        return
    assert 1 <= query.limit <= 500
