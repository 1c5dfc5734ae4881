"""Access lines: complete, one line each, and nothing that a client can forge."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yourl.context import RequestContext
from yourl.http1.head import Head
from yourl.http1.target import parse_target
from yourl.proxies import Connection
from yourl.server.logs.access import AccessRecord, json_line, shortened, text_line
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


@given(st.text(min_size=2000, max_size=9000), st.text(max_size=9000), st.text(max_size=9000))
@settings(max_examples=30)
def test_a_line_goes_into_a_pipe_in_one_piece(target: str, agent: str, client: str) -> None:
    """However long what a client sends, a line has at most 4096 bytes, its end included."""
    trace = ("X-Cloud-Trace-Context", "105445aa7843bc8bf206b12000100000/1;o=1")
    long = record(trace, ("User-Agent", agent), ("X-Forwarded-For", client), target=target)
    long = replace(long, method=agent, refused="content_too_large", request_id=client, client=client)
    for line in (text_line(long), json_line(long, "a-project-of-the-longest-name-")):
        assert len(line) < 4096


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a" * 20, "a" * 20, id="fits"),
        pytest.param("a" * 21, "a" * 14 + "…", id="too-long"),
        pytest.param("é" * 4, "é" * 2 + "…", id="escapes-are-not-divided"),
        pytest.param("\\" * 11, "\\" * 7 + "…", id="backslashes-are-not-divided"),
        pytest.param("a" * 13 + '"' * 5, "a" * 13 + "…", id="quotes-are-not-divided"),
    ],
)
def test_shortened(text: str, expected: str) -> None:
    """What does not fit into 20 bytes of JSON is cut between two characters, and an ellipsis says so."""
    assert expected == shortened(text, 20)
