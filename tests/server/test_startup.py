"""Why a server cannot start, and what is told when it does."""

from __future__ import annotations

import errno
import os
import resource
import socket

import pytest

from yourl.http1.limits import Limits, memory_for
from yourl.server.startup import (
    CannotListen,
    CannotStart,
    ensure_descriptors,
    ensure_free,
    explanation,
    holder_of,
    memory_warning,
)

MIB = 1 << 20


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


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        pytest.param((1024, 4096), None, id="enough"),
        pytest.param((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None, id="no-limit"),
        pytest.param((20, 4096), (67, 4096), id="raised"),
        pytest.param((20, resource.RLIM_INFINITY), (67, resource.RLIM_INFINITY), id="raised-without-end"),
    ],
)
def test_the_limit_of_open_files_is_raised(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    """A low soft limit is raised to what the workers need, any other is left alone."""
    changes: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, changed: changes.append(changed))
    ensure_descriptors(workers=3)
    assert ([expected] if expected else []) == changes


def test_too_few_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that cannot be raised is one sentence with both numbers."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (20, 20))
    with pytest.raises(
        CannotStart, match=r"At most 20 files may be open here, and yourl needs 67\. .*ulimit"
    ):
        ensure_descriptors(workers=3)


@pytest.mark.parametrize(
    ("workers", "body_limit", "limit", "expected"),
    [
        pytest.param(5, MIB, None, False, id="no limit"),
        pytest.param(5, MIB, 384 * MIB, False, id="the manifests' container"),
        pytest.param(17, MIB, 384 * MIB, True, id="many workers"),
        pytest.param(5, 64 * MIB, 384 * MIB, True, id="large bodies"),
    ],
)
def test_says_when_memory_does_not_fit(
    workers: int, body_limit: int, limit: int | None, expected: bool
) -> None:
    """A control group's limit below what the workers may need is told at the start, and only then."""
    sentence = memory_warning(workers, memory_for(body_limit), limit)
    assert (sentence is not None) == expected


def test_memory_grows_with_the_body_limit() -> None:
    """A body of the largest size can always be received and answered."""
    for size in (1, MIB, 64 * MIB, 1 << 30):
        limits = Limits(body_size=size, memory=memory_for(size))
        assert limits.memory >= size + limits.memory_to_answer(size)
