"""Gunicorn's loggers: access lines on stdout, everything else on stderr, both written in the background.

Relies on these of ``gunicorn.glogging.Logger``: ``setup`` gives ``error_log`` and ``access_log`` handlers
that carry ``_gunicorn``, and removes those of an earlier ``setup``; ``access_log_enabled``;
``reopen_files``; ``access`` is called for each answer.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from gunicorn.glogging import Logger

from yourl.context import context_of
from yourl.errors import Refusal
from yourl.metrics import observe
from yourl.server.logs.access import AccessRecord, line_for
from yourl.server.logs.error import formatter_for
from yourl.server.logs.requests import is_printed, printed
from yourl.server.logs.writer import ACCESS, ERROR, LogHandler, reopen_all, writer_to

# Messages of Gunicorn's for which our hooks log one with more in it.
_LOGGED_BY_HOOKS = frozenset(
    {
        "Starting gunicorn %s",
        "Using worker: %s",
        "Booting worker with pid: %s",
        "Worker exiting (pid: %s)",
        "Shutting down: %s",
    }
)


def is_not_logged_by_hooks(record: logging.LogRecord) -> bool:
    """A filter: whether no hook of ours logs the same event."""
    return record.levelno != logging.INFO or record.msg not in _LOGGED_BY_HOOKS


class TextLogger(Logger):  # type: ignore[misc]
    """Access and error log as text."""

    log_format: ClassVar[str] = "text"
    cloud_project = ""

    def set_project(self, project: str) -> None:
        """Refer to traces of this Google Cloud project; empty: to traces without one."""
        self.cloud_project = project
        self.line = line_for(self.log_format, project)

    def setup(self, cfg: Any) -> None:
        """Let Gunicorn open the logs, then write them in our form and in the background."""
        super().setup(cfg)
        self.set_project(self.cloud_project)
        self._write_in_background(self.error_log, ERROR, formatter_for(self.log_format))
        self._write_in_background(self.access_log, ACCESS, logging.Formatter("%(message)s"))
        for handler in self.error_log.handlers:
            handler.addFilter(is_not_logged_by_hooks)
        # What the application and our own modules log.
        own = logging.getLogger("yourl")
        own.handlers[:] = self.error_log.handlers
        own.setLevel(self.loglevel)
        own.propagate = False

    def _write_in_background(self, log: logging.Logger, name: str, formatter: logging.Formatter) -> None:
        for handler in list(log.handlers):
            if getattr(handler, "_gunicorn", False):
                handler.setFormatter(formatter)
                output = output_of(handler)
                if output is not None:
                    log.removeHandler(handler)
                    handler.close()
                    writer = writer_to(name, output, self.error_log)
                    queued = LogHandler(writer, formatter)
                    queued._gunicorn = True  # type: ignore[attr-defined]
                    log.addHandler(queued)

    def reopen_files(self) -> None:
        """Reopen the log files, for log rotation (USR1)."""
        super().reopen_files()
        reopen_all()

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one answered request; called by Gunicorn's workers."""
        context = context_of(environ)
        stream: Any = environ.get("gunicorn.socket")
        is_anew = getattr(stream, "kept_back", None) is not None
        if self.access_log_enabled and is_printed(context) and not is_anew:
            self.access_log.info("%s", printed(context, self.log_format))
        status = int(str(resp.status).split(maxsplit=1)[0])
        record = AccessRecord.of(context, status, resp.sent, request_time.total_seconds())
        if context.is_kept_back:
            stream.kept_back = record
        elif is_anew:
            stream.kept_back = record
            self.log_kept_back(stream)
        else:
            self.note(record)

    def log_kept_back(self, stream: Any) -> None:
        """Write the line of an answer that has waited; called by ``PatientWorker``, once for a request."""
        record, stream.kept_back = stream.kept_back, None
        if record is not None:
            self.note(replace(record, duration=time.monotonic() - stream.started))

    def refused(self, refusal: Refusal, *, peer: str, method: str, target: str) -> None:
        """Write the line of a request that a worker refused; called by ``PatientWorker``."""
        self.note(AccessRecord.of_refusal(refusal, peer=peer, method=method, target=target))

    def note(self, record: AccessRecord) -> None:
        """Count a request and, unless it is a probe that went well, write its line."""
        observe(record.observation())
        if self.access_log_enabled and not record.is_quiet:
            self.access_log.info("%s", self.line(record))


class JsonLogger(TextLogger):
    """Access and error log as JSON lines."""

    log_format = "json"


def output_of(handler: logging.Handler) -> int | str | None:
    """The descriptor or the path that a handler writes to; None for one that writes elsewhere (syslog)."""
    if isinstance(handler, logging.FileHandler):
        return handler.baseFilename
    try:
        return int(handler.stream.fileno()) if isinstance(handler, logging.StreamHandler) else None
    except (AttributeError, OSError, ValueError):  # no stream (closed at the start), or one in memory
        return None
