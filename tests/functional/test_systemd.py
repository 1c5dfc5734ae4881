"""The systemd units, checked by systemd's own programs, and a server whose socket another process holds.

systemd itself is not needed: ``systemd-socket-activate`` hands a socket over as it does, and what a unit
forbids is held against what a server really does.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.functional.harness import (
    PATIENCE,
    ROOT,
    clean_environment,
    free_port,
    require_program,
    running,
    wait_until,
)

UNITS = ROOT / "deploy" / "systemd"
# Becomes the server, with the socket of argv[1] at the descriptor that the protocol names (sd_listen_fds(3)).
HAND_OVER = """
import os, sys
inherited = int(sys.argv[1])
if inherited == 3:
    os.set_inheritable(3, True)
else:
    os.dup2(inherited, 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
"""


def unit(name: str) -> dict[str, list[str]]:
    """The settings of a unit file, each with all of its values in order."""
    found: dict[str, list[str]] = {}
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def systemd_analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """systemd's checker, without a running systemd."""
    command = [require_program("systemd-analyze"), "--no-pager", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_units_are_valid() -> None:
    """systemd knows every section and setting, each value is one it takes, and the programs are there."""
    checked = systemd_analyze("verify", str(UNITS / "yourl.socket"), str(UNITS / "yourl.service"))
    assert (0, "", "") == (checked.returncode, checked.stdout, checked.stderr)


def test_service_is_hardened() -> None:
    """systemd's own measure of exposure, 0 to 10, stays below 2 ("OK"; an ordinary service has 9.6)."""
    checked = systemd_analyze("security", "--offline=true", "--threshold=20", str(UNITS / "yourl.service"))
    assert 0 == checked.returncode, checked.stdout


def test_there_is_time_to_stop() -> None:
    """systemd waits longer than Gunicorn does, and stops the workers through their master."""
    service = unit("yourl.service")
    assert ["mixed"] == service["KillMode"]
    assert int(service["TimeoutStopSec"][0]) > 8  # graceful_timeout of gunicorn.conf.py


def test_socket_has_the_default_port() -> None:
    """With or without the socket unit, the server is found at the same port."""
    assert ["8080"] == unit("yourl.socket")["ListenStream"]


def calls_of(filters: str) -> set[str]:
    """The system calls of a group, and of the groups in it."""
    listed = systemd_analyze("syscall-filter", filters).stdout.splitlines()[1:]
    names = {line.strip() for line in listed if line.strip() and not line.strip().startswith("#")}
    groups = {name for name in names if name.startswith("@")}
    return (names - groups).union(*(calls_of(group) for group in groups))


@pytest.mark.skipif(os.geteuid() != 0, reason="starts a server as another user")
def test_service_may_make_the_calls_that_it_makes(pyz: Path, tmp_path: Path) -> None:
    """A server that starts, answers, keeps a request and stops needs no system call that the unit forbids."""
    trace = tmp_path / "trace"
    tracer = [require_program("strace"), "-D", "-f", "-q", "-o", str(trace), "-u", "nobody"]
    python = unit("yourl.service")["ExecStart"][0].split()[0]
    with tempfile.TemporaryDirectory() as open_to_all:
        Path(open_to_all).chmod(0o755)
        archive = shutil.copy(pyz, open_to_all)
        with running([*tracer, python, archive], cwd="/") as server:
            assert 200 == server.get("/in/orders", method="POST", body=b"x").status
            assert 200 == server.get("/metrics").status
            assert 0 == server.stop()
            ended = f"{server.process.pid} +++ exited with 0"
            wait_until(
                lambda: ended in re.sub(" +", " ", trace.read_text(errors="replace")), "the whole trace"
            )
    made = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(errors="replace"), re.MULTILINE))
    allowed: set[str] = set()
    for value in unit("yourl.service")["SystemCallFilter"]:
        calls = calls_of(value.lstrip("~"))
        allowed = allowed - calls if value.startswith("~") else allowed | calls
    assert {"accept4", "execve"} <= made
    assert set() == made - allowed


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "[::1]:{port}"], ids=["IPv4", "IPv6"])
def test_serves_on_the_socket_that_systemd_hands_over(pyz: Path, address: str) -> None:
    """It listens nowhere else, whatever PORT says, and tells its real address; SIGTERM ends it with 0."""
    host = "::1" if "[" in address else "127.0.0.1"
    port = free_port(host)
    activate = [require_program("systemd-socket-activate"), "--listen", address.format(port=port)]
    given = {"PORT": "1", "HOST": "192.0.2.1", "WEB_CONCURRENCY": "1"}
    words = [word for name, value in given.items() for word in ("--setenv", f"{name}={value}")]
    with running([*activate, *words, sys.executable, str(pyz)], host=host, port=port) as server:
        status = server.get("/status").json
        assert (host, port, "gunicorn") == (status["host"], status["port"], status["wsgi_server"])
        assert f":{port}/" in server.stderr
        assert 0 == server.stop()


def test_serves_on_a_unix_socket(pyz: Path, tmp_path: Path) -> None:
    """A UNIX socket that is handed over answers, and stays at the end: systemd listens there still."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with activated(pyz, listener), socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(path))
            client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            assert client.recv(12) == b"HTTP/1.0 200"
        assert path.exists()


def test_restart_refuses_no_connection(pyz: Path) -> None:
    """A request that is sent while no server runs waits in the socket and is answered by the next one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        with activated(pyz, listener):
            assert b"200" in answer_to(listener)[:15]
        waiting = socket.create_connection(listener.getsockname(), timeout=PATIENCE)
        waiting.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        with activated(pyz, listener), waiting:
            assert waiting.recv(12) == b"HTTP/1.0 200"


def test_sockets_for_another_process_are_left_alone(pyz: Path) -> None:
    """Variables that a parent left behind (another LISTEN_PID) change nothing: it listens by itself."""
    with running([sys.executable, str(pyz)], {"LISTEN_FDS": "1", "LISTEN_PID": "1"}) as server:
        assert server.port == server.get("/health").json["port"]


def answer_to(listener: socket.socket) -> bytes:
    """What a request to that socket is answered with; waits for a server to take it."""
    with socket.create_connection(listener.getsockname(), timeout=PATIENCE) as client:
        client.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        return client.recv(4096)


@contextmanager
def activated(pyz: Path, listener: socket.socket) -> Iterator[subprocess.Popen[bytes]]:
    """A server to which a socket of ours is handed over; ended by SIGTERM with exit code 0."""
    command = [sys.executable, "-c", HAND_OVER, str(listener.fileno()), sys.executable, str(pyz)]
    environment = clean_environment({"WEB_CONCURRENCY": "1"})
    with subprocess.Popen(
        command, env=environment, pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert 0 == process.wait(PATIENCE)
