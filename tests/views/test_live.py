"""What is kept, for programs: listings, single requests, exports, links, rules; and who may ask."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.captures.samples import NASTY_BODIES, capture_of
from yourl.app import create_app
from yourl.captures.access import Keys, Limiter
from yourl.captures.errors import StoreUnavailable
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore, NoStore, StoreStatus
from yourl.settings import load
from yourl.views.headers import route_of
from yourl.views.live.listing import MAX_SIZE

CODE = "correct-horse"
BEARER = {"Authorization": f"Bearer {CODE}"}


def client_with(store: CaptureStore, **chosen: str) -> FlaskClient:
    """A client of an application that keeps in this store."""
    own = {f"YOURL_{name.upper()}": text for name, text in chosen.items()}
    return create_app(load({"YOURL_ACCESS_CODE": CODE, **own}), store=store).flask.test_client()


def put(store: CaptureStore, **changes: Any) -> str:
    """The id of a capture that was just stored."""
    capture_id = store.put(capture_of(**changes))
    assert capture_id is not None
    return capture_id


def listed(client: FlaskClient, query: str = "") -> Any:
    """The answer to a listing, which must succeed."""
    answer = client.get(f"/live/requests?{query}", headers=BEARER)
    assert 200 == answer.status_code, answer.text
    return answer.get_json()


def ids(listing: Any) -> list[str]:
    """The ids in a listing."""
    return [request["id"] for request in listing["requests"]]


def test_the_newest_come_first(store: CaptureStore) -> None:
    """``next`` continues a listing as ``before``; null is the end of it."""
    client, sent = client_with(store), [put(store) for _ in range(5)]
    page = listed(client, "limit=3")
    assert sent[:1:-1] == ids(page)
    rest = listed(client, f"limit=3&before={page['next']}")
    assert (sent[1::-1], None) == (ids(rest), rest["next"])


def test_what_is_later(store: CaptureStore) -> None:
    """With ``after`` the oldest come first, and ``next`` continues as ``after`` when more has come."""
    client, sent = client_with(store), [put(store) for _ in range(4)]
    page = listed(client, f"after={sent[0]}&limit=2")
    assert (sent[1:3], sent[2]) == (ids(page), page["next"])
    page = listed(client, f"after={page['next']}")
    assert sent[3:] == ids(page)
    assert [] == ids(listed(client, f"after={page['next']}"))
    later = put(store)
    assert [later] == ids(listed(client, f"after={page['next']}"))


@pytest.mark.parametrize(
    "query",
    [
        "inbox=bills", "method=PUT", "status=503", "status=5xx", "device=watch", "finding=port-lost",
        "client=198.51.100.1", "q=needle", "inbox=bills&status=5xx&q=need",
    ],
)  # fmt: skip
def test_filters(store: CaptureStore, query: str) -> None:
    """Each filter finds the one that fits."""
    put(store)
    found = put(
        store, inbox="bills", method="PUT", status=503, device_type="watch", client="198.51.100.1",
        findings=("port-lost",), body=b"a needle",
    )  # fmt: skip
    put(store)
    assert [found] == ids(listed(client_with(store), query))


@pytest.mark.parametrize(
    ("query", "count"),
    [("since=1000000000", 1), ("until=1000000000", 0), ("since=2000-01-01T00:00:00Z&until=2200-01-01", 1)],
)
def test_times(store: CaptureStore, query: str, count: int) -> None:
    """A listing can be narrowed to the time when requests were kept."""
    put(store)
    assert count == len(ids(listed(client_with(store), query)))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("limit=0", ["limit"]), ("limit=501", ["limit"]),
        ("limit=x&status=9&after=1", ["limit", "status", "after"]),
        ("inbox=UPPER", ["inbox"]), ("device=toaster", ["device"]), ("since=yesterday", ["since"]),
        ("inbox=a&inbox=b", ["inbox"]), ("&".join("x" * 1100), ["query"]), ("q=" + "x" * 257, ["q"]),
    ],
)  # fmt: skip
def test_bad_filters(store: CaptureStore, query: str, names: list[str]) -> None:
    """Nonsense is refused, and every fault is named."""
    answer = client_with(store).get(f"/live/requests?{query}", headers=BEARER)
    assert (400, "bad_filter") == (answer.status_code, answer.get_json()["error"])
    assert [] == [name for name in names if name not in answer.get_json()["message"]]


def test_a_page_of_long_urls_ends_early(store: CaptureStore) -> None:
    """The bytes of a page are bounded; ``next`` leads to every request all the same."""
    client = client_with(store)
    sent = [put(store, url="http://a.example/" + "\x01x" * 4000) for _ in range(60)]
    seen: list[str] = []
    query = "limit=500"
    while True:
        answer = client.get(f"/live/requests?{query}", headers=BEARER)
        assert len(answer.data) < 2 * MAX_SIZE
        page = answer.get_json()
        seen += ids(page)
        if page["next"] is None:
            break
        query = f"limit=500&before={page['next']}"
    assert sent[::-1] == seen


def test_one_request(store: CaptureStore) -> None:
    """The keys of a listing and the inspection; HEAD has no content."""
    client = client_with(store)
    sent = client.post("/in/orders?a=1", json={"paid": True}).headers["X-Capture-ID"]
    shown = client.get(f"/live/requests/{sent}", headers=BEARER).get_json()
    assert (sent, "orders", {"a": ["1"]}, {"paid": True}) == (
        shown["id"], shown["inbox"], shown["query"], shown["body"]["json"],
    )  # fmt: skip
    head = client.head(f"/live/requests/{sent}", headers=BEARER)
    assert (200, b"") == (head.status_code, head.data)


@pytest.mark.parametrize("form", ["har", "json", "raw", "body", "curl", "httpie", "py", "fetch"])
@pytest.mark.parametrize("body", NASTY_BODIES.values(), ids=list(NASTY_BODIES))
def test_exports_never_run(store: CaptureStore, form: str, body: bytes) -> None:
    """Whatever a sender has written, a browser saves it or shows it as text, in a sandbox."""
    client, sent = client_with(store), put(store, body=body, content_type="text/html")
    answer = client.get(f"/live/requests/{sent}.{form}", headers={**BEARER, "Accept": "*/*"})
    assert 200 == answer.status_code
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    is_text = answer.mimetype == "text/plain"
    assert is_text or answer.headers["Content-Disposition"].startswith(f'attachment; filename="{sent}.')
    assert answer.mimetype in ("text/plain", "application/octet-stream", "application/json")
    if form == "body":
        assert body == answer.data
    if form == "raw":
        assert answer.data.endswith(b"\r\n\r\n" + body)


def test_what_is_too_large_to_show(store: CaptureStore) -> None:
    """A store that was filled under a higher limit: no answer that the loop would have to cut."""
    sent = put(store, body=b"\xff" * 7_000_000, document={"body": None})
    for client, status in ((client_with(store), 413), (client_with(store, body_limit="8000000"), 200)):
        assert status == client.get(f"/live/requests/{sent}.json", headers=BEARER).status_code
        assert 200 == client.get(f"/live/requests/{sent}.body", headers=BEARER).status_code


def test_one_name_for_the_counts() -> None:
    """However many ids are asked for, /metrics has one route for them."""
    assert {"/live"} == {route_of(f"/live{rest}") for rest in ("", "/requests/1.har", "/wait", "/shared/x")}


def test_deleting_one(store: CaptureStore) -> None:
    """Once; then it is not there."""
    client, sent, other = client_with(store), put(store), put(store)
    answers = [client.delete(f"/live/requests/{sent}", headers=BEARER) for _ in range(2)]
    assert [200, 404] == [answer.status_code for answer in answers]
    assert [other] == ids(listed(client))


@pytest.mark.parametrize(
    ("query", "status", "left"),
    [
        ("", 200, 0), ("?inbox=orders", 200, 1), ("?inbox=", 400, 3), ("?inbx=orders", 400, 3),
        ("?x", 400, 3), ("?inbox=orders&inbox=bills", 400, 3), ("?inbox=UPPER", 400, 3),
        ("?inbox=orders&method=GET", 400, 3),
        ("?&", 400, 3), ("?" + "&".join("x" * 1100), 400, 3),
    ],
)  # fmt: skip
def test_deleting_many(store: CaptureStore, query: str, status: int, left: int) -> None:
    """An inbox or everything; what cannot be meant deletes nothing."""
    put(store), put(store), put(store, inbox="bills")
    answer = client_with(store).delete(f"/live/requests{query}", headers=BEARER)
    assert (status, left) == (answer.status_code, store.status().count)
    if status == 200:
        assert {"deleted": 3 - left} == answer.get_json()


def test_a_link_shows_one_request(store: CaptureStore) -> None:
    """Without the code, in every form, and no other request."""
    client, sent, other = client_with(store), put(store), put(store)
    link = client.post(f"/live/requests/{sent}/share", headers=BEARER).get_json()
    token = link["url"].rpartition("/")[2]
    assert f"http://localhost/live/shared/{token}" == link["url"]
    assert sent == client.get(link["url"]).get_json()["id"]
    assert client.get(f"{link['url']}.curl").text.startswith("curl")
    for path in (f"/live/requests/{sent}", f"/live/requests/{sent}.har", "/live/requests"):
        assert 401 == client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code
    swapped = token.replace(sent, other)
    expired = Keys(CODE).share(sent, now=0)
    for bad in (swapped, expired, token[:-1], Keys("another-code").share(sent), sent):
        assert 404 == client.get(f"/live/shared/{bad}").status_code
    store.delete(sent)
    assert 404 == client.get(link["url"]).status_code


def test_comparing_two(store: CaptureStore) -> None:
    """Both summaries and what differs."""
    client = client_with(store)
    one, two = put(store, body=b'{"a": 1}'), put(store, body=b'{"a": 2}')
    found = client.get(f"/live/compare?a={one}&b={two}", headers=BEARER).get_json()
    assert (one, two) == (found["a"]["id"], found["b"]["id"])
    assert [{"path": "$.a", "left": 1, "right": 2}] == found["comparison"]["body"]["differences"]
    assert 404 == client.get(f"/live/compare?a={one}&b={'0' * 32}", headers=BEARER).status_code
    bad = client.get("/live/compare?a=1", headers=BEARER)
    assert (400, True) == (bad.status_code, "a must" in bad.get_json()["message"] and "b must" in bad.text)


def test_inboxes(store: CaptureStore) -> None:
    """Those that hold a request, by name."""
    put(store), put(store, inbox="bills"), put(store)
    found = client_with(store).get("/live/inboxes", headers=BEARER).get_json()["inboxes"]
    assert [("bills", 1), ("orders", 2)] == [(inbox["name"], inbox["count"]) for inbox in found]


def test_rules(store: CaptureStore) -> None:
    """They are set, shown without the secret, and deleted with the inbox."""
    client = client_with(store)
    rules = {"status": 201, "body": "x", "signature": {"scheme": "hmac", "secret": "s3cret"}}
    for answer in (
        client.put("/live/inboxes/orders", json=rules, headers=BEARER),
        client.get("/live/inboxes/orders", headers=BEARER),
    ):
        assert (201, {"scheme": "hmac"}) == (answer.get_json()["status"], answer.get_json()["signature"])
        assert "s3cret" not in answer.text
    assert (201, "x") == ((sent := client.post("/in/orders")).status_code, sent.text)
    assert {"deleted": 1} == client.delete("/live/inboxes/orders", headers=BEARER).get_json()
    assert 200 == client.post("/in/orders").status_code


def test_rules_as_curl_sends_them(store: CaptureStore) -> None:
    """``curl -d`` labels JSON as a form; the rules are read all the same."""
    kind = "application/x-www-form-urlencoded"
    client = client_with(store)
    answer = client.put("/live/inboxes/orders", data=b'{"status": 202}', content_type=kind, headers=BEARER)
    assert (200, 202) == (answer.status_code, answer.get_json()["status"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad_request"), (b"{", "bad_request"), (b"\xff", "bad_request"),
        (b"[" * 100_000, "bad_request"),
        (b"[]", "bad_inbox_rules"), (b'{"status": 1, "delay": -1}', "bad_inbox_rules"),
        (b'{"delay": NaN}', "bad_inbox_rules"), (b"9" * 5000, "bad_request"),
        (b" " * (1024 * 1024 + 1), "body_too_large"),
    ],
)  # fmt: skip
def test_bad_rules(store: CaptureStore, body: bytes, code: str) -> None:
    """They change nothing, and every fault is named."""
    client = client_with(store, body_limit="2000000")
    answer = client.put("/live/inboxes/orders", data=body, headers=BEARER)
    assert code == answer.get_json()["error"]
    assert {"sequence": [], "signature": None} == client.get(
        "/live/inboxes/orders", headers=BEARER
    ).get_json()


def test_rules_of_inboxes_that_may_not_be(store: CaptureStore) -> None:
    """Neither bad names nor those that YOURL_INBOXES does not list."""
    for name, chosen in (("UPPER", {}), ("other", {"inboxes": "orders"})):
        client = client_with(store, **chosen)
        for method in ("GET", "PUT", "DELETE"):
            answer = client.open(f"/live/inboxes/{name}", method=method, json={}, headers=BEARER)
            assert (404, "no_such_inbox") == (answer.status_code, answer.get_json()["error"])


def test_wrong_codes(store: CaptureStore) -> None:
    """After ten of them the right one is not looked at either, and the answer says for how long."""
    client = client_with(store)
    wrong = {"Authorization": "Bearer wrong"}
    assert [401] * Limiter.WRONG_CODES == [
        client.get("/live/requests", headers=wrong).status_code for _ in range(Limiter.WRONG_CODES)
    ]
    blocked = client.get("/live/requests", headers=BEARER)
    assert (429, "300") == (blocked.status_code, blocked.headers["Retry-After"])


class AwayStore(NoStore):
    """A store that cannot be asked."""

    name = "redis"

    def status(self) -> StoreStatus:
        """Away."""
        return StoreStatus("away", "Redis is away.")

    def _fail(self, *arguments: Any) -> Any:
        raise StoreUnavailable("Redis is away.")

    get = find = delete = clear = inboxes = _fail


TARGETS = [
    ("GET", "/live/requests"), ("DELETE", "/live/requests"), ("GET", f"/live/requests/{'0' * 32}"),
    ("DELETE", f"/live/requests/{'0' * 32}"), ("GET", f"/live/requests/{'0' * 32}.har"),
    ("POST", f"/live/requests/{'0' * 32}/share"), ("GET", f"/live/compare?a={'0' * 32}&b={'0' * 32}"),
    ("GET", "/live/inboxes"), ("GET", "/live/inboxes/orders"), ("PUT", "/live/inboxes/orders"),
    ("DELETE", "/live/inboxes/orders"),
    ("GET", f"/live/shared/{Keys(CODE).share('0' * 32)}"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "target"), TARGETS)
def test_a_store_that_is_away(method: str, target: str) -> None:
    """503 with the reason, as JSON."""
    answer = client_with(AwayStore()).open(target, method=method, json={}, headers=BEARER)
    assert (503, "captures_unavailable") == (answer.status_code, answer.get_json()["error"])


@pytest.mark.parametrize(("method", "target"), TARGETS)
def test_a_store_that_is_off(method: str, target: str) -> None:
    """503 with the reason, or 404 for a single request."""
    answer = client_with(NoStore()).open(target, method=method, json={}, headers=BEARER)
    assert answer.status_code == (404 if "0" * 32 in target else 503)


PART = st.text(st.characters(codec="utf-8", exclude_characters="/?#%\\"), min_size=1, max_size=40)
VALUE = st.text(st.characters(codec="ascii", exclude_characters="#"), max_size=30)
NAME = st.sampled_from(
    [
        "inbox",
        "method",
        "status",
        "device",
        "finding",
        "client",
        "since",
        "until",
        "q",
        "after",
        "before",
        "limit",
    ]
)
QUERY = st.dictionaries(NAME, VALUE, max_size=3)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, str]]:
    """A client of an application with one kept request, and its id."""
    store = SqliteStore(tmp_path_factory.mktemp("attacked") / "captures.db", is_durable=False)
    yield client_with(store), put(store)
    store.close()


@settings(deadline=None)
@given(query=QUERY)
def test_any_filter_is_answered(attacked: tuple[FlaskClient, str], query: dict[str, str]) -> None:
    """200 or 400, whatever stands in a filter."""
    for path in ("/live/requests", "/live/compare"):
        answer = attacked[0].get(path, query_string=query, headers=BEARER)
        assert answer.status_code in (200, 400)
        json.loads(answer.data)


@settings(deadline=None)
@given(part=PART | st.from_regex(r"[0-9a-f]{32}", fullmatch=True))
def test_any_id_is_answered(attacked: tuple[FlaskClient, str], part: str) -> None:
    """404 for whatever is no id of a kept request."""
    client, known = attacked
    for path in (f"/live/requests/{part}", f"/live/requests/{part}.har", f"/live/shared/{part}"):
        answer = client.get(path, headers=BEARER)
        assert part == known or answer.status_code == 404


@settings(deadline=None)
@given(code=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=30))
def test_no_other_code_lets_in(code: str) -> None:
    """Whatever is sent as Authorization, nothing but the code is the code."""
    for field in (code, f"Bearer {code}", f"bearer  {code}", f"Basic {code}"):
        answer = client_with(NoStore()).get("/live/inboxes", headers={"Authorization": field})
        assert answer.status_code in ((503,) if code.strip(" ") == CODE else (401, 429))
