"""Browsers at what is kept: signing in and out, cookies, change tokens, forms, and the device policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.captures.samples import PATIENT, capture_of
from tests.devices import user_agents
from tests.views.test_live import BEARER, CODE, AwayStore, client_with, put
from yourl.captures.access import Keys, Limiter
from yourl.captures.bounds import Bounds
from yourl.captures.rules import parse_rules
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore, NoStore
from yourl.views.live.signing import safe_next

PC = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.PC}
WATCH = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.WATCH}
PROXY = {"trusted_proxies": "loopback"}
TLS = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "shop.example"}


def sign_in(client: FlaskClient, code: str = CODE, **more: Any) -> TestResponse:
    """The answer to the form of the sign-in page."""
    return client.post("/live/sign-in", data={"access_code": code, **more}, headers=PC)


def signed_in(store: CaptureStore, **chosen: str) -> FlaskClient:
    """A client with a session, whose cookies it keeps as a browser does."""
    client = client_with(store, **chosen)
    assert 303 == sign_in(client).status_code
    return client


def send(client: FlaskClient, body: bytes = b"{}", inbox: str = "orders") -> str:
    """The id of a request that was just sent to an inbox."""
    return client.post(f"/in/{inbox}", data=body).headers["X-Capture-ID"]


def without_cookies(store: CaptureStore, **chosen: str) -> FlaskClient:
    """A client that sends the Cookie field of the test alone."""
    return client_with(store, **chosen).application.test_client(use_cookies=False)


def token_on(page: TestResponse) -> str:
    """The change token in the forms of a page."""
    found = re.search(r'name="change_token" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


def test_the_form_in_place_of_a_page(store: CaptureStore) -> None:
    """A browser without a session gets the form, with the address that it asked for; a program gets 401."""
    client, sent = client_with(store), put(store)
    for path in ("/live?inbox=orders", f"/live/requests/{sent}", "/live/inboxes/orders"):
        page = client.get(path, headers=PC)
        assert (200, "text/html") == (page.status_code, page.mimetype)
        assert 'name="access_code"' in page.text
        assert f'value="{path}"' in page.text
        assert "Set-Cookie" not in page.headers
        assert 401 == client.get(path).status_code
    assert 200 == client.head("/live", headers=PC).status_code


def test_signing_in(store: CaptureStore) -> None:
    """The right code begins a session; the cookie is for the live pages alone, and no script reads it."""
    client = client_with(store)
    answer = sign_in(client, next="/live?inbox=orders")
    assert (303, "/live?inbox=orders") == (answer.status_code, answer.headers["Location"])
    name, attributes = answer.headers["Set-Cookie"].split("=", 1)
    assert "yourl-live" == name
    assert ["HttpOnly", "Max-Age=43200", "Path=/live", "SameSite=Lax"] == sorted(attributes.split("; ")[1:])
    assert "requests" in client.get("/live").get_json()
    assert 204 == client.get("/live/wait?timeout=0&inbox=none").status_code
    assert "yourl-live" not in client.get("/api").text


def test_a_wrong_code(store: CaptureStore) -> None:
    """The form again, with the reason; after too many, by form, link and header, the client has to wait."""
    client = client_with(store)
    for attempt in range(Limiter.WRONG_CODES):
        if attempt % 3 == 0:
            answer = sign_in(client, "wrong")
        elif attempt % 3 == 1:
            answer = client.get("/live?access_code=wrong", headers=PC)
        else:
            answer = client.get("/live", headers={"Authorization": "Bearer wrong"})
        assert (401, None) == (answer.status_code, answer.headers.get("Set-Cookie"))
    link = client.get(f"/live?access_code={CODE}", headers=PC)
    for answer in (sign_in(client), link, client.get("/live", headers=BEARER)):
        assert (429, "300") == (answer.status_code, answer.headers["Retry-After"])
        assert "Set-Cookie" not in answer.headers


def test_no_code_is_no_attempt(store: CaptureStore) -> None:
    """An empty form is refused and not counted."""
    client = client_with(store)
    for _ in range(Limiter.WRONG_CODES + 1):
        assert 401 == sign_in(client, "").status_code
    assert 303 == sign_in(client).status_code


def test_sessions_go_on_while_codes_are_refused(store: CaptureStore) -> None:
    """Somebody who tries codes shuts nobody out who has signed in."""
    client = signed_in(store)
    for _ in range(Limiter.WRONG_CODES):
        sign_in(client, "wrong")
    assert 429 == sign_in(client).status_code
    assert 200 == client.get("/live").status_code


@pytest.mark.parametrize(
    ("query", "location"),
    [
        (f"access_code={CODE}", "/live"),
        (f"inbox=orders&access_code={CODE}&q=a%20b", "/live?inbox=orders&q=a%20b"),
        (f"access%5Fcode={CODE}&x", "/live?x"),
        (f"access_code={CODE}&access_code=other", "/live"),
    ],
)
def test_the_link(store: CaptureStore, query: str, location: str) -> None:
    """The link of the start signs in and leads to the same address without the code."""
    client = client_with(store)
    answer = client.get(f"/live?{query}", headers=PC)
    assert (303, location) == (answer.status_code, answer.headers["Location"])
    assert 200 == client.get(location).status_code


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_tries_codes(store: CaptureStore, site: str) -> None:
    """Its attempts in a visitor's browser are refused and not counted; a link on it still signs in."""
    client = client_with(store)
    for _ in range(Limiter.WRONG_CODES):
        form = {**PC, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "empty"}
        assert 403 == client.post("/live/sign-in", data={"access_code": "wrong"}, headers=form).status_code
        for destination in ("image", "iframe", "script", "empty"):
            inside = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": destination}
            assert 403 == client.get("/live?access_code=wrong", headers=inside).status_code
    link = {**PC, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert 303 == client.get(f"/live?access_code={CODE}", headers=link).status_code
    own = {**PC, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}
    assert 303 == client.post("/live/sign-in", data={"access_code": CODE}, headers=own).status_code


def test_a_wrong_link(store: CaptureStore) -> None:
    """The form does not carry the wrong code on."""
    page = client_with(store).get("/live?access_code=wr0ng&inbox=orders", headers=PC)
    assert (401, False) == (page.status_code, "wr0ng" in page.text)
    assert 'value="/live?inbox=orders"' in page.text
    assert 401 == client_with(store).get("/live?access_code=wr0ng").status_code


def test_behind_tls_and_a_prefix(store: CaptureStore) -> None:
    """Where the scheme is https, as decided, the cookie is Secure; path and addresses have the prefix."""
    client = client_with(store, **PROXY)
    headers = {**PC, **TLS, "X-Forwarded-Prefix": "/tools"}
    answer = client.post("/live/sign-in", data={"access_code": CODE, "next": "/live?q=x"}, headers=headers)
    assert "/tools/live?q=x" == answer.headers["Location"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-yourl-live=")
    assert "; Path=/tools/live; " in cookie
    assert {"SameSite=Lax", "Secure", "HttpOnly"} < set(cookie.split("; "))
    client = without_cookies(store, **PROXY)
    own = {**headers, "Cookie": cookie.partition(";")[0]}
    assert 'action="/tools/live' in client.get("/live", headers=own).text
    link = client.post(
        f"/live/requests/{put(store)}/share", headers={**BEARER, **TLS, "X-Forwarded-Prefix": "/t"}
    )
    assert link.get_json()["url"].startswith("https://shop.example/t/live/shared/")
    plain = {**PC, "Cookie": cookie.partition(";")[0]}
    assert 'name="access_code"' in client.get("/live", headers=plain).text


@pytest.mark.parametrize("prefix", ["/a;b", "/a%20b", "/a,b", "/é"])
def test_odd_prefixes(store: CaptureStore, prefix: str) -> None:
    """A prefix that cannot stand in a cookie adds nothing to it."""
    headers = {**PC, "X-Forwarded-Prefix": prefix}
    answer = client_with(store, **PROXY).post("/live/sign-in", data={"access_code": CODE}, headers=headers)
    assert 303 == answer.status_code
    attributes = sorted(answer.headers["Set-Cookie"].split("; ")[1:])
    assert ["HttpOnly", "Max-Age=43200", "SameSite=Lax"] == [*attributes[:2], *attributes[3:]]
    assert attributes[2] in ("Path=/", "Path=/live")


def test_a_new_code_ends_sessions(store: CaptureStore) -> None:
    """A session belongs to the code that began it."""
    client = signed_in(store)
    headers = copied_cookie(client)
    assert 200 == without_cookies(store).get("/live", headers=headers).status_code
    assert 401 == without_cookies(store, access_code="another-code").get("/live", headers=headers).status_code


def copied_cookie(client: FlaskClient) -> dict[str, str]:
    """The Cookie field with the session of a client."""
    cookie = client.get_cookie("yourl-live", path="/live")
    assert cookie is not None
    return {"Cookie": f"yourl-live={cookie.value}"}


def test_signing_out(store: CaptureStore) -> None:
    """The browser forgets the session."""
    client = signed_in(store)
    token = token_on(client.get("/live", headers=PC))
    assert 303 == client.post("/live/sign-out", data={"change_token": token}, headers=PC).status_code
    assert 401 == client.get("/live").status_code


def test_signing_out_ends_copies_of_the_cookie(store: CaptureStore) -> None:
    """Another worker refuses a copied cookie and its change token; other sessions go on."""
    client, other = signed_in(store), signed_in(store)
    copied, token = copied_cookie(client), token_on(client.get("/live", headers=PC))
    worker = without_cookies(store)
    assert 200 == worker.get("/live/requests", headers=copied).status_code
    client.post("/live/sign-out", data={"change_token": token}, headers=PC)
    for path in ("/live", "/live/requests", "/live/wait?timeout=0", "/live/inboxes/orders"):
        assert 401 == worker.get(path, headers=copied).status_code, path
    changed = {**copied, "X-Change-Token": token}
    assert 401 == worker.delete("/live/requests", headers=changed).status_code
    assert "access_code" in worker.get("/live", headers={**PC, **copied}).text
    assert 200 == worker.get("/live/requests", headers=copied_cookie(other)).status_code


def test_signing_out_while_the_store_is_away() -> None:
    """It is answered, and the process that answered it refuses the cookie from then on."""
    client = signed_in(AwayStore())
    copied, token = copied_cookie(client), token_on(client.get("/live", headers=PC))
    assert 303 == client.post("/live/sign-out", data={"change_token": token}, headers=PC).status_code
    same_worker = client.application.test_client(use_cookies=False)
    assert 401 == same_worker.get("/live/requests", headers=copied).status_code


CHANGES = [
    ("POST", "/live/requests/{id}/delete", {}), ("POST", "/live/delete", {"inbox": ""}),
    ("POST", "/live/delete", {"inbox": "orders"}), ("POST", "/live/inboxes/orders", {"status": "503"}),
    ("POST", "/live/requests/{id}/share", {}), ("DELETE", "/live/requests/{id}", {}),
    ("DELETE", "/live/requests", {}), ("DELETE", "/live/inboxes/orders", {}), ("POST", "/live/sign-out", {}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "fields"), CHANGES)
def test_a_change_needs_the_token(
    store: CaptureStore, method: str, path: str, fields: dict[str, str]
) -> None:
    """By a session, in the form or in the header field; the token of another session is none."""
    client, other = signed_in(store), signed_in(store)
    sent = send(client)
    target, token = path.format(id=sent), token_on(client.get("/live", headers=PC))
    for bad in (
        "",
        "x",
        "é",
        "\ud800".encode("utf-8", "replace").decode(),
        token_on(other.get("/live", headers=PC)),
    ):
        answer = client.open(target, method=method, data={**fields, "change_token": bad})
        assert (403, "change_token_wrong") == (answer.status_code, answer.get_json()["error"])
    assert (
        403
        == client.open(target, method=method, data=fields, query_string={"change_token": token}).status_code
    )
    assert 1 == store.status().count
    assert parse_rules({}) == store.rules_of("orders")
    if method == "POST":
        answer = client.open(target, method=method, data={**fields, "change_token": token}, headers=PC)
    else:
        answer = client.open(target, method=method, headers={"X-Change-Token": token})
    assert answer.status_code in (200, 303)


def test_changes_without_a_session(store: CaptureStore) -> None:
    """A browser gets the form and the reason, and nothing changes; the code itself needs no token."""
    client, sent = client_with(store), put(store)
    page = client.post(f"/live/requests/{sent}/delete", headers=PC)
    assert (401, True) == (page.status_code, "session has ended" in page.text)
    assert 1 == store.status().count
    assert 303 == client.post(f"/live/requests/{sent}/delete", headers=BEARER).status_code
    assert 0 == store.status().count


def test_a_wrong_code_beside_a_session(store: CaptureStore) -> None:
    """A header field with a code counts alone."""
    client = signed_in(store)
    assert 401 == client.get("/live", headers={"Authorization": "Bearer wrong"}).status_code
    assert 200 == client.get("/live", headers={"Authorization": "Basic dTpw"}).status_code


def test_forms_that_delete(store: CaptureStore) -> None:
    """One, an inbox, all; then back to where the form says, within the live pages."""
    client = signed_in(store)
    one, _, _, _ = put(store), put(store), put(store, inbox="bills"), put(store, inbox="rest")
    token = {"change_token": token_on(client.get("/live", headers=PC))}
    back = client.post(
        f"/live/requests/{one}/delete", data={**token, "next": "/live?inbox=orders"}, headers=PC
    )
    assert (303, "/live?inbox=orders") == (back.status_code, back.headers["Location"])
    assert 3 == store.status().count
    assert 303 == client.post(f"/live/requests/{one}/delete", data=token, headers=PC).status_code
    assert 400 == client.post("/live/delete", data=token, headers=PC).status_code
    assert 400 == client.post("/live/delete", data={**token, "inbox": "UPPER"}, headers=PC).status_code
    assert 3 == store.status().count
    assert 303 == client.post("/live/delete", data={**token, "inbox": "bills"}, headers=PC).status_code
    assert 2 == store.status().count
    evil = client.post("/live/delete", data={**token, "inbox": "", "next": "//evil.example"}, headers=PC)
    assert ("/live", 0) == (evil.headers["Location"], store.status().count)


def test_the_form_of_an_inbox(store: CaptureStore) -> None:
    """The fields become rules; an empty secret keeps the one that is set, which no page shows."""
    client = signed_in(store)
    token = {"change_token": token_on(client.get("/live/inboxes/orders", headers=PC))}
    fields = {
        "status": "202", "delay": "0.5", "headers": "X-A: 1\r\nX-A: 2\r\nX-B: b: c", "body": "a\r\nb",
        "sequence": '500\r\n503 2\r\n{"status": 404, "body": "x"}', "scheme": "hmac", "secret": "s3cret",
        "header": "X-Mac",
    }  # fmt: skip
    answer = client.post("/live/inboxes/orders", data={**token, **fields}, headers=PC)
    assert (303, "/live/inboxes/orders?saved=1") == (answer.status_code, answer.headers["Location"])
    expected = {
        "status": 202, "delay": 0.5, "headers": {"X-A": ["1", "2"], "X-B": "b: c"}, "body": "a\nb",
        "sequence": [{"status": 500}, {"status": 503, "delay": 2}, {"status": 404, "body": "x"}],
        "signature": {"scheme": "hmac", "secret": "s3cret", "header": "X-Mac"},
    }  # fmt: skip
    assert parse_rules(expected) == store.rules_of("orders")
    assert "s3cret" not in client.get("/live/inboxes/orders?saved=1", headers=PC).text
    client.post("/live/inboxes/orders", data={**token, "scheme": "hmac", "secret": ""}, headers=PC)
    assert parse_rules({"signature": {"scheme": "hmac", "secret": "s3cret"}}) == store.rules_of("orders")
    answer = client.post("/live/inboxes/orders", data={**token, "scheme": "github", "secret": ""}, headers=PC)
    assert (400, True) == (answer.status_code, "signature.secret" in answer.text)
    client.post("/live/inboxes/orders", data=token, headers=PC)
    assert parse_rules({}) == store.rules_of("orders")


def test_too_many_inboxes_with_rules_in_the_form(tmp_path: Path) -> None:
    """The page says so, with what was sent still in the form."""
    store = SqliteStore(tmp_path / "captures.db", Bounds(inboxes=1), time_limits=PATIENT)
    client = signed_in(store)
    token = {"change_token": token_on(client.get("/live/inboxes/one", headers=PC))}
    assert 303 == client.post("/live/inboxes/one", data={**token, "body": "a"}, headers=PC).status_code
    page = client.post("/live/inboxes/two", data={**token, "body": "kept text"}, headers=PC)
    assert (409, True) == (page.status_code, "kept text" in page.text)
    assert "As many inboxes have rules as may have some (1)." in page.text
    store.close()


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"status": "99"}, "status"), ({"status": "0"}, "status"), ({"status": "abc"}, "status"),
        ({"delay": "31"}, "delay"), ({"delay": "-1"}, "delay"), ({"headers": "no colon"}, "Line 1"),
        ({"headers": "Set-Cookie: a=b"}, "Set-Cookie"), ({"headers": "\n".join(["a: b"] * 33)}, "headers"),
        ({"sequence": "500 1 2"}, "Line 1"), ({"sequence": "200\n{"}, "Line 2"),
        ({"sequence": "{}\n[]"}, "status"),
        ({"sequence": "\n".join(["500"] * 101)}, "sequence"), ({"sequence": '{"x": 1}'}, "sequence[0]"),
        ({"scheme": "none", "secret": "x"}, "signature.scheme"), ({"body": "x" * 65537}, "body"),
        ({"status": "<script>alert(1)</script>"}, "status"),
    ],
)  # fmt: skip
def test_faults_in_the_form_of_an_inbox(store: CaptureStore, fields: dict[str, str], fault: str) -> None:
    """They are named above the form, which has what was sent; nothing changes."""
    client = signed_in(store)
    token = {"change_token": token_on(client.get("/live/inboxes/orders", headers=PC))}
    page = client.post("/live/inboxes/orders", data={**token, **fields}, headers=PC)
    assert (400, True) == (page.status_code, fault in page.text)
    assert "<script>alert" not in page.text
    assert parse_rules({}) == store.rules_of("orders")
    program = client.post("/live/inboxes/orders", data={**token, **fields})
    assert (400, "bad_inbox_rules") == (program.status_code, program.get_json()["error"])


@pytest.mark.parametrize("body", [b"a=1&" * 1100, b"a=" + b"x" * 300_000, b"\xff\xfe", b"%", b"=", b""])
def test_forms_are_bounded(store: CaptureStore, body: bytes) -> None:
    """Whatever is sent in place of a form changes nothing and is answered."""
    client, _ = signed_in(store), put(store)
    kind = "application/x-www-form-urlencoded"
    for path in ("/live/delete", "/live/inboxes/orders", "/live/sign-in"):
        assert client.post(path, data=body, content_type=kind).status_code in (400, 401, 403, 413)
    assert 1 == store.status().count


def test_pages(store: CaptureStore) -> None:
    """List, request, comparison, shared request: pages for a browser, and JSON for a program."""
    client = signed_in(store)
    one, two = send(client, b"<script>alert(1)</script>"), send(client)
    token = Keys(CODE).share(one)
    for path in (
        "/live", "/live?inbox=orders&limit=1", f"/live/requests/{one}", f"/live/compare?a={one}&b={two}",
        f"/live/shared/{token}", "/live/inboxes/orders",
    ):  # fmt: skip
        page = client.get(path, headers=PC)
        assert (200, "text/html") == (page.status_code, page.mimetype), path
        assert "<script>alert" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "application/json" == client.get(path).mimetype
    share = client.post(
        f"/live/requests/{one}/share",
        data={"change_token": token_on(client.get("/live", headers=PC))},
        headers=PC,
    )
    assert (200, True) == (share.status_code, "/live/shared/" in share.text)
    shown = client.get(f"/live/shared/{token}", headers=PC).text
    assert two not in shown
    assert "change_token" not in shown


def test_neighbours(store: CaptureStore) -> None:
    """The page of a request leads to the next older and newer ones of its inbox."""
    client = signed_in(store)
    sent = [send(client, inbox=inbox) for inbox in ("orders", "other", "orders", "orders")]
    page = client.get(f"/live/requests/{sent[2]}", headers=PC).text
    assert (True, True, False) == (sent[0] in page, sent[3] in page, sent[1] in page)


def test_the_overview(store: CaptureStore) -> None:
    """The newest of them, the inboxes, both charts and the store."""
    for number in range(7):
        put(store, device_type="phone" if number < 3 else "pc", inbox="orders" if number else "bills")
    found = client_with(store).get("/live?limit=2", headers=BEARER).get_json()
    assert (2, True) == (len(found["requests"]), found["next"] is not None)
    assert {"phone": 3, "pc": 4} == found["devices"]
    assert 7 == sum(span["count"] for span in found["over_time"])
    assert ["bills", "orders"] == [inbox["name"] for inbox in found["inboxes"]]
    assert ("sqlite", "ok", 7) == tuple(found["store"][name] for name in ("name", "state", "count"))
    rest = client_with(store).get(f"/live?before={found['next']}", headers=BEARER).get_json()
    assert (5, None) == (len(rest["requests"]), rest["next"])


@pytest.mark.parametrize(
    ("kept_in", "reason"), [(AwayStore(), "Redis is away."), (NoStore("No folder."), "No folder.")]
)
def test_the_page_says_why_it_is_empty(kept_in: CaptureStore, reason: str) -> None:
    """A page with the reason; a program gets 503."""
    client = signed_in(kept_in)
    page = client.get("/live", headers=PC)
    assert (200, True) == (page.status_code, reason in page.text)
    assert 503 == client.get("/live").status_code


def test_bad_filters_on_the_page(store: CaptureStore) -> None:
    """400, with every fault, and the filters as they were given."""
    page = signed_in(store).get("/live?status=9&q=%22%3E%3Cscript%3Ealert(1)&limit=0", headers=PC)
    assert (400, True, True) == (
        page.status_code,
        "status must be" in page.text,
        "limit must be" in page.text,
    )
    assert "<script>alert" not in page.text


def test_a_watch_is_refused(store: CaptureStore) -> None:
    """On every page, the form and shared requests included; a program with the code is not asked."""
    client, sent = signed_in(store), put(store)
    token = Keys(CODE).share(sent)
    for path in ("/live", f"/live/requests/{sent}", f"/live/shared/{token}", f"/live?access_code={CODE}"):
        answer = client.get(path, headers=WATCH)
        assert (403, "text/html") == (answer.status_code, answer.mimetype)
    assert 403 == client.post("/live/sign-in", data={"access_code": CODE}, headers=WATCH).status_code
    program = {**BEARER, "User-Agent": user_agents.WATCH}
    assert 200 == client.get(f"/live/requests/{sent}", headers=program).status_code
    assert 200 == signed_in(store, guard="off").get("/live", headers=WATCH).status_code


def test_forged_cookies(store: CaptureStore) -> None:
    """Nothing but a signed value that has not expired is a session; another cookie beside it does no harm."""
    client = without_cookies(store)
    good = Keys(CODE).new_session()
    bad = [
        "", ".", "..", good[:-1], good + "x", good.upper(), Keys("other").new_session(),
        Keys(CODE).new_session(0), Keys(CODE).share("0" * 32), "a.9999999999.x", "x" * 4000,
    ]  # fmt: skip
    for value in bad:
        assert 401 == client.get("/live", headers={"Cookie": f"yourl-live={value}"}).status_code
    for before, after in (("", ""), ("a=b; ", "; c"), ("yourl-live=x; ", ""), (";;", ";")):
        cookie = f"{before}yourl-live={good}{after}"
        assert 200 == client.get("/live", headers={"Cookie": cookie}).status_code
    assert 401 == client.get("/live", headers={"Cookie": f"__Secure-yourl-live={good}"}).status_code


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["//", "/\\", "\\\\", "http:", "https://", "javascript:", "/live/..", "/live//", "\t", "\r\n"]
    ).flatmap(lambda start: st.text(max_size=20).map(lambda rest: start + rest)),
    st.text(st.sampled_from("/\\.:@%?#0d1liveb\t\n ~"), max_size=40).map(lambda rest: f"/live{rest}"),
)  # fmt: skip


@settings(deadline=None, max_examples=500)
@given(wanted=HOSTILE)
@example("//evil.example")
@example("/\\evil.example")
@example("/live/../../evil")
@example("/live\n/x")
@example("/live/%2e%2e/x")
@example("/live?next=//evil.example")
@example("/livestock")
@example("/live@evil.example")
def test_next_stays_here(wanted: str) -> None:
    """Whatever a form names, the browser stays on this server and at the live pages."""
    chosen = safe_next(wanted)
    assert chosen.isascii()
    assert chosen.isprintable()
    assert "\\" not in chosen
    # A browser takes a backslash for a slash (WHATWG URL standard); there is none any more.
    resolved = urlsplit(urljoin("https://here.example/live/sign-in", chosen))
    assert ("https", "here.example") == (resolved.scheme, resolved.netloc)
    assert resolved.path == "/live" or resolved.path.startswith("/live/")
    assert chosen in (wanted, "/live")


@settings(deadline=None)
@given(
    cookie=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=80),
    token=st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=40),
)
def test_any_cookie_is_answered(cookie: str, token: str) -> None:
    """401 for whatever is no session."""
    headers = {"Cookie": f"yourl-live={cookie}", "X-Change-Token": token}
    client = without_cookies(NoStore())
    assert 401 == client.get("/live", headers=headers).status_code
    assert 401 == client.delete("/live/requests", headers=headers).status_code


def test_search_results_have_no_charts_of_others(store: CaptureStore) -> None:
    """The charts tell of what matches."""
    put(store, body=b"needle"), put(store)
    found = client_with(store).get("/live?q=needle", headers=BEARER).get_json()
    assert 1 == sum(span["count"] for span in found["over_time"])
    assert capture_of().summary.device_type in found["devices"]


FIELDS = st.dictionaries(
    st.sampled_from(
        ["status", "delay", "headers", "body", "sequence", "scheme", "secret", "header", "inbox", "next"]
    ),
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            ['{"status": 1e999}', '{"headers": {"": []}}', "[[[", "NaN", "1e5", "A: b\nA", "hmac", "200 NaN"]
        ),
    ),
    max_size=6,
)  # fmt: skip


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FlaskClient, CaptureStore]]:
    """A client of an application with a store of its own."""
    made = SqliteStore(tmp_path_factory.mktemp("attacked") / "captures.db", is_durable=False)
    yield client_with(made), made
    made.close()


@settings(deadline=None)
@given(fields=FIELDS)
def test_any_form_is_answered(attacked: tuple[FlaskClient, CaptureStore], fields: dict[str, str]) -> None:
    """303 or 400, and what is set afterwards can be answered by."""
    client, store = attacked
    for path in ("/live/inboxes/orders", "/live/delete"):
        for headers in (BEARER, {**BEARER, **PC}):
            answer = client.post(path, data=fields, headers=headers)
            assert answer.status_code in (303, 400)
            if answer.status_code == 303:
                assert answer.headers["Location"].startswith("/live")
    assert 200 <= store.rules_of("orders").answer_at(0).status <= 599


@settings(deadline=None)
@given(body=st.binary(max_size=200))
def test_any_bytes_are_answered(attacked: tuple[FlaskClient, CaptureStore], body: bytes) -> None:
    """A form or JSON that is none is refused."""
    client, _ = attacked
    kind = "application/x-www-form-urlencoded"
    for path in ("/live/sign-in", "/live/inboxes/orders", "/live/delete"):
        assert client.post(path, data=body, content_type=kind, headers=BEARER).status_code < 500
    for content_type in (kind, "application/json", "multipart/form-data; boundary=x"):
        answer = client.put("/live/inboxes/orders", data=body, content_type=content_type, headers=BEARER)
        assert answer.status_code in (200, 400)
