"""Real processes for functional tests: free ports, a server that is waited for, raw requests.

Knows nothing of the package's insides: it starts commands and talks HTTP to them.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM, Signals
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds to wait for a condition before it is called a failure


def require_program(name: str) -> str:
    """The path of a program from Debian; its absence skips on a laptop and fails in CI."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        message = f"{name} is not installed (.ci/run installs it from Debian)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


def pythons() -> dict[str, str]:
    """Version ("3.12") -> interpreter, for each Python 3.10 or newer that this machine has."""
    return {version: path for version, path in all_pythons().items() if version_key(version) >= (3, 10)}


def old_pythons() -> dict[str, str]:
    """Version -> interpreter, for each Python that is too old to be supported."""
    return {version: path for version, path in all_pythons().items() if version_key(version) < (3, 10)}


def version_key(version: str) -> tuple[int, int]:
    """``"3.12"`` -> ``(3, 12)``."""
    major, _, minor = version.partition(".")
    return int(major), int(minor)


_found_pythons: dict[str, str] | None = None


def all_pythons() -> dict[str, str]:
    """Version -> interpreter, asked of each candidate itself (a shim may answer for nothing)."""
    global _found_pythons
    if _found_pythons is None:
        _found_pythons = {}
        pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
        candidates = [*sorted(pyenv.glob("*/bin/python")), Path(sys.executable)]
        for directory in os.get_exec_path():
            candidates += sorted(Path(directory).glob("python[23].*[0-9]"))
        for candidate in candidates:
            question = "import sys; print('%d.%d' % sys.version_info[:2])"
            asked = subprocess.run([str(candidate), "-c", question], capture_output=True, text=True)
            if asked.returncode == 0:
                _found_pythons.setdefault(asked.stdout.strip(), str(candidate))
    return _found_pythons


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nothing listens on at this moment."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def wait_until(condition: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Ask ``condition`` until it answers something true, and return that.

    :raises AssertionError: when it has not come true within ``seconds``; says ``what`` was awaited
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.02)


@dataclass(frozen=True)
class Answer:
    """A response, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The content as UTF-8 text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The content as JSON."""
        return json.loads(self.body)


def request(
    port: int,
    path: str = "/",
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    host: str = "127.0.0.1",
) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE)
    try:
        connection.request(method, path, body=body, headers=dict(headers or {}))
        response = connection.getresponse()
        folded = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, folded, response.read())
    finally:
        connection.close()


def raw_request(port: int, data: bytes, *, host: str = "127.0.0.1", half_close: bool = False) -> bytes:
    """Send ``data`` as it is and return all bytes until the server closes."""
    with socket.create_connection((host, port), timeout=PATIENCE) as connection:
        connection.sendall(data)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
        return received


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without anything that steers Python, Gunicorn or yourl, plus ``extra``."""
    prefixes = ("PYTHON", "YOURL_", "_YOURL_", "GUNICORN_", "FLASK_", "SHIV_", "K_")
    names = {"PORT", "HOST", "WEB_CONCURRENCY", "SCRIPT_NAME", "SOURCE_DATE_EPOCH"}
    kept = {k: v for k, v in os.environ.items() if not k.startswith(prefixes) and k not in names}
    return {**kept, **(extra or {})}


class Server:
    """A server process on a free port of 127.0.0.1, ended by ``stop`` or by leaving ``with``.

    :param command: what to start; the port reaches it as ``PORT`` and the address as ``HOST``
    :param stdout: a descriptor for its output, instead of the file that ``stdout`` reads; so ``stderr``
    :param hands_over: whether ``wait_ready`` waits until the first worker has been replaced, which the log
        tells; by default where the command starts yourl's own worker
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        cwd: str | Path | None = None,
        port: int | None = None,
        host: str = "127.0.0.1",
        bare_environment: bool = False,
        stdout: int | None = None,
        stderr: int | None = None,
        hands_over: bool | None = None,
    ) -> None:
        self.host = host
        can_be_seen = stderr is None and starts_own_worker([*command, *(environment or {}).values()])
        self._hands_over = can_be_seen if hands_over is None else hands_over
        self.kind = "gunicorn"
        self.port = port or free_port(host)
        settings = {"PORT": str(self.port), "HOST": host, "WEB_CONCURRENCY": "2", **(environment or {})}
        self._folder = tempfile.TemporaryDirectory(prefix="yourl-test-")
        self._stdout = Path(self._folder.name, "stdout")
        self._stderr = Path(self._folder.name, "stderr")
        with self._stdout.open("wb") as out, self._stderr.open("wb") as err:
            self.process = subprocess.Popen(
                list(command),
                env=settings if bare_environment else clean_environment(settings),
                cwd=cwd or self._folder.name,
                stdin=subprocess.DEVNULL,
                stdout=out if stdout is None else stdout,
                stderr=err if stderr is None else stderr,
            )

    def __enter__(self) -> Server:
        try:
            return self.wait_ready()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exc_info: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._folder.cleanup()

    def wait_ready(self) -> Server:
        """Return once ``/health`` has answered 200 and the start is over."""

        def healthy() -> bool:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.stderr}"
            try:
                return self.get("/health").status == 200
            except OSError:
                return False

        wait_until(healthy, f"/health on port {self.port}: {self.stderr}")
        if self._hands_over:
            wait_until(self._has_handed_over, f"a worker in place of the first: {self.stderr}")
        return self

    def _has_handed_over(self) -> bool:
        _, replaced, after = self.stderr.partition("replaced by one that shares its memory")
        return bool(replaced) and "Forked: worker" in after

    @property
    def stdout(self) -> str:
        """All that it has written on stdout until now."""
        return self._stdout.read_text(errors="replace")

    @property
    def stderr(self) -> str:
        """All that it has written on stderr until now."""
        return self._stderr.read_text(errors="replace")

    def get(self, path: str = "/", **kwargs: Any) -> Answer:
        """One request to it; see ``request``."""
        return request(self.port, path, host=self.host, **kwargs)

    def raw(self, data: bytes, **kwargs: Any) -> bytes:
        """Bytes to it; see ``raw_request``."""
        return raw_request(self.port, data, host=self.host, **kwargs)

    def signal(self, number: Signals) -> None:
        """Send a signal to the process that was started."""
        self.process.send_signal(number)

    def stop(self, number: Signals = SIGTERM) -> int:
        """Send ``number``, wait for the end and return the exit code."""
        self.signal(number)
        return self.process.wait(PATIENCE)

    def children(self) -> set[int]:
        """Process ids of its direct children (the workers)."""
        return children_of(self.process.pid)


def children_of(pid: int) -> set[int]:
    """Process ids of the direct children of ``pid`` (Linux)."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return set()
    return {int(child) for child in listed.split()}


def starts_own_worker(words: Sequence[str]) -> bool:
    """Whether a command, with the values of its settings, starts Gunicorn with yourl's own worker."""
    line = " ".join(words)
    return ("yourl" in line or ".pyz" in line) and not re.search(r"\b(flask|gthread|sync|waitress)\b", line)


@contextlib.contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str] | None = None, **kwargs: Any
) -> Iterator[Server]:
    """A ready server for the time of a ``with`` block."""
    with Server(command, environment, **kwargs) as server:
        yield server
