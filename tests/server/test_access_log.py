"""Access lines: complete, one line each, and nothing that a client can forge."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.server.access_log import AccessRecord, json_line, text_line

ENVIRON = {
    "REQUEST_METHOD": "GET",
    "RAW_URI": "/api?x=1",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "10.0.0.9",
    "HTTP_USER_AGENT": "curl/8.5.0",
    "yourl.client": "203.0.113.7",
    "yourl.device": "bot",
    "yourl.request_id": "abc-1",
}


def record(**changes: Any) -> AccessRecord:
    """The record of an ordinary request with some keys of its environ changed."""
    return AccessRecord.of({**ENVIRON, **changes}, 200, 512, 0.0123)


def test_text_line() -> None:
    """Time, decided client, request, status, bytes, duration, device, user agent."""
    _, rest = text_line(record()).split(" ", 1)
    assert rest == '203.0.113.7 "GET /api?x=1 HTTP/1.1" 200 512 12.3ms bot "curl/8.5.0" id=abc-1'


def test_json_line() -> None:
    """The fields that Cloud Logging reads, with the trace under the project's name."""
    trace = {"HTTP_X_CLOUD_TRACE_CONTEXT": "105445aa7843bc8bf206b12000100000/1;o=1"}
    entry = json.loads(json_line(record(**trace), "my-project"))
    assert (
        entry["severity"], entry["httpRequest"]["remoteIp"], entry["httpRequest"]["status"],
    ) == ("INFO", "203.0.113.7", 200)  # fmt: skip
    expected = "projects/my-project/traces/105445aa7843bc8bf206b12000100000"
    assert expected == entry["logging.googleapis.com/trace"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HTTP_TRACEPARENT", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("HTTP_TRACEPARENT", "00-nonsense", ""),
        ("HTTP_X_CLOUD_TRACE_CONTEXT", "../../etc", ""),
    ],
)  # fmt: skip
def test_trace(name: str, value: str, expected: str) -> None:
    """Only a well-formed trace is taken over."""
    assert expected == record(**{name: value}).trace


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=100))
def test_no_client_forges_a_line(target: str, agent: str, client: str) -> None:
    """Whatever is sent, a record is one line of printable ASCII."""
    seen = record(RAW_URI=target or "/", HTTP_USER_AGENT=agent, **{"yourl.client": client})
    for line in (text_line(seen), json_line(seen)):
        assert line.isascii()
        assert line.isprintable()


def test_probes_that_go_well_are_quiet() -> None:
    """A health check is mentioned only when it fails."""
    assert AccessRecord.of({**ENVIRON, "RAW_URI": "/health"}, 200, 1, 0.1).is_quiet
    assert not AccessRecord.of({**ENVIRON, "RAW_URI": "/ready?x"}, 503, 1, 0.1).is_quiet
    assert not record().is_quiet


def test_long_targets_are_cut() -> None:
    """A line has an end."""
    assert len(text_line(record(RAW_URI="/" + "a" * 100_000))) < 5000
