"""Gunicorn's loggers, text and JSON: access lines on stdout, everything else on stderr."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import datetime, timedelta, timezone
from typing import Any

from gunicorn.glogging import Logger

from yourl.context import context_of
from yourl.errors import Refusal
from yourl.metrics import observe
from yourl.server.access_log import AccessRecord, json_line, text_line

# C0 and C1 controls, and the two separators that some viewers take for line ends.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}
_CONTROLS.update({0x2028: "\\u2028", 0x2029: "\\u2029"})


# What Gunicorn says itself, and our hooks say too, with more in it.
_SAID_BY_HOOKS = frozenset(
    {
        "Starting gunicorn %s",
        "Using worker: %s",
        "Booting worker with pid: %s",
        "Worker exiting (pid: %s)",
        "Shutting down: %s",
    }
)


def is_not_said_twice(record: logging.LogRecord) -> bool:
    """A filter: whether no hook of ours logs the same event."""
    return record.levelno != logging.INFO or record.msg not in _SAID_BY_HOOKS


def bear_losses(handler: logging.Handler, log: logging.Logger) -> None:
    """Have ``handler`` say once in ``log`` that it cannot write, in place of a traceback for each line.

    A stream that nobody reads any more is given up, as the documentation of Python's ``signal`` module
    advises on SIGPIPE; a full disk may have room again, and is tried on.
    """
    usual = handler.handleError
    told = False

    def handle_error(record: logging.LogRecord) -> None:
        nonlocal told
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            usual(record)
            return
        if isinstance(error, BrokenPipeError) and isinstance(handler, logging.StreamHandler):
            handler.stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        if not told and handler not in log.handlers:
            told = True
            log.warning("Lines of the access log are lost: %s.", error.strerror or error)

    handler.handleError = handle_error  # type: ignore[method-assign]


class TextFormatter(logging.Formatter):
    """One line for a message, whatever it quotes; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(process)d] %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """UTC with milliseconds."""
        return datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The message with its control characters made visible."""
        record.message = record.message.translate(_CONTROLS)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One JSON object for each record, with the fields that Cloud Logging reads."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; a traceback goes into ``message``, where error reporting finds it."""
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        return json.dumps(
            {
                "severity": record.levelname,
                "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
                "message": message,
                "pid": record.process,
            }
        )


class TextLogger(Logger):  # type: ignore[misc]
    """Access and error log as text."""

    formatter: type[logging.Formatter] = TextFormatter

    def setup(self, cfg: Any) -> None:
        """Let Gunicorn open the logs, then write them our way."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(self.formatter())
            handler.addFilter(is_not_said_twice)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            bear_losses(handler, self.error_log)

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write the line of one answered request; called by Gunicorn's workers."""
        status = int(str(resp.status).split(maxsplit=1)[0])
        self.note(AccessRecord.of(context_of(environ), status, resp.sent, request_time.total_seconds()))

    def refused(self, refusal: Refusal, *, peer: str, method: str, target: str) -> None:
        """Write the line of a request that a worker refused; called by ``PatientWorker``."""
        self.note(AccessRecord.of_refusal(refusal, peer=peer, method=method, target=target))

    def note(self, record: AccessRecord) -> None:
        """Count a request and, unless it is a probe that went well, write its line."""
        observe(record.observation())
        if self.cfg.accesslog and not record.is_quiet:
            self.access_log.info("%s", self.line(record))

    def line(self, record: AccessRecord) -> str:
        """The line for one record."""
        return text_line(record)


class JsonLogger(TextLogger):
    """Access and error log as JSON lines."""

    formatter = JsonFormatter

    def line(self, record: AccessRecord) -> str:
        """The line for one record."""
        return json_line(record, os.environ.get("GOOGLE_CLOUD_PROJECT", ""))
