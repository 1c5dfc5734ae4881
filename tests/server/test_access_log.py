"""Access lines: complete, one line each, and nothing that a client can forge."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.context import RequestContext
from yourl.http1.head import Head
from yourl.http1.target import parse_target
from yourl.proxies import Connection
from yourl.server.access_log import AccessRecord, json_line, text_line
from yourl.settings import load

FIELDS = (("User-Agent", "curl/8.5.0"), ("X-Forwarded-For", "203.0.113.7"))
CONNECTION = Connection("10.0.0.9", 4711, "10.0.0.1", 8080)
SETTINGS = load({"YOURL_TRUSTED_PROXIES": "10.0.0.0/8"})


def record(*fields: tuple[str, str], target: str = "/api?x=1", status: int = 200) -> AccessRecord:
    """The record of a request that a trusted proxy passed on, with more fields or another target."""
    head = Head("GET", parse_target(target), (1, 1), (*fields, *FIELDS))
    seen = RequestContext(head, CONNECTION, SETTINGS, request_id="abc-1")
    assert seen.verdict
    assert seen.device
    return AccessRecord.of(seen, status, 512, 0.0123)


def test_text_line() -> None:
    """Time, decided client, request, status, bytes, duration, device, user agent."""
    _, rest = text_line(record()).split(" ", 1)
    assert rest == '203.0.113.7 "GET /api?x=1 HTTP/1.1" 200 512 12.3ms bot "curl/8.5.0" id=abc-1'


def test_json_line() -> None:
    """The fields that Cloud Logging reads, with the trace under the project's name."""
    trace = ("X-Cloud-Trace-Context", "105445aa7843bc8bf206b12000100000/1;o=1")
    entry = json.loads(json_line(record(trace), "my-project"))
    assert (
        entry["severity"], entry["httpRequest"]["remoteIp"], entry["httpRequest"]["status"],
    ) == ("INFO", "203.0.113.7", 200)  # fmt: skip
    expected = "projects/my-project/traces/105445aa7843bc8bf206b12000100000"
    assert expected == entry["logging.googleapis.com/trace"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
         "4bf92f3577b34da6a3ce929d0e0e4736"),
        ("traceparent", "00-nonsense", ""),
        ("X-Cloud-Trace-Context", "../../etc", ""),
    ],
)  # fmt: skip
def test_trace(name: str, value: str, expected: str) -> None:
    """Only a well-formed trace is taken over."""
    assert expected == record((name, value)).trace


@given(st.text(max_size=100), st.text(max_size=100), st.text(max_size=100))
def test_no_client_forges_a_line(target: str, agent: str, client: str) -> None:
    """Whatever is sent, a record is one line of printable ASCII."""
    seen = record(("User-Agent", agent), ("X-Forwarded-For", client), target=target or "/")
    for line in (text_line(seen), json_line(seen)):
        assert line.isascii()
        assert line.isprintable()


def test_probes_that_go_well_are_quiet() -> None:
    """A health check is mentioned only when it fails."""
    assert record(target="/health").is_quiet
    assert not record(target="/ready?x", status=503).is_quiet
    assert not record().is_quiet


def test_long_targets_are_cut() -> None:
    """A line has an end."""
    assert len(text_line(record(target="/" + "a" * 100_000))) < 5000
