"""Why an address cannot be listened on."""

from __future__ import annotations

import errno
import os
import socket

import pytest

from yourl.server.startup import CannotListen, ensure_free, explanation, holder_of


def test_names_port_and_holder() -> None:
    """A busy port is named, and with it the process that holds it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen) as caught:
            ensure_free("127.0.0.1", port)
        assert f"process {os.getpid()} " in str(holder_of(port))
    assert f"Port {port} is already in use by process {os.getpid()}" in str(caught.value)


def test_a_free_port_is_let_go_again() -> None:
    """After the check the port can be listened on at once."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    ensure_free("127.0.0.1", port)
    socket.create_server(("127.0.0.1", port)).close()


def test_an_address_of_another_machine() -> None:
    """An address that is not ours is named (TEST-NET-1 is nobody's)."""
    with pytest.raises(CannotListen, match=r"'192\.0\.2\.1' is no address of this machine"):
        ensure_free("192.0.2.1", 18080)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        pytest.param(errno.EACCES, "needs privileges", id="forbidden"),
        pytest.param(errno.EADDRINUSE, "already in use", id="busy"),
        pytest.param(errno.EADDRNOTAVAIL, "no address of this machine", id="not-ours"),
        pytest.param(errno.ENOBUFS, "Cannot listen on", id="anything-else"),
    ],
)
def test_explains_in_one_line(number: int, words: str) -> None:
    """Each reason is one line that says what helps."""
    sentence = explanation(OSError(number, os.strerror(number)), "host.example", 80)
    assert words in sentence
    assert "\n" not in sentence
