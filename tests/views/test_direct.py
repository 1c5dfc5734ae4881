"""What is answered without Flask's routing is answered as Flask would."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from yourl.app import Application, create_app
from yourl.settings import load

BROWSER = {
    "Accept": "text/html",
    "User-Agent": "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36",
}
CASES = [
    pytest.param("GET", "/health", {}, id="health"),
    pytest.param("HEAD", "/health", {}, id="health-head"),
    pytest.param("GET", "/ready", {}, id="ready"),
    pytest.param("GET", "/", {}, id="root"),
    pytest.param("GET", "/", {"headers": BROWSER}, id="page"),
    pytest.param("GET", "/api", {}, id="api"),
    pytest.param("GET", "/api/", {}, id="api-slash"),
    pytest.param("GET", "/api//x/../y%2F?a=1", {}, id="api-odd-path"),
    pytest.param("HEAD", "/api", {}, id="api-head"),
    pytest.param("POST", "/api/x", {"data": b'{"a": 1}', "content_type": "application/json"}, id="post"),
    pytest.param("QUERY", "/api", {"data": b"x"}, id="other-method"),
    pytest.param("GET", "/api?expect=scheme:https", {}, id="417"),
    pytest.param("GET", "/api?expect=scheme:http&expect=client:127.0.0.1", {}, id="met"),
    pytest.param("GET", "/api", {"headers": {"Host": "other.example"}}, id="host-not-allowed"),
    pytest.param("GET", "/health", {"headers": {"Host": "other.example"}}, id="probe-of-another-host"),
    pytest.param("POST", "/api", {"data": b"x" * 2000}, id="413"),
    pytest.param("GET", "/api", {"headers": {"X-Request-ID": "abc-1"}}, id="request-id"),
    pytest.param("OPTIONS", "/api", {"headers": {"Origin": "http://a.example"}}, id="options"),
    pytest.param("POST", "/", {}, id="405"),
    pytest.param("GET", "/nothing", {}, id="404"),
]


def asked(directly: bool, method: str, target: str, more: dict[str, Any]) -> TestResponse:
    """The answer with, or without, the direct way."""
    app = create_app(load({"YOURL_ALLOWED_HOSTS": "localhost", "YOURL_BODY_LIMIT": "1000",
                           "YOURL_SESSION_ID": "00000000-0000-4000-8000-000000000000"}))  # fmt: skip
    assert isinstance(app, Application)
    app.answers_directly = directly
    return Client(app).open(target, method=method, **more)


def stable(text: str) -> str:
    """Text without times, ids and nonces, which differ from answer to answer."""
    text = re.sub(r"\d{4}-\d\d-\d\d(?:[T ][\d:.+]+)?", "TIME", text)  # also in the name of a download
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    return re.sub(r"\d\d:\d\d:\d\d(\.\d+)?", "TIME", text)


@pytest.mark.parametrize(("method", "target", "more"), CASES)
def test_answers_are_the_same(method: str, target: str, more: dict[str, Any]) -> None:
    """Status, every header field and the content."""
    direct, usual = (asked(directly, method, target, dict(more)) for directly in (True, False))
    assert direct.status == usual.status
    assert sorted(map(stable, map(": ".join, direct.headers))) == sorted(
        map(stable, map(": ".join, usual.headers))
    )
    assert stable(direct.text) == stable(usual.text)


def test_a_defect_is_answered_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An exception in a view is a 500 in our own shape, with the traceback in the log."""
    monkeypatch.setattr("yourl.views.probes.timestamp", lambda: 1 / 0)
    answer = asked(True, "GET", "/health", {})
    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json["error"] == "internal_error"
    assert "ZeroDivisionError" in caplog.text
