"""Listening sockets that systemd hands over."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from yourl.server import activation
from yourl.server.activation import (
    inherited_address,
    inherited_count,
    sockets_are_inherited,
    with_inherited_address,
)
from yourl.settings import load

HandOver = Callable[..., dict[str, str]]


@pytest.fixture
def hand_over(monkeypatch: pytest.MonkeyPatch) -> HandOver:
    """Hands one socket over as systemd does, at a descriptor that this process has free."""

    def hand(inherited: socket.socket) -> dict[str, str]:
        monkeypatch.setattr(activation, "FIRST_DESCRIPTOR", inherited.fileno())
        return {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}

    return hand


@pytest.mark.parametrize(
    ("environ", "count"),
    [
        pytest.param({}, 0, id="not there"),
        pytest.param({"LISTEN_FDS": "1"}, 0, id="for no process"),
        pytest.param({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, 0, id="for another process"),
        pytest.param({"LISTEN_PID": "own", "LISTEN_FDS": "2"}, 2, id="two"),
        pytest.param({"LISTEN_PID": "own", "LISTEN_FDS": "-1"}, 0, id="negative"),
        pytest.param({"LISTEN_PID": "own", "LISTEN_FDS": "x"}, 0, id="no number"),
    ],
)
def test_counts_sockets_for_this_process_only(environ: dict[str, str], count: int) -> None:
    """Variables that were meant for a parent, or are malformed, hand nothing over."""
    environ = {name: str(os.getpid()) if value == "own" else value for name, value in environ.items()}
    assert (count, count > 0) == (inherited_count(environ), sockets_are_inherited(environ))


def test_settings_name_the_inherited_address(hand_over: HandOver) -> None:
    """HOST and PORT of the settings give way to where the socket listens; the socket stays open."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        settings = with_inherited_address(load({"PORT": "9001"}), hand_over(listener))
        assert listener.getsockname() == (settings.host, settings.port)


def test_a_unix_socket_changes_no_setting(hand_over: HandOver, tmp_path: Path) -> None:
    """A UNIX socket has no port to name."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        listener.listen()
        assert inherited_address(hand_over(listener)) is None


def test_a_descriptor_that_is_no_socket_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not open, or is a file, is skipped; the fault is named when Gunicorn takes it over."""
    with Path(os.devnull).open("rb") as file:
        monkeypatch.setattr(activation, "FIRST_DESCRIPTOR", file.fileno())
        assert inherited_address({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}) is None
