"""Starts contenders as processes, and reads what they use. Linux only (proc(5))."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender
from benchmarks.environment import ROOT

PATIENCE = 60.0  # seconds until a start counts as failed
PAUSE = 0.002  # seconds between two questions whether it answers
STEERING = ("PYTHON", "YOURL_", "GUNICORN_", "FLASK_", "SHIV_", "PEX_", "K_")


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    port: int
    pid: int
    path: str

    @property
    def url(self) -> str:
        """What it is asked for."""
        return f"http://127.0.0.1:{self.port}{self.path}"

    def processes(self) -> list[int]:
        """The master and its workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def cpu_seconds(self) -> float:
        """Processor time that all of its processes have used."""
        ticks = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):  # a worker that has just ended
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """Proportional set size of all of its processes together."""
        kilobytes = 0
        for pid in self.processes():
            with contextlib.suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                kilobytes += sum(map(int, re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)))
        return kilobytes / 1024


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """The environment without what steers the contenders, plus ``extra``."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(STEERING)}
    return {**own, **extra}


@contextlib.contextmanager
def process(
    command: Sequence[str], environment: Mapping[str, str], port: int, path: str
) -> Iterator[Running]:
    """A process that answers 200 on ``path`` as soon as the block begins, and is ended with it.

    It runs in an empty folder: in this one Gunicorn would read yourl's configuration for every contender.
    """
    with tempfile.TemporaryFile() as log, tempfile.TemporaryDirectory() as empty:
        started = subprocess.Popen(command, cwd=empty, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + PATIENCE
            while not answers(port, path):
                if started.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"{' '.join(command)} did not start:\n{log.read()[-3000:].decode()}")
                time.sleep(PAUSE)
            yield Running(port, started.pid, path)
        finally:
            started.send_signal(signal.SIGTERM)
            started.wait(PATIENCE)


@contextlib.contextmanager
def serving(contender: Contender) -> Iterator[Running]:
    """A contender as a server, its access log in a file."""
    port = free_port()
    command = [word.format(port=port) for word in contender.command]
    own = {"HOST": "127.0.0.1", "PORT": str(port), "PYTHONPATH": str(ROOT), **contender.environment}
    with process(command, clean_environment(own), port, contender.path) as server:
        yield server


@contextlib.contextmanager
def serving_all(contenders: Mapping[str, Contender]) -> Iterator[dict[str, Running]]:
    """All contenders at once; those that are not asked wait and use nothing."""
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(serving(contender)) for name, contender in contenders.items()}


def answers(port: int, path: str) -> bool:
    """Whether a GET is answered with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False
