"""What is sent to an inbox is kept before it is answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import Client, TestResponse

from tests.devices import user_agents
from yourl.app import create_app
from yourl.captures.bounds import Bounds
from yourl.captures.documents import document_of
from yourl.captures.model import Capture
from yourl.captures.rules import parse_rules
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore, NoStore
from yourl.context import context_of
from yourl.promise import Promise
from yourl.redaction import MASK
from yourl.settings import load
from yourl.views import waiting

PC = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.PC}
WATCH = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.WATCH}
PREFLIGHT = {"Origin": "https://shop.example", "Access-Control-Request-Method": "PUT"}


def client_with(store: CaptureStore, **settings: str) -> FlaskClient:
    """A client of an application that keeps in this store."""
    chosen = load({f"YOURL_{name.upper()}": text for name, text in settings.items()})
    return create_app(chosen, store=store).flask.test_client()


def kept(store: CaptureStore, capture_id: str) -> Capture:
    """The capture of this id, which must be there."""
    found = store.get(capture_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY", "XYZ"]
)
def test_every_method_is_kept(store: CaptureStore, method: str) -> None:
    """Any method at any path below; the answer has the id."""
    target = "/in/orders//any/%2Fpath?a=1"
    answer = client_with(store).open(target, method=method, data=b"\xff\x00")
    assert answer.status_code == 200
    capture = kept(store, answer.headers["X-Capture-ID"])
    assert (method, "orders", b"\xff\x00") == (capture.summary.method, capture.summary.inbox, capture.body)
    assert (target, 200, 2) == (capture.target, capture.summary.status, capture.summary.size)


def test_the_receipt(store: CaptureStore) -> None:
    """A program gets JSON with what was kept."""
    answer = client_with(store).post("/in/orders", data=b"abc")
    receipt = answer.get_json()
    assert receipt["id"] == answer.headers["X-Capture-ID"]
    assert ("orders", True, "POST", 3) == tuple(receipt[name] for name in ("inbox", "kept", "method", "size"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Capture-ID" in answer.headers["Access-Control-Expose-Headers"]


def test_what_is_kept_is_what_api_shows(store: CaptureStore) -> None:
    """The stored document, put together again, is the inspection of the same request."""
    client = client_with(store, session_id="00000000-0000-4000-8000-000000000000")
    more = {
        "json": {"a": [1, None]},
        "headers": {"User-Agent": user_agents.PHONE, "X-Forwarded-Proto": "https"},
    }
    shown = client.post("/api/x?b=2", **more).get_json()
    found = document_of(kept(store, client.post("/in/x?b=2", **more).headers["X-Capture-ID"]))
    for name in ("url", "base_url", "full_path", "timestamp"):
        del shown[name], found[name]
    assert shown == {name: value for name, value in found.items() if name not in ("id", "inbox")}


def test_browsers_get_the_page(store: CaptureStore) -> None:
    """A device that is allowed sees its inspection; a watch does not. Both are kept, with their status."""
    client = client_with(store)
    page, refused = client.get("/in/orders", headers=PC), client.get("/in/orders", headers=WATCH)
    assert (200, 403) == (page.status_code, refused.status_code)
    assert page.headers["Content-Type"].startswith("text/html")
    assert [200, 403] == [kept(store, a.headers["X-Capture-ID"]).summary.status for a in (page, refused)]


class Promising:
    """Asks an application as our loop does, which waits for promises."""

    def __init__(self, store: CaptureStore, **settings: str) -> None:
        self._app = client_with(store, **settings).application
        self.calls: list[Callable[[], object]] = []
        self.promise: Promise | None = None

    def post(self, path: str, **more: Any) -> TestResponse:
        """The answer as the application gives it, with ``promise`` for what stands in it."""

        def asked(environ: Any, start_response: Any) -> Iterable[bytes]:
            seen = context_of(environ)
            seen.can_wait, seen.offer_to_run_soon = True, lambda: self.calls.append
            answer = self._app(environ, start_response)
            self.promise = seen.promise
            return answer

        return Client(asked).post(path, **more)


@pytest.mark.parametrize(
    ("path", "headers"), [("/in/orders", {}), ("/in/orders?compact", {}), ("/in/orders", PC), ("/hook", {})]
)
def test_an_answer_with_a_promise(store: CaptureStore, path: str, headers: dict[str, str]) -> None:
    """Where the server waits, the placeholder stands for the id wherever it is shown."""
    one = Promising(store, catch_all="rest")
    answer = one.post(path, headers=headers)
    assert one.promise is not None
    placeholder = one.promise.placeholder
    assert (200, placeholder) == (answer.status_code, answer.headers["X-Capture-ID"])
    assert headers or placeholder == answer.get_json()["id"]
    assert not store.inboxes()
    one.calls[0]()
    assert "POST" == kept(store, str(one.promise.value.result(0))).summary.method


@pytest.mark.parametrize("path", ["/in/orders?delay=1", "/in/turns"])
def test_answers_that_need_the_store_first(store: CaptureStore, path: str) -> None:
    """One that is delayed, or is one of a sequence, is made after the capture is kept."""
    store.change_rules("turns", parse_rules({"sequence": [{"status": 201}, {"status": 202}]}))
    one = Promising(store)
    assert (one.promise, one.calls) == (None, [])
    kept(store, one.post(path).headers["X-Capture-ID"])


def test_a_request_too_large_to_keep_is_answered_at_once(store: CaptureStore) -> None:
    """Nothing is promised for it, and the answer says so."""
    one = Promising(store, keep="100,1MiB", body_limit="1000000")
    answer = one.post("/in/orders", data=bytes(900_000))
    assert (one.promise, one.calls, None) == (None, [], answer.headers.get("X-Capture-ID"))
    assert "Not kept" in answer.get_json()["message"]


@pytest.mark.parametrize(
    "path", ["/in", "/in/", "/in/A", "/in/a_b", "/in/" + "a" * 65, "/in/%C3%A9", "/in//a"]
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_bad_names(store: CaptureStore, path: str, method: str) -> None:
    """A path that names no inbox is a 404 which says what a name is."""
    answer = client_with(store).open(path, method=method)
    assert (404, "no_such_inbox") == (answer.status_code, answer.get_json()["error"])
    assert "lower-case letters" in answer.get_json()["message"]
    assert not store.inboxes()


def test_only_listed_inboxes(store: CaptureStore) -> None:
    """YOURL_INBOXES lists the only ones, which the message does not tell."""
    client = client_with(store, inboxes="orders, bills")
    assert client.get("/in/bills").status_code == 200
    answer = client.get("/in/other")
    assert (404, "no_such_inbox") == (answer.status_code, answer.get_json()["error"])
    assert "bills" not in answer.get_json()["message"]


def test_catch_all(store: CaptureStore) -> None:
    """Any path that nothing else answers is kept where an inbox is named for it; others are as ever."""
    client = client_with(store, catch_all="rest", inboxes="orders")
    answer = client.post("/webhooks/stripe?status=503", data=b"x")
    capture = kept(store, answer.headers["X-Capture-ID"])
    assert (200, "rest", "/webhooks/stripe?status=503") == (
        answer.status_code, capture.summary.inbox, capture.target,
    )  # fmt: skip
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    for method, path, status in (
        ("GET", "/health", 200), ("POST", "/health", 405), ("POST", "/", 405), ("GET", "/in/UPPER", 404),
        ("GET", "/live/nothing", 404), ("TRACE", "/webhooks", 405),
    ):  # fmt: skip
        assert status == client.open(path, method=method).status_code, (method, path)
    assert 204 == client.options("/webhooks", headers=PREFLIGHT).status_code
    assert 1 == len(store.inboxes())
    assert 1 == store.inboxes()[0].count


def test_catch_all_refuses_what_is_too_large(store: CaptureStore) -> None:
    """A body over the limit is a 413 there too."""
    client = client_with(store, catch_all="rest", body_limit="2")
    assert (413, "body_too_large") == (
        (a := client.post("/x", data=b"123")).status_code,
        a.get_json()["error"],
    )


def test_preflights_are_not_kept(store: CaptureStore) -> None:
    """A browser's question is answered: any method, from anywhere."""
    answer = client_with(store).options("/in/orders", headers=PREFLIGHT)
    assert (204, "*") == (answer.status_code, answer.headers["Access-Control-Allow-Methods"])
    assert not store.inboxes()


def test_rules(store: CaptureStore) -> None:
    """An inbox answers with the status, header fields and body that were set for it, also to browsers."""
    headers = {"Content-Type": "text/x-own", "Cache-Control": "max-age=5", "X-Two": ["1", "2"]}
    store.change_rules("orders", parse_rules({"status": 202, "headers": headers, "body": "é"}))
    answer = client_with(store).post("/in/orders", headers=PC)
    assert (202, "é", "text/x-own") == (answer.status_code, answer.text, answer.headers["Content-Type"])
    assert ["max-age=5"] == answer.headers.getlist("Cache-Control")
    assert ["1", "2"] == answer.headers.getlist("X-Two")
    assert 202 == kept(store, answer.headers["X-Capture-ID"]).summary.status


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/xhtml+xml", "x/y"])
def test_what_rules_say_never_runs(store: CaptureStore, content_type: str) -> None:
    """A body from rules has the origin of the pages, so browsers get it in a sandbox."""
    document = {"body": "<script>alert(1)</script>", "headers": {"Content-Type": content_type}}
    store.change_rules("orders", parse_rules(document))
    for answer in (client_with(store).get("/in/orders"), client_with(store).get("/in/orders", headers=PC)):
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert "nosniff" == answer.headers["X-Content-Type-Options"]


@pytest.mark.parametrize("status", [204, 205, 304])
def test_statuses_without_content(store: CaptureStore, status: int) -> None:
    """An answer that may have no content has none."""
    store.change_rules("orders", parse_rules({"status": status}))
    answer = client_with(store).post("/in/orders")
    assert (status, b"") == (answer.status_code, answer.data)
    assert "X-Capture-ID" in answer.headers


def test_a_sequence(store: CaptureStore) -> None:
    """Fail twice, then succeed."""
    store.change_rules("orders", parse_rules({"sequence": [{"status": 500}, {"status": 503}], "status": 201}))
    client = client_with(store)
    assert [500, 503, 201, 201] == [client.post("/in/orders").status_code for _ in range(4)]


@pytest.mark.parametrize("path", ["/in/orders", "/api", "/api/x"])
def test_one_off(store: CaptureStore, path: str) -> None:
    """A request may ask for another status; what cannot be meant is the sender's own parameter."""
    store.change_rules("orders", parse_rules({"status": 200}))
    client = client_with(store)
    for query, status in (
        ("status=503", 503), ("status=599&delay=0", 599), ("status=paid", 200), ("status=700", 200),
        ("delay=31", 200), ("delay=-1", 200), ("x=1", 200), ("status=204", 204), ("status=", 200),
    ):  # fmt: skip
        assert status == client.get(f"{path}?{query}").status_code, query


def test_signatures(store: CaptureStore) -> None:
    """A request is verified before its secrets are masked; the result is kept, the sender is told nothing."""
    store.change_rules("orders", parse_rules({"signature": {"scheme": "github", "secret": "s3cret"}}))
    answer = client_with(store).post("/in/orders", data=b"{}", headers={"X-Hub-Signature-256": "sha256=00"})
    result = kept(store, answer.headers["X-Capture-ID"]).summary.signature
    assert result is not None
    assert not result.valid
    assert "signature" not in answer.get_json()


def test_masking(store: CaptureStore) -> None:
    """Secrets are masked before anything is stored, unless that is switched off."""
    sent = {"headers": {"Authorization": "Bearer hidden", "Cookie": "hidden"}, "query_string": "token=hidden"}
    answer = client_with(store).get("/in/orders", **sent)
    capture = kept(store, answer.headers["X-Capture-ID"])
    assert "hidden" not in repr(capture)
    assert MASK == capture.value("authorization")
    open_answer = client_with(store, mask="off").get("/in/orders", **sent)
    assert "Bearer hidden" == kept(store, open_answer.headers["X-Capture-ID"]).value("authorization")


def test_without_a_store() -> None:
    """The answer comes all the same, without an id, and says so."""
    answer = client_with(NoStore()).post("/in/orders", data=b"x")
    assert (200, None, False) == (answer.status_code, answer.get_json()["id"], answer.get_json()["kept"])
    assert "keeps none" in answer.get_json()["message"]
    assert "X-Capture-ID" not in answer.headers


def test_what_fits_no_inbox(tmp_path: Path) -> None:
    """A body that would push itself out is not kept, and the answer says why."""
    bounds = Bounds.of(10, 1024 * 1024)
    store = SqliteStore(tmp_path / "captures.db", bounds)
    answer = client_with(store, keep="10,1MiB").post("/in/orders", data=b"x" * 500_000)
    assert (200, False) == (answer.status_code, answer.get_json()["kept"])
    assert "YOURL_KEEP" in answer.get_json()["message"]
    store.close()


def test_probes_tell_the_state(store: CaptureStore) -> None:
    """/ready names the state and stays 200; /metrics has it, with what is kept."""
    client = client_with(store)
    client.post("/in/orders")
    assert "ok" == client.get("/ready").get_json()["captures"]
    assert 'yourl_capture_store{state="ok"} 1.0' in client.get("/metrics").text
    assert "yourl_captures_kept 1.0" in client.get("/metrics").text
    without = client_with(NoStore()).get("/ready")
    assert (200, "off") == (without.status_code, without.get_json()["captures"])


def test_a_delay_without_a_loop(store: CaptureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without our loop a thread waits: a bounded time, and only a few at a time."""
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    client = client_with(store)
    client.get("/in/orders?delay=2")
    client.get("/api?delay=30")
    assert [2.0, waiting.LONGEST_SLEEP] == slept
    for _ in range(waiting.MOST_SLEEPERS):
        waiting._may_sleep.acquire()
    try:
        assert 200 == client.get("/api?delay=2").status_code
    finally:
        waiting._may_sleep.release(waiting.MOST_SLEEPERS)
    assert 2 == len(slept)
