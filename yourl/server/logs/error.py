"""One record of the error log as a line: text, or the JSON that Cloud Logging reads. Pure."""

from __future__ import annotations

import json
import logging
import textwrap
from datetime import datetime, timezone
from typing import Any

from yourl.text import printable


class TextFormatter(logging.Formatter):
    """One line for a message, whatever it quotes; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s [%(process)d] %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """UTC with milliseconds."""
        return datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The message with its control characters made visible."""
        record.message = printable(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """The traceback, indented: what it quotes cannot pass for a line of the log."""
        return textwrap.indent(printable(super().formatException(ei), keep="\n"), "  ")


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


def formatter_for(log_format: str) -> logging.Formatter:
    """The formatter for a value of the setting YOURL_LOG_FORMAT."""
    return JsonFormatter() if log_format == "json" else TextFormatter()
