"""JSON or HTML, and the shape of errors."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.devices.user_agents import BROWSER_ACCEPT
from yourl.representation import error_document, prefers_html, timestamp, to_json

ACCEPTS = [
    pytest.param("", False, id="nothing"),
    pytest.param("*/*", False, id="anything"),
    pytest.param("application/json", False, id="json"),
    pytest.param("text/html", True, id="html"),
    pytest.param(BROWSER_ACCEPT, True, id="browser"),
    pytest.param("TEXT/HTML", True, id="upper-case"),
    pytest.param("text/*", True, id="any-text"),
    pytest.param("text/html;q=0", False, id="html-refused"),
    pytest.param("text/html;q=0.5, application/json;q=0.9", False, id="json-rated-higher"),
    pytest.param("text/html;q=0.9, application/json;q=0.5", True, id="html-rated-higher"),
    pytest.param("text/html, application/json", False, id="a-tie-is-a-program"),
    pytest.param("*/*;q=1, application/json;q=0.1", True, id="the-specific-range-decides"),
    pytest.param("text/html;q=banana", False, id="broken-quality"),
    pytest.param("image/png", False, id="neither"),
    pytest.param(",,;;q=,", False, id="nonsense"),
]


@pytest.mark.parametrize(("accept", "expected"), ACCEPTS)
def test_prefers_html(accept: str, expected: bool) -> None:
    """Browsers get pages; programs, and whoever takes anything, get JSON."""
    assert expected == prefers_html(accept)


@given(st.text(max_size=200))
def test_no_accept_raises(accept: str) -> None:
    """Whatever the field holds, there is an answer."""
    assert prefers_html(accept) in (True, False)


def test_timestamp() -> None:
    """UTC with microseconds and offset, also at a whole second."""
    assert timestamp(datetime(2026, 11, 23, 10, tzinfo=timezone.utc)) == "2026-11-23T10:00:00.000000+00:00"
    assert timedelta(0) == datetime.fromisoformat(timestamp()).utcoffset()


def test_error_shape() -> None:
    """Every error has the same four keys."""
    assert sorted(error_document("code", "Why.", "http://x/")) == ["error", "message", "timestamp", "url"]


def test_json_keeps_text_readable() -> None:
    """Text outside ASCII is written as it is, in UTF-8."""
    assert "Zürich" in to_json({"city": "Zürich"}).decode("utf-8")


def test_json_survives_lone_surrogates() -> None:
    """What UTF-8 cannot carry comes as an escape, and the answer stays valid."""
    content = to_json({"a": "\ud800", "b": "ü"})
    assert json.loads(content.decode("utf-8")) == {"a": "\ud800", "b": "ü"}
