"""What the worker relies on in Gunicorn: each test names the internal that a release has changed.

The behaviour of the whole is in tests/functional/test_worker.py.
"""

from __future__ import annotations

import inspect
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gunicorn.http.wsgi
import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http import errors
from gunicorn.http.wsgi import create
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

from yourl.context import ENVIRON_KEY
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server import worker as worker_module
from yourl.server.connection import Connection
from yourl.server.gunicorn_request import GunicornRequest
from yourl.server.worker import (
    FAILED,
    PatientWorker,
    bounded_by_gunicorn,
    needs_gunicorns_own_loop,
    possible_connections,
    refusal_for,
)

HEAD = b"POST /a?b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\nX: 1\r\n\r\n"

CALLS = [
    pytest.param(Worker.__init__, "(self, age, ppid, sockets, app, timeout, cfg, log)", id="Worker.__init__"),
    pytest.param(Worker.init_process, "(self)", id="Worker.init_process"),
    pytest.param(Worker.load_wsgi, "(self)", id="Worker.load_wsgi"),
    pytest.param(Worker.notify, "(self)", id="Worker.notify"),
    pytest.param(Worker.handle_error, "(self, req, client, addr, exc)", id="Worker.handle_error"),
    pytest.param(ThreadWorker.init_process, "(self)", id="ThreadWorker.init_process"),
    pytest.param(ThreadWorker.run, "(self)", id="ThreadWorker.run"),
    pytest.param(ThreadWorker.handle_exit, "(self, sig, frame)", id="ThreadWorker.handle_exit"),
    pytest.param(ThreadWorker.is_parent_alive, "(self)", id="ThreadWorker.is_parent_alive"),
    pytest.param(ThreadWorker.handle_request, "(self, req, conn)", id="ThreadWorker.handle_request"),
    pytest.param(ThreadWorker.get_thread_pool, "(self)", id="ThreadWorker.get_thread_pool"),
    pytest.param(
        create,
        "(req, sock, client, server, cfg, response_class=None, response_args=())",
        id="gunicorn.http.wsgi.create",
    ),
]


@pytest.mark.parametrize(("function", "signature"), CALLS)
def test_gunicorn_is_called_as_it_wants_to_be(function: Any, signature: str) -> None:
    """The signatures that the worker calls or overrides."""
    assert str(inspect.signature(function)) == signature


def test_gunicorn_calls_nothing_of_ours_by_surprise() -> None:
    """A method of Gunicorn's that we override without meaning to would change its own loop."""
    meant = {"run", "get_thread_pool", "handle_error", "handle_exit", "load_wsgi"}
    ours = {name for name in vars(PatientWorker) if not name.startswith("__")}
    theirs = {name for parent in (ThreadWorker, Worker) for name in vars(parent)}
    assert ours & theirs == meant


@pytest.fixture
def worker(tmp_path: Any) -> Iterator[PatientWorker]:
    """A worker that was never forked, with an application that echoes."""

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])
        told = {
            key: environ[key] for key in ("RAW_URI", "REMOTE_ADDR", "SERVER_PORT", "HTTP_X", "CONTENT_LENGTH")
        }
        told["body"] = environ["wsgi.input"].read().decode()
        told["fields"] = len(environ[ENVIRON_KEY].head.fields)
        return [json.dumps(told).encode()]

    class Application:
        def wsgi(self) -> Any:
            return application

    cfg = Config()
    cfg.set("worker_tmp_dir", str(tmp_path))
    made = PatientWorker(1, 1, [], Application(), 30, cfg, Logger(cfg))
    made.load_wsgi()
    yield made
    made.tmp.close()


ATTRIBUTES = "alive app cfg keepalived_conns log max_keepalived nr ppid sockets tpool"


@pytest.mark.parametrize("name", [*ATTRIBUTES.split(), "worker_connections"])
def test_gunicorns_worker_has(worker: PatientWorker, name: str) -> None:
    """The attributes that the worker reads or sets."""
    assert hasattr(worker, name)


class OnlyWhatWePromise:
    """A connection with the three attributes that ``handle_request`` may read."""

    def __init__(self, connection: Connection) -> None:
        self.sock = connection.sock
        self.client = connection.client
        self.server = connection.server

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"ThreadWorker.handle_request now reads conn.{name}")


def test_handle_request_needs_no_more_than_three_attributes(worker: PatientWorker) -> None:
    """Gunicorn takes our request, calls the application and writes the answer to our buffer, in one piece."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)
        connection = Connection(ours, ("192.0.2.1", 1), worker.bounds, time.monotonic())
        connection.server = ("192.0.2.2", 80)
        request = RequestReader(worker.bounds).feed(HEAD + b"hello")
        assert isinstance(request, ReceivedRequest)
        connection.sock.begin(request)
        assert worker.handle_request(GunicornRequest(request), OnlyWhatWePromise(connection)) is True
        connection.sock.flush()
        answer = theirs.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: keep-alive" in head
    told = json.loads(body.split(b"\r\n")[1])
    assert told == {
        "RAW_URI": "/a?b",
        "REMOTE_ADDR": "192.0.2.1",
        "SERVER_PORT": "80",
        "HTTP_X": "1",
        "CONTENT_LENGTH": "5",
        "body": "hello",
        "fields": 4,
    }


def test_gunicorn_reads_no_more_of_a_request_than_ours_has() -> None:
    """The attributes of a request that Gunicorn's WSGI adapter and its response code read."""
    source = inspect.getsource(gunicorn.http.wsgi)
    read = set(re.findall(r"\breq\.([a-z_0-9]+)", source)) - {"priority_weight", "priority_depends_on"}
    request = RequestReader(Limits()).feed(HEAD + b"hello")
    assert isinstance(request, ReceivedRequest)
    assert read
    assert not [name for name in read if not hasattr(GunicornRequest(request), name)]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        pytest.param(errors.InvalidHeader("x"), 400, id="a parser's error"),
        pytest.param(errors.LimitRequestLine(9, 8), 414, id="a long line"),
        pytest.param(errors.LimitRequestHeaders("x"), 431, id="large fields"),
        pytest.param(errors.ConfigurationProblem("x"), 500, id="a bad SCRIPT_NAME"),
        pytest.param(errors.InvalidResponseHeader("x"), 500, id="the application's bad field"),
        pytest.param(ValueError("x"), 500, id="the application's error"),
    ],
)
def test_an_error_becomes_an_answer(error: Exception, status: int) -> None:
    """The second line of defence answers like the first, and no error is anything but an answer."""
    assert refusal_for(error).status == status


def test_an_error_after_the_gate_is_answered_in_json(worker: PatientWorker) -> None:
    """``handle_error`` writes our JSON where Gunicorn writes HTML."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        connection = Connection(ours, ("192.0.2.1", 1), worker.bounds, time.monotonic())
        connection.server = ("192.0.2.2", 80)
        request = RequestReader(worker.bounds).feed(HEAD + b"hello")
        assert isinstance(request, ReceivedRequest)
        worker.wsgi = None  # a fault: None cannot be called
        assert worker.answer(connection, request) is False
    head, _, body = bytes(connection.sock.unsent).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 ")
    assert json.loads(body)["error"] == FAILED.code


def test_whose_connection_may_end() -> None:
    """Not that of a client that has sent the next request already, nor of one that has waited."""
    connections = [
        SimpleNamespace(reader=SimpleNamespace(size=size), wait_until=wait_until)
        for size, wait_until in ((0, 0.0), (10, 0.0), (0, 7.5))
    ]
    assert [True, False, False] == [PatientWorker._may_end(each) for each in connections]


def test_gunicorns_settings_win() -> None:
    """Gate and parser agree on what is too large; zero leaves ours."""
    cfg = Config()
    cfg.set("limit_request_line", 1000)
    cfg.set("limit_request_fields", 7)
    cfg.set("limit_request_field_size", 0)
    cfg.set("keepalive", 9)
    bounds = bounded_by_gunicorn(Limits(field_size=500), cfg)
    assert (bounds.request_line_size, bounds.field_count, bounds.field_size) == (1000, 7, 500)
    assert bounds.idle_timeout == 9


@pytest.mark.parametrize(
    ("descriptors", "expected"),
    [
        pytest.param(1_000_000, 1000, id="plenty"),
        pytest.param(1024, 960, id="the usual limit"),
        pytest.param(64, 32, id="hardly any"),
        pytest.param(-1, 1000, id="no limit"),
    ],
)
def test_never_more_connections_than_descriptors(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, expected: int
) -> None:
    """Some descriptors stay free for the application."""
    monkeypatch.setattr(worker_module.resource, "getrlimit", lambda _: (descriptors, descriptors))
    assert possible_connections(1000) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("certfile", "x.pem", id="TLS"),
        pytest.param("proxy_protocol", "v1", id="PROXY protocol"),
        pytest.param("http2_cleartext", "both", id="HTTP/2"),
        pytest.param("protocol", "uwsgi", id="uwsgi"),
    ],
)
def test_leaves_to_gunicorn_what_it_does_not_speak(name: str, value: str) -> None:
    """Other protocols are served by Gunicorn's own loop; plain HTTP is ours."""
    cfg = Config()
    assert needs_gunicorns_own_loop(cfg) is False
    cfg.set(name, value)
    assert needs_gunicorns_own_loop(cfg) is True


def test_bodies_are_given_to_the_application_from_memory() -> None:
    """``wsgi.input`` never touches the socket: no application can be made to wait by reading."""
    request = RequestReader(Limits()).feed(HEAD + b"hello")
    assert isinstance(request, ReceivedRequest)
    assert isinstance(GunicornRequest(request).body, io.BytesIO)
