"""Each step happens at most once for a request: one head, one verdict, one device, one decision."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from yourl import context, inspection
from yourl.app import create_app
from yourl.guard import GuardPolicy
from yourl.http1 import reader
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server.connection import Connection
from yourl.server.worker import PatientWorker
from yourl.settings import load

BROWSER = (
    "Accept: text/html\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)
INSPECTED = {"head": 1, "verdict": 1, "device": 1, "decision": 1}
COUNTED = {
    "head": (reader, "parse_head"),
    "head from environ": (context, "head_of"),
    "verdict": (inspection, "evaluate"),
    "device": (inspection, "classify"),
}


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how often each step is taken."""
    counts: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            counts[name] += 1
            return function(*args, **kwargs)

        return counted

    for name, (module, function) in COUNTED.items():
        monkeypatch.setattr(module, function, counting(name, getattr(module, function)))
    monkeypatch.setattr(GuardPolicy, "decide", counting("decision", GuardPolicy.decide))
    return counts


def request(path: str, *lines: str, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    method = "POST" if body else "GET"
    fields = [f"{method} {path} HTTP/1.1", "Host: a.example", *lines]
    if body:
        fields.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*fields, "", ""]).encode() + body


CASES = [
    pytest.param(request("/api/x?y=1"), 200, INSPECTED, id="/api"),
    pytest.param(request("/", BROWSER), 200, INSPECTED, id="page"),
    pytest.param(request("/health"), 200, {"head": 1}, id="/health"),
    pytest.param(request("/nothing"), 404, {"head": 1, "verdict": 1}, id="404"),
    pytest.param(request("/nothing", BROWSER), 404, {"head": 1, "verdict": 1}, id="404 as a page"),
    pytest.param(
        request("/api?expect=scheme:https"),
        417,
        INSPECTED,
        id="417",
    ),
]


@pytest.mark.parametrize(("data", "status", "expected"), CASES)
def test_under_our_worker(
    steps: Counter[str], tmp_path: Any, data: bytes, status: int, expected: dict[str, int]
) -> None:
    """From the bytes of the socket to the line of the log."""
    answer = answered_by_the_worker(data, str(tmp_path))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert dict(steps) == expected


def answered_by_the_worker(data: bytes, folder: str) -> bytes:
    """What a worker that was never forked answers."""

    class Application:
        def wsgi(self) -> Any:
            return create_app(load({}))

    cfg = Config()
    cfg.set("worker_tmp_dir", folder)
    cfg.set("logger_class", "yourl.server.logs.gunicorn_logger.TextLogger")
    worker = PatientWorker(1, 1, [], Application(), 30, cfg, Logger(cfg))
    worker.load_wsgi()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        connection = Connection(ours, ("192.0.2.1", 1), worker.bounds, time.monotonic())
        connection.server = ("192.0.2.2", 80)
        received = RequestReader(worker.bounds).feed(data)
        assert isinstance(received, ReceivedRequest)
        worker.answer(connection, received)
        worker.tmp.close()
        return theirs.recv(1 << 20)


def test_a_body_that_is_too_large_is_refused_by_the_head_alone(steps: Counter[str]) -> None:
    """413 in the loop: one head, no verdict, no classification."""
    outcome = RequestReader(Limits()).feed(request("/api", "Content-Length: 99999999999"))
    assert outcome is not None
    assert outcome.code == "body_too_large"  # type: ignore[union-attr]
    assert dict(steps) == {"head": 1}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/api", {"verdict": 1, "device": 1, "decision": 1}, id="/api"),
        pytest.param("/health", {}, id="/health"),
        pytest.param("/nothing", {"verdict": 1}, id="404"),
    ],
)
def test_under_another_server(steps: Counter[str], path: str, expected: dict[str, int]) -> None:
    """The head is made from the environ, once."""
    create_app(load({})).flask.test_client().get(path)
    assert dict(steps) == {"head from environ": 1, **expected}


def test_a_body_that_is_too_large_under_another_server(steps: Counter[str]) -> None:
    """413 in a view: the URL needs the verdict, once."""
    client = create_app(load({"YOURL_BODY_LIMIT": "10"})).flask.test_client()
    assert client.post("/api", data=b"x" * 11).status_code == 413
    assert steps["head from environ"] == 1
    assert steps["verdict"] == 1
