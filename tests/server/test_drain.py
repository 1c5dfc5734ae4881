"""What happens between SIGTERM and the end of Gunicorn's master."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.functional.harness import wait_until
from yourl.server import drain
from yourl.server.drain import Drain


class Master(SimpleNamespace):
    """The part of Gunicorn's master that the drain uses; keeps the signals that reach it."""

    def signal(self, number: int, frame: object) -> None:
        self.received.append(signal.Signals(number))


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the drain has begun, in order; the handlers of this process are put back afterwards."""
    begun: list[str] = []
    monkeypatch.setattr(drain, "start_draining", lambda: begun.append("not ready"))

    def drop(listeners: object) -> bool:
        begun.append("no new connections")
        return True

    monkeypatch.setattr(drain, "drop_new_connections", drop)
    monkeypatch.setattr(drain, "HANDSHAKE", 0.001)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    yield begun
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number, handler in before.items():
        signal.signal(number, handler)


def master(**more: Any) -> Master:
    log = SimpleNamespace(info=lambda *words: None)
    facts = {"received": [], "LISTENERS": [], "reexec_pid": 0, "master_pid": 0, "systemd": False, "log": log}
    return Master(**{**facts, **more})


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_readiness_goes_first(events: list[str], seconds: float) -> None:
    """/ready fails, then handshakes end, then Gunicorn hears of the signal, once."""
    one = master()
    Drain(one, seconds).install()
    signal.raise_signal(signal.SIGTERM)
    assert (events[0], one.received) == ("not ready", [])
    wait_until(lambda: one.received, "the signal to be passed on")
    assert (["not ready", "no new connections"], [signal.SIGTERM]) == (events, one.received)


def test_a_second_signal_ends_the_drain(events: list[str]) -> None:
    """A second SIGTERM is passed on at once, as the signal that Gunicorn stops at once for."""
    one = master()
    Drain(one, 600).install()
    signal.raise_signal(signal.SIGTERM)
    signal.raise_signal(signal.SIGTERM)
    assert (["not ready"], [signal.SIGQUIT]) == (events, one.received)


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"reexec_pid": 1}, id="successor"),
        pytest.param({"master_pid": os.getppid()}, id="predecessor"),
    ],
)
def test_another_master_serves_on(events: list[str], more: dict[str, Any]) -> None:
    """Where another master accepts from the same sockets, nothing is drained or dropped."""
    one = master(**more)
    Drain(one, 600).install()
    signal.raise_signal(signal.SIGTERM)
    assert ([], [signal.SIGTERM]) == (events, one.received)


def test_sockets_of_systemd_go_on_accepting(events: list[str]) -> None:
    """Sockets that outlive the process keep their queue."""
    one = master(systemd=True)
    Drain(one, 0).install()
    signal.raise_signal(signal.SIGTERM)
    assert (["not ready"], [signal.SIGTERM]) == (events, one.received)


def test_a_worker_without_handlers_does_not_drain(events: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is stopped before it has its own handlers must not make /ready fail for all."""
    one = master()
    Drain(one, 600).install()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    signal.raise_signal(signal.SIGTERM)
    assert ([], [signal.SIGTERM]) == (events, one.received)


def connect(address: object) -> socket.socket:
    """A client that has begun to connect, and does not wait."""
    client = socket.socket()
    client.setblocking(False)
    client.connect_ex(address)
    return client


def tcp_state(stream: socket.socket) -> int:
    """The kernel's state of a connection (include/net/tcp_states.h)."""
    return stream.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


SYN_SENT = 2


def test_what_the_kernel_accepts_is_lost_when_a_listener_closes() -> None:
    """Why new connections are dropped before: a request that is sent at the last moment is reset."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        late = connect(listener.getsockname())
    with late:
        assert late.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == errno.ECONNRESET


def test_new_connections_are_dropped_and_queued_ones_are_not() -> None:
    """What the kernel has accepted can be taken and answered; later clients are not connected at all."""
    with socket.create_server(("127.0.0.1", 0)) as listener, connect(listener.getsockname()) as early:
        assert drain.drop_new_connections([listener])
        with connect(listener.getsockname()) as late:
            accepted, _ = listener.accept()
            with accepted:
                accepted.sendall(b"answer")
            assert SYN_SENT == tcp_state(late)
            early.setblocking(True)
            assert b"answer" == early.recv(100)


def test_other_sockets_have_no_handshakes(tmp_path: Path) -> None:
    """A unix socket is left alone."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert not drain.drop_new_connections([listener])
