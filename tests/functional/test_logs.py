"""Logs and the streams that they go to: whatever becomes of those, requests are answered as before."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.harness import PATIENCE, Server, running, wait_until

LONG = "/api/" + "x" * 1900
"""A target whose line takes about 2 KB of the log."""

REQUESTS = 700
"""Enough of those to fill a queue of 1 MiB."""


@pytest.fixture(params=["gunicorn", "flask"])
def command(request: pytest.FixtureRequest, pyz: Path) -> list[str]:
    """What starts one server of each kind."""
    return [sys.executable, str(pyz), "--server", request.param]


class Stream:
    """A pipe as small as can be, for a server's output; read by ``read_all`` or by nobody."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, 4096)
        self.received = b""

    def read_all(self) -> None:
        """Read in a thread until every process has closed it."""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self.reading, 65536):
                self.received += data

    def close(self) -> None:
        """Close our two ends."""
        for descriptor in (self.reading, self.writing):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@pytest.fixture
def stream() -> Iterator[Stream]:
    """A pipe that nobody reads."""
    made = Stream()
    yield made
    made.close()


def ask_often(server: Server, count: int, path: str = LONG) -> None:
    """Ask ``count`` times, on connections that carry 100 requests each; every answer must be 200."""
    for _ in range(count // 100):
        connection = http.client.HTTPConnection(server.host, server.port, timeout=PATIENCE)
        for _ in range(100):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert 200 == response.status
        connection.close()


def lost_lines(server: Server, log: str) -> float:
    """How many lines of a log /metrics tells to be lost."""
    told = re.findall(
        rf'^yourl_log_lines_lost_total{{log="{log}"}} (\S+)$', server.get("/metrics").text, re.M
    )
    return float(told[0]) if told else 0.0


def test_a_stdout_that_nobody_reads(command: list[str], stream: Stream) -> None:
    """All requests are answered and lost lines counted; when it is read again, one line tells how many."""
    settings = {"YOURL_LOG_FORMAT": "json", "WEB_CONCURRENCY": "1"}
    with running(command, settings, stdout=stream.writing) as server:
        ask_often(server, REQUESTS)
        assert 200 == server.get("/health").status
        assert wait_until(lambda: lost_lines(server, "access"), "lines to be counted as lost") < REQUESTS
        stream.read_all()
        wait_until(lambda: "Log lines lost: " in server.stderr, "the line about lost lines")
        server.get("/api?last")
        wait_until(lambda: b"/api?last" in stream.received, "the line of a new request")
        assert 0 == server.stop()
    assert all(json.loads(line)["severity"] == "INFO" for line in stream.received.splitlines())


def test_a_stdout_and_a_stderr_that_nobody_reads(command: list[str], stream: Stream) -> None:
    """Nothing waits for either: requests are answered, signals obeyed, and it ends with 0."""
    with running(command, stdout=stream.writing, stderr=stream.writing) as server:
        ask_often(server, 200)
        if "gunicorn" in command:
            workers = server.children()
            server.signal(signal.SIGHUP)
            wait_until(lambda: not server.children() & workers, "the end of the old workers")
        assert 200 == server.get("/health").status
        assert 0 == server.stop()


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_full_disk(command: list[str], log_format: str) -> None:
    """Streams to a full disk change nothing but the count of lost lines."""
    with Path("/dev/full").open("wb") as full:
        settings = {"YOURL_LOG_FORMAT": log_format}
        with running(command, settings, stdout=full.fileno(), stderr=full.fileno()) as server:
            ask_often(server, 100)
            wait_until(lambda: lost_lines(server, "access") >= 100, "all lines to be counted as lost")
            assert lost_lines(server, "error")
            assert 0 == server.stop()


def test_the_reason_is_told_once(command: list[str]) -> None:
    """An access log that cannot be written is one line of the error log for each process."""
    with Path("/dev/full").open("wb") as full, running(command, stdout=full.fileno()) as server:
        ask_often(server, 200)
        reason = "Cannot write the access log: No space left on device"
        wait_until(lambda: reason in server.stderr, "the reason")
        assert 0 == server.stop()
        assert server.stderr.count(reason) <= 2


def test_streams_whose_reader_has_ended(command: list[str], stream: Stream) -> None:
    """Broken pipes change nothing but the count of lost lines."""
    os.close(stream.reading)
    with running(command, stdout=stream.writing, stderr=stream.writing) as server:
        ask_often(server, 100)
        wait_until(lambda: lost_lines(server, "access") >= 100, "all lines to be counted as lost")
        assert 0 == server.stop()


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_parent_closed(command: list[str], closed: str) -> None:
    """It serves, and no line of a log reaches a client in place of an answer."""
    seen = "2>" not in closed and "gunicorn" in command
    with running(["sh", "-c", f'exec "$@" {closed}', "sh", *command], hands_over=seen) as server:
        ask_often(server, 200)
        assert 200 == server.get("/health").status
        assert 0 == server.stop()


def test_each_answer_has_its_line(command: list[str]) -> None:
    """At the end no line is missing, and none is mixed with another, whichever worker wrote it."""
    with running(command, {"YOURL_LOG_FORMAT": "json"}) as server:
        clients = [threading.Thread(target=ask_often, args=(server, 100)) for _ in range(3)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert 0 == server.stop()
        lines = [json.loads(line) for line in server.stdout.splitlines()]
        assert 300 == len({line["request_id"] for line in lines})


def test_log_files_and_their_rotation(pyz: Path, tmp_path: Path) -> None:
    """Gunicorn's own settings name the files; USR1 makes master and workers open them again."""
    access, error = tmp_path / "access.log", tmp_path / "error.log"
    arguments = {"GUNICORN_CMD_ARGS": f"--access-logfile {access} --error-logfile {error}"}
    with running([sys.executable, str(pyz)], arguments, hands_over=False) as server:
        wait_until(lambda: "replaced by" in error.read_text(), "a worker in place of the first")
        server.get("/api?before")
        wait_until(lambda: "/api?before" in access.read_text(), "the line of the first request")
        access.rename(tmp_path / "access.old")
        error.rename(tmp_path / "error.old")
        server.signal(signal.SIGUSR1)
        wait_until(lambda: access.exists() and error.exists(), "the new files")

        def is_followed() -> bool:
            server.get("/api?after")
            return "/api?after" in access.read_text()

        wait_until(is_followed, "the line of a later request in the new file")
        assert 0 == server.stop()
        assert "Stopped" in error.read_text()
        assert "Stopped" not in (tmp_path / "error.old").read_text()
        assert "" == server.stdout


def test_a_failing_request_is_one_line_of_json(pyz: Path) -> None:
    """What Flask and our own modules log goes the same way as Gunicorn's lines."""
    with running([sys.executable, str(pyz)], {"YOURL_LOG_FORMAT": "json"}) as server:
        server.get("/api")
        server.stop()
        lines = [json.loads(line) for line in server.stderr.splitlines()]
        assert {"severity", "time", "message", "pid"} == set(lines[0])
        assert any("Open http://" in line["message"] for line in lines)
