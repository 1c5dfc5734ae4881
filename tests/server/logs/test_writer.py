"""The background writer of a log: whole lines, none twice, no waiting, every loss counted."""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from yourl import metrics
from yourl.server.logs import writer as log_writer
from yourl.server.logs.writer import ACCESS, ERROR, WRITE_SIZE, LogHandler, LogWriter, flush_all, writer_to

PATIENCE = 60.0  # seconds; only a failure waits as long
LINE = 256  # bytes, with its end

Pipe = tuple[int, int]


@pytest.fixture(autouse=True)
def lost(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Lines counted as lost, by log. The test's writers are not the process's."""
    counted: dict[str, int] = {}

    def count(log: str, number: int) -> None:
        counted[log] = counted.get(log, 0) + number

    monkeypatch.setattr(metrics, "log_lines_lost", count)
    monkeypatch.setattr(log_writer, "_writers", [])
    return counted


@pytest.fixture
def errors(caplog: pytest.LogCaptureFixture) -> logging.Logger:
    """The error log, whose messages ``caplog`` keeps."""
    caplog.set_level(logging.INFO)
    return logging.getLogger("tests.errors")


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """A pipe of one page: (to read from, to write to)."""
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def read_lines(descriptor: int, count: int) -> list[str]:
    """The next ``count`` lines of a pipe."""
    received = b""
    while received.count(b"\n") < count:
        received += os.read(descriptor, 65536)
    return received.decode().splitlines()


def test_lines_arrive_whole_and_in_order(tmp_path: Path, errors: logging.Logger) -> None:
    """A file gets every line, in order, whatever characters it has."""
    lines = [f"{number} é \udc80 {'x' * number}" for number in range(1000)]
    writer = LogWriter(ACCESS, str(tmp_path / "log"), errors)
    for line in lines:
        writer.put(line)
    assert flush_all(PATIENCE)
    expected = [line.replace("\udc80", "\\udc80") for line in lines]
    assert expected == (tmp_path / "log").read_text().splitlines()


def test_each_write_fits_into_a_pipe(monkeypatch: pytest.MonkeyPatch, errors: logging.Logger) -> None:
    """Lines are written together, but no more of them than a pipe takes in one piece; none is divided."""
    writes: list[bytes] = []
    monkeypatch.setattr(log_writer, "write_some", lambda _, data: writes.append(data) or len(data))
    writer = LogWriter(ACCESS, 1, errors)
    for size in range(0, 4000, 8):
        writer.put("x" * size)
    assert flush_all(PATIENCE)
    assert all(len(data) <= WRITE_SIZE and data.endswith(b"\n") for data in writes)
    assert len(writes) < 500


def test_a_pipe_that_nobody_reads_costs_lines_only(
    pipe: Pipe, errors: logging.Logger, lost: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    """``put`` goes on without waiting; lines lost are counted, and told when the pipe is read again."""
    stuffing = os.write(pipe[1], b"x" * fcntl.fcntl(pipe[1], fcntl.F_GETPIPE_SZ))
    writer = LogWriter(ACCESS, pipe[1], errors)
    numbers = range(2 * log_writer.QUEUE_SIZE // LINE)
    for number in numbers:
        writer.put(f"{number:0{LINE - 1}}")
    assert {ACCESS: len(numbers) // 2} == lost
    assert not flush_all(0.01)
    os.read(pipe[0], stuffing)
    kept = [int(line) for line in read_lines(pipe[0], len(numbers) // 2)]
    assert list(numbers[: len(numbers) // 2]) == kept
    writer.put("flows again")
    assert ["flows again"] == read_lines(pipe[0], 1)
    assert flush_all(PATIENCE)
    assert [f"Log lines lost: {len(numbers) // 2} of the access log"] == caplog.messages


def test_a_full_disk_costs_lines_only(
    tmp_path: Path, errors: logging.Logger, lost: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    """The reason is told once; lines are counted; when there is room again, lines are written."""
    with Path("/dev/full").open("wb") as full, (tmp_path / "log").open("wb") as file:
        descriptor = os.dup(full.fileno())
        writer = LogWriter(ACCESS, descriptor, errors)
        for number in range(3):
            writer.put(f"lost {number}")
            assert flush_all(PATIENCE)
        os.dup2(file.fileno(), descriptor)
        writer.put("written")
        assert flush_all(PATIENCE)
        os.close(descriptor)
    assert ("written\n", {ACCESS: 3}) == ((tmp_path / "log").read_text(), lost)
    assert ["Cannot write the access log: No space left on device"] == caplog.messages[:1]
    assert caplog.messages[1:] in ([], ["Log lines lost: 3 of the access log"])


def test_what_follows_a_line_cut_short_is_a_line_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, errors: logging.Logger, lost: dict[str, int]
) -> None:
    """A disk that fills up within a line spoils that line only."""
    results = iter([4, OSError(errno.ENOSPC, "full")])

    def write_some(descriptor: int, data: bytes) -> int:
        result = next(results, None)
        if isinstance(result, OSError):
            raise result
        return os.write(descriptor, data[:result])

    monkeypatch.setattr(log_writer, "write_some", write_some)
    writer = LogWriter(ACCESS, str(tmp_path / "log"), errors)
    writer.put("a\nbcd")
    assert flush_all(PATIENCE)
    writer.put("whole")
    assert flush_all(PATIENCE)
    assert ("a\nbc\nwhole\n", {ACCESS: 1}) == ((tmp_path / "log").read_text(), lost)


def test_the_error_log_does_not_tell_of_itself(errors: logging.Logger, lost: dict[str, int]) -> None:
    """An error log that cannot be written tells nobody so, for ever and ever."""
    with Path("/dev/full").open("wb") as full:
        writer = LogWriter(ERROR, full.fileno(), errors)
        errors.addHandler(handler := LogHandler(writer, logging.Formatter()))
        errors.warning("one")
        assert flush_all(PATIENCE)
        assert flush_all(PATIENCE)
        errors.removeHandler(handler)
    assert {ERROR: 1} == lost


def test_a_stream_that_is_made_non_blocking(pipe: Pipe, errors: logging.Logger, lost: dict[str, int]) -> None:
    """Another process may do that to a stream that it shares with ours: no line is lost for it."""
    os.set_blocking(pipe[1], False)
    writer = LogWriter(ACCESS, pipe[1], errors)
    for number in range(1000):
        writer.put(f"{number} {'x' * 500}")
    assert [f"{number}" for number in range(1000)] == [line.split()[0] for line in read_lines(pipe[0], 1000)]
    assert {} == lost


def test_a_file_is_reopened_by_its_path(tmp_path: Path, errors: logging.Logger) -> None:
    """After a rotation, what was queued before goes into the old file and all else into the new one."""
    writer = LogWriter(ACCESS, str(tmp_path / "log"), errors)
    writer.put("before")
    (tmp_path / "log").rename(tmp_path / "old")
    log_writer.reopen_all()
    writer.put("after")
    assert flush_all(PATIENCE)
    assert ["before\n", "after\n"] == [(tmp_path / name).read_text() for name in ("old", "log")]


def test_one_writer_for_one_output(tmp_path: Path, errors: logging.Logger) -> None:
    """A configuration that is loaded again gets the writer that is there."""
    path = str(tmp_path / "log")
    assert writer_to(ACCESS, path, errors) is writer_to(ACCESS, path, errors)
    assert writer_to(ACCESS, path, errors) is not writer_to(ERROR, path, errors)


def test_a_signal_handler_may_log(tmp_path: Path, errors: logging.Logger) -> None:
    """It interrupts a thread that may be queueing a line at this moment."""
    writer = LogWriter(ACCESS, str(tmp_path / "log"), errors)
    with writer.lock:
        writer.put("from the handler")
    assert flush_all(PATIENCE)
    assert "from the handler\n" == (tmp_path / "log").read_text()


def run(program: str, **kwargs: object) -> subprocess.Popen[str]:
    """A Python process with a writer to its stdout, ``writer``, and what else ``program`` says."""
    setup = (
        "import logging, os, sys, time\n"
        "from yourl.server.logs.writer import *\n"
        "writer = LogWriter('access', 1, logging.getLogger('errors'))\n"
    )
    return subprocess.Popen([sys.executable, "-c", setup + program], text=True, **kwargs)  # type: ignore[call-overload, no-any-return]


def test_a_process_that_ends_has_written_its_lines() -> None:
    """A plain exit, with a batch just queued, loses nothing."""
    process = run("for n in range(5000): writer.put(str(n))", stdout=subprocess.PIPE)
    assert [str(n) for n in range(5000)] == process.communicate(timeout=PATIENCE)[0].splitlines()


def test_a_process_ends_though_its_log_is_blocked(pipe: Pipe) -> None:
    """It waits for a moment, and no longer."""
    process = run("for n in range(50000): writer.put(str(n))", stdout=pipe[1])
    assert 0 == process.wait(PATIENCE)


def test_a_fork_copies_no_line(pipe: Pipe) -> None:
    """What waits in the parent is written once, and what the child logs is written, too."""
    program = (
        "for n in range(20000): writer.put(f'parent {n}')\n"
        "pid = os.fork()\n"
        'writer.put(f\'{"parent" if pid else "child"} last\')\n'
        "if pid: os.waitpid(pid, 0)\n"
    )
    with run(program, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    expected = sorted([*(f"parent {n}" for n in range(20000)), "parent last", "child last"])
    assert expected == sorted(lines)
