"""The application's answers, asked in process."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.devices import user_agents
from yourl import __version__
from yourl.app import create_app
from yourl.settings import load

HEALTH_KEYS = {
    "status", "timestamp", "service", "version", "friends_family_guard", "cloud_run_support",
    "wsgi_server", "production_mode", "port",
}  # fmt: skip
STATUS_KEYS = {
    "service", "version", "status", "port", "host", "timestamp", "session_id", "organization",
    "friends_family_guard", "visual_inspection", "cloud_run_support", "demo_mode", "wsgi_server",
    "production_mode", "usage",
}  # fmt: skip
INSPECTION_KEYS = {
    "url", "base_url", "full_path", "method", "http_version", "remote_addr", "user_agent", "device_type",
    "visual_inspection_allowed", "hostname", "timestamp", "headers", "query", "body", "connection", "proxy",
    "findings", "device", "guard", "fidelity", "session_id", "organization", "friends_family_guard",
}  # fmt: skip
BODY_KEYS = {"size", "content_type", "text", "base64", "json", "form", "files", "truncated"}


def ask(client: FlaskClient, path: str = "/api", **kwargs: Any) -> Any:
    """A GET that expects JSON and returns it parsed."""
    answer = client.get(path, **kwargs)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return answer.get_json()


def browse(client: FlaskClient, path: str, user_agent: str) -> Any:
    """A GET as a browser on a given device sends it."""
    return client.get(path, headers={"User-Agent": user_agent, "Accept": user_agents.BROWSER_ACCEPT})


def test_health(client: FlaskClient) -> None:
    """Exactly the keys of the design."""
    answer = ask(client, "/health")
    assert set(answer) == HEALTH_KEYS
    assert ("healthy", "url-api", __version__) == (answer["status"], answer["service"], answer["version"])


def test_status(client: FlaskClient) -> None:
    """Exactly the keys of the design, with the policy spelt out."""
    answer = ask(client, "/status")
    assert set(answer) == STATUS_KEYS
    assert answer["visual_inspection"] == {
        "pc_allowed": True, "phone_allowed": True, "watch_blocked": True, "tablet_allowed": True,
    }  # fmt: skip
    assert (answer["demo_mode"], answer["usage"]) == (True, None)


def test_status_tells_the_settings() -> None:
    """What was set is what is answered, not a constant."""
    settings = load(
        {
            "YOURL_USAGE": "personal",
            "YOURL_ACCESS_CODE": "correct-horse",
            "YOURL_ORGANIZATION": "Family",
            "YOURL_GUARD_BLOCK": "phone",
            "YOURL_GUARD_ALLOW": "pc,watch",
        }
    )
    answer = ask(create_app(settings).flask.test_client(), "/status")
    assert (answer["usage"], answer["demo_mode"], answer["organization"]) == ("personal", False, "Family")
    assert answer["visual_inspection"] == {
        "pc_allowed": True, "phone_allowed": False, "watch_blocked": False, "tablet_allowed": False,
    }  # fmt: skip


def test_ready_and_draining() -> None:
    """Ready is 200, and 503 from the moment on when the drain begins."""
    draining = False
    client = create_app(load({}), lambda: draining).flask.test_client()
    assert client.get("/ready").status_code == 200
    draining = True
    assert client.get("/ready").status_code == 503


def test_guard_ruleset(client: FlaskClient) -> None:
    """Without a user agent: the ruleset."""
    answer = ask(client, "/guard")
    assert (answer["ruleset"]["allow"], answer["ruleset"]["block"]) == (["pc", "phone", "tablet"], ["watch"])
    assert "decision" not in answer


@pytest.mark.parametrize(
    ("user_agent", "allowed"),
    [
        pytest.param(user_agents.PC, True, id="pc"),
        pytest.param(user_agents.PHONE, True, id="phone"),
        pytest.param(user_agents.TABLET, True, id="tablet"),
        pytest.param(user_agents.WATCH, False, id="watch"),
        pytest.param(user_agents.TELEVISION, False, id="tv"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_guard_decision(client: FlaskClient, user_agent: str, allowed: bool) -> None:
    """With a user agent: would it be let in, by which rule, on which evidence."""
    answer = ask(client, "/guard", query_string={"user_agent": user_agent})
    assert allowed == answer["decision"]["allowed"]
    assert answer["device"]["evidence"]
    assert answer["decision"]["rule"]


def test_inspection_keys(client: FlaskClient) -> None:
    """Every key of the design is there."""
    answer = ask(client)
    assert set(answer) >= INSPECTION_KEYS
    assert set(answer["body"]) >= BODY_KEYS
    assert {"trusted", "hops", "client", "scheme", "host", "port", "prefix"} == set(answer["proxy"])
    assert {"type", "browser", "os", "family", "hints", "evidence"} == set(answer["device"])
    assert {"allowed", "rule", "why"} == set(answer["guard"])


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "BREW"])
@pytest.mark.parametrize("path", ["/api", "/api/", "/api/any/thing"])
def test_every_method(client: FlaskClient, method: str, path: str) -> None:
    """/api and below answer every method with the inspection."""
    answer = client.open(path, method=method, data=b"x" if method != "GET" else None)
    assert (200, method, path) == (
        answer.status_code, answer.get_json()["method"], answer.get_json()["full_path"],
    )  # fmt: skip


def test_head_has_no_content(client: FlaskClient) -> None:
    """HEAD gets what GET gets, without the content."""
    answer = client.head("/api")
    assert (answer.status_code, answer.data) == (200, b"")


def test_root_is_for_get(client: FlaskClient) -> None:
    """/ answers GET alone and says what is allowed."""
    answer = client.post("/")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/", "/api", "/api/x"])
@pytest.mark.parametrize("user_agent", [user_agents.PC, user_agents.PHONE, user_agents.TABLET])
def test_people_get_the_page(client: FlaskClient, path: str, user_agent: str) -> None:
    """An allowed browser sees the page, under a policy that allows nothing from elsewhere."""
    answer = browse(client, path, user_agent)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_watch_is_refused_the_page(client: FlaskClient) -> None:
    """A watch that asks for the page gets 403 and a page that fits it, with the reason."""
    answer = browse(client, "/api", user_agents.WATCH)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "the device class watch" in answer.text
    assert len(answer.data) < 4096


def test_the_watch_gets_json(client: FlaskClient) -> None:
    """A watch that asks for JSON is answered like anybody."""
    answer = ask(client, "/api", headers={"User-Agent": user_agents.WATCH})
    assert (answer["device_type"], answer["visual_inspection_allowed"]) == ("watch", False)


def test_guard_off_lets_the_watch_look() -> None:
    """With the guard off every browser sees the page."""
    client = create_app(load({"YOURL_GUARD": "off"})).flask.test_client()
    assert browse(client, "/", user_agents.WATCH).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/apis", "/health/", "/static/x", "/%00"])
def test_not_found(client: FlaskClient, path: str) -> None:
    """Any other path is a 404 with the request's URL, in the one error shape."""
    answer = client.get(path)
    document = answer.get_json()
    assert answer.status_code == 404
    assert {"error", "message", "url", "timestamp"} == set(document)
    assert document["url"].endswith(path)


@pytest.mark.parametrize("path", ["/status", "/guard", "/guard?user_agent=Watch6,1"])
def test_facts_for_a_browser(client: FlaskClient, path: str) -> None:
    """A browser gets a small page for the facts that a program gets as JSON, under the same strict policy."""
    answer = browse(client, path, user_agents.PC)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get(path).is_json


def test_not_found_for_a_browser(client: FlaskClient) -> None:
    """A browser gets a small page for an error, under the same strict policy."""
    answer = browse(client, "/<script>alert(1)</script>", user_agents.PC)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"<script>alert" not in answer.data
    assert b'<a href="/status">' in answer.data
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_body_too_large() -> None:
    """A body over the limit is a 413 in the one error shape."""
    client = create_app(load({"YOURL_BODY_LIMIT": "10"})).flask.test_client()
    answer = client.post("/api", data=b"12345678901")
    assert (answer.status_code, answer.get_json()["error"]) == (413, "body_too_large")
    assert client.post("/api", data=b"1234567890").status_code == 200


@pytest.mark.parametrize("path", ["/", "/api", "/health", "/status", "/ready", "/guard", "/nothing"])
def test_common_headers(client: FlaskClient, path: str) -> None:
    """Nothing is stored by caches or guessed by browsers."""
    headers = client.get(path).headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_an_unforeseen_error_is_no_traceback() -> None:
    """A defect of ours is a 500 in the one error shape, and nothing of it leaks."""
    app = create_app(load({}))
    app.flask.add_url_rule("/defect", view_func=lambda: 1 / 0)
    answer = app.flask.test_client().get("/defect")
    assert (answer.status_code, answer.get_json()["error"]) == (500, "internal_error")
    assert b"ZeroDivision" not in answer.data


def test_a_defect_in_the_verdict_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same where what fails is the verdict itself, which errors usually ask for their URL."""
    monkeypatch.setattr("yourl.inspection.evaluate", lambda *args, **kwargs: 1 / 0)
    answer = create_app(load({})).flask.test_client().get("/api?x=1", headers={"Accept": "text/html"})
    assert (500, "text/html; charset=utf-8") == (answer.status_code, answer.headers["Content-Type"])
    assert b"ZeroDivision" not in answer.data


def test_one_session_id_for_the_run(client: FlaskClient) -> None:
    """Status and inspection agree about the run."""
    assert ask(client, "/status")["session_id"] == ask(client, "/api")["session_id"]


def test_server_name_is_what_serves(client: FlaskClient) -> None:
    """The server is read off the request."""
    for software, expected in (
        ("gunicorn/27.0.1", "gunicorn"),
        ("Werkzeug/3.1.9", "flask"),
        ("uWSGI/2", "uwsgi"),
    ):
        answer = client.get("/health", environ_overrides={"SERVER_SOFTWARE": software})
        assert expected == answer.get_json()["wsgi_server"]


def test_expectations_that_are_met(client: FlaskClient) -> None:
    """200 with every check listed: ``curl --fail`` passes."""
    answer = client.get("/api?expect=scheme:http&expect=host:localhost&expect=finding:none")
    assert 200 == answer.status_code
    assert [True, True, True] == [check["met"] for check in answer.get_json()["expectations"]]


def test_expectations_that_are_not(client: FlaskClient) -> None:
    """417 with what failed and why, also for a browser."""
    headers = {"Accept": user_agents.BROWSER_ACCEPT}
    answer = client.get("/?expect=scheme:https&expect=device:pc&expect=method:GET", headers=headers)
    document = answer.get_json()
    assert (417, "expectation_failed") == (answer.status_code, document["error"])
    assert [False, False, True] == [check["met"] for check in document["expectations"]]
    assert "scheme is http, not https" in document["message"]


def test_a_request_id_goes_through(client: FlaskClient) -> None:
    """A valid id that comes in goes out again; otherwise one is made, and each is another."""
    assert "abc-123" == client.get("/health", headers={"X-Request-ID": "abc-123"}).headers["X-Request-ID"]
    for bad in ("", "a b", "x" * 129, 'a"b', "é"):
        made = client.get("/health", headers={"X-Request-ID": bad}).headers["X-Request-ID"]
        assert made == str(uuid.UUID(made))


@pytest.mark.parametrize("path", ["/", "/api", "/api/x", "/health", "/nothing", "/metrics", "/guard"])
def test_every_answer_has_a_strict_policy(client: FlaskClient, path: str) -> None:
    """No answer may load, frame or be framed; none tells a version in its headers."""
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "DENY" == headers["X-Frame-Options"]
    assert "Server" not in headers


def test_cors_is_for_the_api_alone(client: FlaskClient) -> None:
    """Any page's script may read /api, without credentials; nothing else."""
    origin = {"Origin": "https://shop.example"}
    assert "*" == client.get("/api/x", headers=origin).headers["Access-Control-Allow-Origin"]
    assert "Access-Control-Allow-Credentials" not in client.get("/api", headers=origin).headers
    for path in ("/", "/health", "/status", "/guard", "/metrics", "/apis"):
        assert "Access-Control-Allow-Origin" not in client.get(path, headers=origin).headers


def test_preflight(client: FlaskClient) -> None:
    """A browser's question is answered without content; a plain OPTIONS is inspected."""
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/api", headers=asked)
    assert (204, b"", "GET, POST") == (
        answer.status_code, answer.data, answer.headers["Access-Control-Allow-Methods"],
    )  # fmt: skip
    assert "OPTIONS" == client.options("/api").get_json()["method"]


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_methods_that_are_not_offered(client: FlaskClient, method: str) -> None:
    """TRACE and CONNECT are refused wherever they ask."""
    assert 405 == client.open("/api", method=method).status_code


def test_pages_ask_for_hints(client: FlaskClient) -> None:
    """A page asks for the hints that the class is read from, and says that it depends on them."""
    headers = browse(client, "/", user_agents.PC).headers
    assert "Sec-CH-UA-Form-Factors" in headers["Accept-CH"]
    assert {"Accept", "User-Agent", "Sec-CH-UA-Form-Factors"} <= set(headers["Vary"].split(", "))
    assert "Critical-CH" not in headers
    assert "Accept-CH" not in client.get("/api").headers


def test_a_hidden_form_factor_is_asked_for_at_once(client: FlaskClient) -> None:
    """Where the user agent is reduced, the hints change the answer: the browser should repeat itself."""
    reduced = (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/140.0.0.0 Mobile Safari/537.36"
    )
    assert "Sec-CH-UA-Form-Factors" in browse(client, "/", reduced).headers["Critical-CH"]


def test_hosts_that_are_not_answered() -> None:
    """A host outside YOURL_ALLOWED_HOSTS gets 400 with the finding; probes are asked by address."""
    client = create_app(load({"YOURL_ALLOWED_HOSTS": "shop.example, *.shop.example"})).flask.test_client()
    refused = client.get("/api", headers={"Host": "evil.example"})
    assert (400, "host_not_allowed") == (refused.status_code, refused.get_json()["error"])
    assert "host-not-allowed" in [finding["code"] for finding in refused.get_json()["findings"]]
    for host in ("shop.example", "www.SHOP.example", "shop.example:8443"):
        assert 200 == client.get("/api", headers={"Host": host}).status_code
    assert 200 == client.get("/health", headers={"Host": "10.0.0.9:8080"}).status_code


def test_metrics(client: FlaskClient) -> None:
    """/metrics speaks Prometheus' text format and knows the version."""
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert f'yourl_build_info{{version="{__version__}"}} 1.0' in answer.text


def test_a_websocket_handshake_is_inspected(client: FlaskClient) -> None:
    """A handshake is a GET that asks for more: it is shown like any other request."""
    asked = {
        "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }  # fmt: skip
    answer = client.get("/api/socket", headers=asked)
    assert (200, "websocket") == (answer.status_code, answer.get_json()["headers"]["Upgrade"])
