"""Every answer about what is kept is as the description says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.captures.samples import NASTY_BODIES, PATIENT, capture_of
from tests.openapi.test_openapi import BEARER, CODE, described, faults, is_about_kept_requests, operations
from yourl.app import create_app
from yourl.captures.access import Keys
from yourl.captures.bounds import Bounds
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore, NoStore
from yourl.settings import load

RULES = {"status": 503, "headers": {"X-A": ["1", "2"]}, "signature": {"scheme": "hmac", "secret": "s3cret"}}
BODIES: dict[tuple[str, str], Any] = {
    ("/live/inboxes/{inbox}", "put"): {"json": RULES},
    ("/live/inboxes/{inbox}", "post"): {"data": {"status": "503", "sequence": "500 1"}},
    ("/live/sign-in", "post"): {"data": {"access_code": CODE}},
    ("/live/delete", "post"): {"data": {"inbox": "orders"}},
}
FORMS = (
    "/live/sign-in",
    "/live/sign-out",
    "/live/delete",
    "/live/requests/{id}/delete",
    "/live/inboxes/{inbox}",
)
QUERIES = {"/live/compare": "?a={id}&b={other}"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[CaptureStore]:
    """An empty store."""
    made = SqliteStore(tmp_path / "captures.db", is_durable=False)
    yield made
    made.close()


def client_of(store: CaptureStore) -> FlaskClient:
    """A client of an application with this store."""
    return create_app(load({"YOURL_ACCESS_CODE": CODE}), store=store).flask.test_client()


def sent(client: FlaskClient, body: bytes = b'{"paid": true}') -> str:
    """The id of a request that was just sent."""
    return client.post("/in/orders?x=1", data=body, content_type="application/json").headers["X-Capture-ID"]


LIVE = [(path, method) for path, method, _ in operations() if is_about_kept_requests(path)]


@pytest.mark.parametrize(("path", "method"), LIVE)
def test_answers_are_as_described(store: CaptureStore, path: str, method: str) -> None:
    """Each operation, for a request that is kept."""
    client = client_of(store)
    store_id, other = sent(client), sent(client, NASTY_BODIES["every byte"])
    parts = {"id": store_id, "other": other, "inbox": "orders", "token": Keys(CODE).share(store_id)}
    target = f"{path}{QUERIES.get(path, '')}".format_map(parts)
    answer = client.open(target, method=method.upper(), headers=BEARER, **BODIES.get((path, method), {}))
    assert (303 if method == "post" and path in FORMS else 200) == answer.status_code
    assert [] == faults(described(path, method, answer.status_code), answer)


@pytest.mark.parametrize(
    ("path", "method"), [case for case in LIVE if "{id}" in case[0] or "{token}" in case[0]]
)
def test_missing_ones_are_as_described(store: CaptureStore, path: str, method: str) -> None:
    """The same for a request that is not there."""
    target = path.format_map({"id": "0" * 32, "token": "none", "inbox": "orders"})
    answer = client_of(store).open(target, method=method.upper(), headers=BEARER)
    is_gone = path.endswith("/delete") and method == "post"
    assert (200 if method == "options" else 303 if is_gone else 404) == answer.status_code
    assert [] == faults(described(path, method, answer.status_code), answer)


@pytest.mark.parametrize("body", NASTY_BODIES.values(), ids=list(NASTY_BODIES))
def test_any_body_is_as_described(store: CaptureStore, body: bytes) -> None:
    """Whatever was sent, a kept request is as described."""
    client = client_of(store)
    capture_id = store.put(capture_of(body=body, content_type="text/plain"))
    assert capture_id is not None
    for path in ("/live/requests/{id}.har", "/live/requests/{id}.body", "/live/requests/{id}.raw"):
        answer = client.get(path.format(id=capture_id), headers=BEARER)
        assert [] == faults(described(path, "get", 200), answer)
    shown = client.get(f"/live/requests/{sent(client, body)}", headers=BEARER)
    assert [] == faults(described("/live/requests/{id}", "get", 200), shown)


@pytest.mark.parametrize(
    ("method", "target", "path", "status"),
    [
        ("get", "/live/requests?limit=0", "/live/requests", 400),
        ("delete", "/live/requests?inbx=orders", "/live/requests", 400),
        ("get", "/live/compare?a=1", "/live/compare", 400),
        ("put", "/live/inboxes/orders", "/live/inboxes/{inbox}", 400),
        ("get", "/live/inboxes/Bad", "/live/inboxes/{inbox}", 404),
    ],
)
def test_bad_requests_are_as_described(
    store: CaptureStore, method: str, target: str, path: str, status: int
) -> None:
    """What cannot be meant is refused in the one shape of errors."""
    answer = client_of(store).open(target, method=method.upper(), headers=BEARER)
    assert status == answer.status_code
    assert [] == faults(described(path, method, status), answer)


@pytest.mark.parametrize("method", ["put", "post"])
def test_too_many_rules_are_as_described(tmp_path: Path, method: str) -> None:
    """Rules for one inbox more than may have some are refused."""
    store = SqliteStore(tmp_path / "captures.db", Bounds(inboxes=1), time_limits=PATIENT)
    client = client_of(store)
    assert 200 == client.put("/live/inboxes/a", json={"status": 202}, headers=BEARER).status_code
    body: dict[str, Any] = {"json": {"status": 503}} if method == "put" else {"data": {"status": "503"}}
    answer = client.open("/live/inboxes/orders", method=method.upper(), headers=BEARER, **body)
    assert (409, "too_many_inbox_rules") == (answer.status_code, answer.get_json()["error"])
    assert [] == faults(described("/live/inboxes/{inbox}", method, 409), answer)
    assert 200 == client.delete("/live/inboxes/a", headers=BEARER).status_code
    assert 200 == client.put("/live/inboxes/orders", json={"status": 503}, headers=BEARER).status_code
    store.close()


@pytest.mark.parametrize(("path", "method"), [case for case in LIVE if "shared" not in case[0]])
def test_the_code_is_needed_everywhere(store: CaptureStore, path: str, method: str) -> None:
    """Without the code nothing is told or changed."""
    client = client_of(store)
    target = path.format_map({"id": sent(client), "inbox": "orders"})
    answer = client.open(target, method=method.upper())
    assert (200 if method == "options" else 401) == answer.status_code
    assert [] == faults(described(path, method, answer.status_code), answer)
    assert 1 == store.status().count


def test_without_a_store_it_is_as_described() -> None:
    """503, and why."""
    answer = client_of(NoStore("No folder can be written.")).get("/live/requests", headers=BEARER)
    assert (503, "No folder can be written.") == (answer.status_code, answer.get_json()["message"])
    assert [] == faults(described("/live/requests", "get", 503), answer)
