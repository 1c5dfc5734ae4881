"""Lines of the error log: one for a record, and nothing in them that a client can forge."""

from __future__ import annotations

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.server.logs.error import formatter_for


def record(message: str, *arguments: object, error: Exception | None = None) -> logging.LogRecord:
    """A warning that was logged with these arguments while ``error`` was handled."""
    exc_info = None
    if error is not None:
        try:
            raise error
        except Exception:
            exc_info = sys.exc_info()
    return logging.LogRecord("yourl", logging.WARNING, __file__, 1, message, arguments, exc_info)


def test_text() -> None:
    """Time, process, level and message."""
    moment, rest = formatter_for("text").format(record("Evicted: %d", 3)).split(" ", 1)
    assert moment.endswith("+00:00")
    assert rest.endswith("] WARNING Evicted: 3")


def test_json() -> None:
    """The fields that Cloud Logging reads; the traceback in ``message``."""
    entry = json.loads(formatter_for("json").format(record("Failed", error=ValueError("why"))))
    assert ("WARNING", "Failed") == (entry["severity"], entry["message"].splitlines()[0])
    assert "ValueError: why" == entry["message"].splitlines()[-1]


@pytest.mark.parametrize("log_format", ["text", "json"])
@given(text=st.text(max_size=200))
def test_a_message_is_one_line(log_format: str, text: str) -> None:
    """Whatever a message quotes, it is one printable line."""
    assert formatter_for(log_format).format(record("Client sent %s", text)).isprintable()


@given(text=st.text(max_size=200))
def test_a_traceback_cannot_pass_for_a_line(text: str) -> None:
    """A traceback's lines are indented, also those that a client's text would begin."""
    _, *traceback = formatter_for("text").format(record("Failed", error=ValueError(text))).split("\n")
    assert traceback
    assert all(line.startswith("  ") or not line for line in traceback)
    assert all(line.isprintable() for line in traceback)
