"""Logs that never hold up an answer: lines wait in a bounded queue, and a thread writes them.

Where a log cannot be written as fast as lines come (a pipe without a reader, a full disk), lines are lost
and counted: in ``yourl_log_lines_lost_total``, and in one line of the error log when the log can be
written again. Knows nothing of Gunicorn, Flask and settings.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import select
import threading
import time
from queue import SimpleQueue

from yourl import metrics

ACCESS, ERROR = "access", "error"

QUEUE_SIZE = 1 << 20
"""Bytes of lines that may wait, for each log of a process."""

WRITE_SIZE: int = getattr(select, "PIPE_BUF", 4096)
"""Bytes of one write: as many go into a pipe whole, not mixed with what other processes write (pipe(7))."""

PAUSE = 0.02
"""Seconds between two batches: a busy process wakes its writer 50 times a second, not for each line."""

FLUSH_TIMEOUT = 1.0
"""Seconds that a process waits for its logs before it ends."""

_NEWLINE = ord("\n")
_writers: list[LogWriter] = []


class LogWriter:
    """Writes the lines of one log, in order and whole.

    :param name: ``ACCESS`` or ``ERROR``; the name in messages and metrics
    :param output: an open descriptor, or the path of a file to append to
    :param errors: where failures to write, and the number of lines lost, are reported
    :raises OSError: when the file cannot be opened
    """

    def __init__(self, name: str, output: int | str, errors: logging.Logger) -> None:
        self.name = name
        self.output = output
        self._errors = errors
        self._descriptor = output if isinstance(output, int) else open_to_append(output)
        self.start_afresh()
        _writers.append(self)

    def start_afresh(self) -> None:
        """Forget queue, thread and lock: after a fork they are the parent's."""
        self.lock = threading.RLock()  # reentrant: a signal handler may log while its own thread does
        # What waits: lines, an event to set when all before it is written, or None: reopen the file.
        self._queue: SimpleQueue[bytes | threading.Event | None] = SimpleQueue()
        self._flushing = threading.Event()
        self._thread: threading.Thread | None = None
        self._waiting = 0  # bytes, and
        self._waiting_lines = 0
        self._lost = 0  # lines, since the last report
        self._is_failing = False
        self._is_mid_line = False  # a write failed within a line

    def put(self, line: str) -> None:
        """Queue one line, without its line end; count it as lost if there is no room. Never waits."""
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        with self.lock:
            if self._waiting + len(data) > QUEUE_SIZE:
                self._lose(data.count(b"\n"))
            else:
                self._waiting += len(data)
                self._waiting_lines += data.count(b"\n")
                self._enqueue(data)

    def request_flush(self) -> threading.Event:
        """An event that is set when all that was queued so far is written or lost."""
        done = threading.Event()
        with self.lock:
            if self._thread is None and self._queue.empty():
                done.set()
            else:
                self._enqueue(done)
        self._flushing.set()
        return done

    def give_up(self) -> None:
        """Count what still waits as lost: the process ends."""
        with self.lock:
            self._lose(self._waiting_lines)

    def reopen(self) -> None:
        """Open the file again by its path, for log rotation: later lines go there."""
        if isinstance(self.output, str):
            with self.lock:
                self._enqueue(None)

    def _enqueue(self, item: bytes | threading.Event | None) -> None:
        self._queue.put(item)
        if self._thread is None:
            thread = threading.Thread(target=self._run, name=f"{self.name}-log", daemon=True)
            with contextlib.suppress(RuntimeError):  # no thread to be had: the next line tries again
                thread.start()
                self._thread = thread

    def _lose(self, lines: int) -> None:
        if lines:
            self._lost += lines
            with contextlib.suppress(OSError):  # the workers' common folder is gone when the master ends
                metrics.log_lines_lost(self.name, lines)

    # In the writer's own thread

    def _run(self) -> None:
        while True:
            self._write_batch(self._queue.get())
            self._report_losses()
            self._flushing.wait(PAUSE)

    def _write_batch(self, item: bytes | threading.Event | None) -> None:
        """Write ``item`` and all that is queued behind it, as many lines at a time as one write takes."""
        chunk = b""
        while True:
            if isinstance(item, bytes):
                if len(chunk) + len(item) > WRITE_SIZE:
                    self._write(chunk)
                    chunk = b""
                chunk += item
            else:
                self._write(chunk)
                chunk = b""
                self._obey(item)
            if self._queue.empty():
                break
            item = self._queue.get()
        self._write(chunk)

    def _obey(self, request: threading.Event | None) -> None:
        if request is None:
            self._reopen()
        else:
            self._flushing.clear()
            request.set()

    def _write(self, chunk: bytes) -> None:
        if not chunk:
            return
        data = b"\n" + chunk if self._is_mid_line else chunk
        written = 0
        try:
            while written < len(data):
                written += write_some(self._descriptor, data[written:])
            self._is_failing = False
        except OSError as error:
            self._report_failure(error)
        if written:
            self._is_mid_line = data[written - 1] != _NEWLINE
        with self.lock:
            self._waiting -= len(chunk)
            self._waiting_lines -= chunk.count(b"\n")
            if written < len(data):
                self._lose(chunk[-(len(data) - written) :].count(b"\n"))

    def _report_failure(self, error: OSError) -> None:
        """Say once why lines are lost; the error log cannot say it of itself."""
        if not self._is_failing and self.name != ERROR:
            self._errors.warning("Cannot write the %s log: %s", self.name, error.strerror or error)
        self._is_failing = True

    def _report_losses(self) -> None:
        """Say how many lines were lost, once the log can be written again and nothing waits."""
        with self.lock:
            lost = 0 if self._is_failing or not self._queue.empty() else self._lost
            self._lost -= lost
        if lost:  # without the lock: this line goes through a queue, too
            self._errors.warning("Log lines lost: %d of the %s log", lost, self.name)

    def _reopen(self) -> None:
        try:
            descriptor = open_to_append(str(self.output))
        except OSError as error:
            self._errors.warning("Cannot reopen the %s log: %s", self.name, error)
            return
        os.close(self._descriptor)
        self._descriptor = descriptor


def open_to_append(path: str) -> int:
    """A descriptor that appends to the file, which is made if need be. Raises ``OSError``."""
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)


def write_some(descriptor: int, data: bytes) -> int:
    """Write as much as the descriptor takes at once, at least one byte; the number of bytes written."""
    while True:
        try:
            return os.write(descriptor, data)
        except BlockingIOError:  # another process made the stream non-blocking
            time.sleep(PAUSE)


class LogHandler(logging.Handler):
    """A handler for Python's ``logging`` that queues each line at a writer."""

    def __init__(self, writer: LogWriter, formatter: logging.Formatter) -> None:
        super().__init__()
        self.writer = writer
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the line of one record."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
        else:
            self.writer.put(line)


def writer_to(name: str, output: int | str, errors: logging.Logger) -> LogWriter:
    """The process's one writer of this log to this output; parameters as for ``LogWriter``."""
    for writer in _writers:
        if (writer.name, writer.output) == (name, output):
            return writer
    return LogWriter(name, output, errors)


def reopen_all() -> None:
    """Reopen every file, for log rotation."""
    for writer in _writers:
        writer.reopen()


def flush_all(timeout: float = FLUSH_TIMEOUT) -> bool:
    """Wait until what was logged is written or lost; False after ``timeout`` seconds."""
    deadline = time.monotonic() + timeout
    flushes = [writer.request_flush() for writer in _writers]
    return all(done.wait(max(0.0, deadline - time.monotonic())) for done in flushes)


def end_all() -> None:
    """Write what can be written in a moment; for the end of the process."""
    if not flush_all():
        for writer in _writers:
            writer.give_up()


atexit.register(end_all)


def _lock_all() -> None:
    for writer in _writers:
        writer.lock.acquire()


def _unlock_all() -> None:
    for writer in _writers:
        writer.lock.release()


def _start_all_afresh() -> None:
    for writer in _writers:
        writer.start_afresh()


if hasattr(os, "register_at_fork"):  # not on Windows
    # With the locks held, no writer's thread is counting losses while the process forks: else the child
    # could inherit the metrics' locks locked.
    os.register_at_fork(before=_lock_all, after_in_parent=_unlock_all, after_in_child=_start_all_afresh)
