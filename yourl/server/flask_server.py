"""Flask's own server, for where Gunicorn cannot run: threaded, with the same logs and the same way to stop.

Knows nothing of Gunicorn.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from importlib.metadata import version
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from yourl.context import context_of
from yourl.drain import start_draining
from yourl.metrics import observe
from yourl.server.logs.access import AccessRecord, line_for, text_line
from yourl.server.logs.error import formatter_for
from yourl.server.logs.requests import is_printed, printed
from yourl.server.logs.writer import ACCESS, ERROR, LogHandler, LogWriter, writer_to
from yourl.server.preload import preload_in_background
from yourl.server.startup import ensure_descriptors, ensure_free, print_summary, summary
from yourl.settings import Settings

GRACEFUL_TIMEOUT = 8.0  # seconds that requests in flight are given, as under Gunicorn

Application = Callable[..., Iterable[bytes]]
"""A WSGI application (PEP 3333)."""

log = logging.getLogger("yourl")


class Handler(WSGIRequestHandler):
    """One connection: HTTP/1.1, an absolute time limit for idle ones, our access log."""

    protocol_version = "HTTP/1.1"
    line: Callable[[AccessRecord], str] = staticmethod(text_line)
    log_format = "text"
    access_log: LogWriter
    environ: dict[str, Any]
    _status = 0
    _sent = 0

    def run_wsgi(self) -> None:
        """Answer one request, count it as in flight meanwhile, and write its access line."""
        server: Any = self.server
        started = time.monotonic()
        self._status, self._sent = 0, 0
        with server.in_flight:
            super().run_wsgi()
            if self._status:
                self._write_line(time.monotonic() - started)

    def make_environ(self) -> dict[str, Any]:
        """The environ, kept for the access log."""
        self.environ = super().make_environ()
        if "Host" in self.headers:
            # Werkzeug puts the authority of an absolute-form target here; the target is understood elsewhere.
            self.environ["HTTP_HOST"] = self.headers["Host"]
        return self.environ

    def send_header(self, keyword: str, value: str) -> None:
        """Send one header field, and note how long the content is."""
        if keyword.lower() == "content-length" and value.isdecimal():
            self._sent = int(value)
        super().send_header(keyword, value)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Note the status; Werkzeug calls this as the response starts."""
        self._status = int(code)

    def _write_line(self, duration: float) -> None:
        context = context_of(self.environ)
        if is_printed(context):
            self.access_log.put(printed(context, self.log_format))
        record = AccessRecord.of(context, self._status, self._sent, duration)
        observe(record.observation())
        if not record.is_quiet:
            self.access_log.put(self.line(record))

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Errors of the connection, in the error log."""
        log.log(logging.getLevelName(type.upper()), message, *args)

    def version_string(self) -> str:
        """The Server field, without versions."""
        return "yourl"


class InFlight:
    """Counts the requests being answered, so that the end can wait for them."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *exc_info: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait_for_none(self, seconds: float, stop_now: threading.Event) -> None:
        """Return when none is left, after ``seconds``, or soon after ``stop_now`` is set."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while self._count and time.monotonic() < deadline and not stop_now.is_set():
                self._changed.wait(0.1)


def serve(app: Application, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is in flight.

    :raises CannotStart: when the address is taken or forbidden, or a limit of the system is too low
    """
    ensure_descriptors()
    ensure_free(settings.host, settings.port)
    handler = handler_for(settings)
    server: Any = make_server(settings.host, settings.port, app, threaded=True, request_handler=handler)
    assert_threaded(server)
    server.in_flight = InFlight()
    what = f"Flask's own server (Werkzeug {version('werkzeug')}), threaded"
    print_summary(summary(what, [(settings.host, settings.port)], settings), settings, log)
    preload_in_background(app)
    stop, stop_now = _stop_on_signals()
    loop = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="accept")
    loop.start()
    _wait(stop)
    start_draining()
    if settings.drain:
        stop_now.wait(settings.drain)
    server.shutdown()
    loop.join()
    server.in_flight.wait_for_none(GRACEFUL_TIMEOUT, stop_now)
    server.socket.close()


def handler_for(settings: Settings) -> type[Handler]:
    """A handler class for these settings; sets up both logs, written in the background."""
    errors = writer_to(ERROR, sys.stderr.fileno(), log)
    log.handlers[:] = [LogHandler(errors, formatter_for(settings.log_format))]
    log.setLevel(logging.INFO)
    log.propagate = False
    own = {
        "timeout": settings.head_timeout,
        "line": staticmethod(line_for(settings.log_format, settings.cloud_project)),
        "log_format": settings.log_format,
        "access_log": writer_to(ACCESS, sys.stdout.fileno(), log),
    }
    return type("Handler", (Handler,), own)


def assert_threaded(server: Any) -> None:
    """Make sure that one slow client cannot hold up another.

    :raises TypeError: when Werkzeug made another kind of server than asked for
    """
    if not isinstance(server, ThreadedWSGIServer):
        raise TypeError(f"Werkzeug made a {type(server).__name__}, not a threaded server")


def _stop_on_signals() -> tuple[threading.Event, threading.Event]:
    """Two events: the first signal sets one, a second signal the other."""
    stop, stop_now = threading.Event(), threading.Event()

    def handle(*_: object) -> None:
        (stop_now if stop.is_set() else stop).set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    return stop, stop_now


def _wait(stop: threading.Event) -> None:
    # A wait without a limit cannot be interrupted by Ctrl-C on Windows.
    while not stop.wait(0.5):
        pass
