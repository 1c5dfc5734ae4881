"""What is kept, asked of a real server: sessions that every worker knows, logs without secrets, downloads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.devices import user_agents
from tests.functional.harness import ROOT, Answer, Server, running, wait_until

CODE = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {CODE}"}
BROWSER = {"Accept": user_agents.BROWSER_ACCEPT, "User-Agent": user_agents.PC}
FORM = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
COMMAND = [sys.executable, "-m", "yourl"]


@pytest.fixture(params=["gunicorn", "flask"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server from this checkout, with two workers where there are any."""
    own = {"YOURL_ACCESS_CODE": CODE, "PYTHONPATH": str(ROOT)}
    with running([*COMMAND, "--server", request.param], own, cwd=ROOT) as started:
        yield started


def send(server: Server, body: bytes = b'{"paid": true}', **more: Any) -> str:
    """The id of a request that was just sent."""
    return server.get("/in/orders", method="POST", body=body, **more).headers["x-capture-id"]


def cookie_of(answer: Answer) -> dict[str, str]:
    """The header field by which a browser keeps its session."""
    assert answer.status == 303
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


def test_a_session(server: Server) -> None:
    """The link of the start signs in; every worker knows the session; the log has neither code nor token."""
    link = server.get(f"/live?access_code={CODE}&inbox=orders", headers=BROWSER)
    assert link.headers["location"] == "/live?inbox=orders"
    session = cookie_of(link)
    sent = send(server)
    for _ in range(12):
        assert [sent] == [
            kept["id"] for kept in server.get("/live/requests", headers=session).json["requests"]
        ]
    assert sent in server.get("/live?inbox=orders", headers={**BROWSER, **session}).text
    assert sent == server.get("/live/wait?inbox=orders&timeout=0", headers=session).json["id"]
    shared = server.get(f"/live/requests/{sent}/share", method="POST", headers=BEARER).json["url"]
    token = urlsplit(shared).path.rpartition("/")[2]
    assert sent == server.get(f"/live/shared/{token}").json["id"]
    wait_until(lambda: "/live/shared/" in server.stdout, "the line of the access log")
    assert "/live?access_code=********&inbox=orders" in server.stdout
    assert CODE not in server.stdout + server.stderr
    assert token not in server.stdout + server.stderr


def test_a_form(server: Server) -> None:
    """A browser without a script signs in, deletes and is led back."""
    sent = send(server)
    session = cookie_of(
        server.get("/live/sign-in", method="POST", headers=FORM, body=f"access_code={CODE}".encode())
    )
    page = server.get("/live", headers={**BROWSER, **session}).text
    token = page.partition('name="change_token" value="')[2].partition('"')[0]
    refused = server.get(
        f"/live/requests/{sent}/delete", method="POST", headers={**FORM, **session}, body=b""
    )
    assert refused.status == 403
    done = server.get(
        f"/live/requests/{sent}/delete", method="POST", headers={**FORM, **session},
        body=f"change_token={token}".encode(),
    )  # fmt: skip
    assert (303, "/live") == (done.status, done.headers["location"])
    assert 404 == server.get(f"/live/requests/{sent}", headers=session).status


def test_downloads(server: Server) -> None:
    """A request comes back byte for byte, in a head that keeps browsers from running it."""
    body = b"<script>alert(1)</script>\xff\x00\r\n"
    sent = send(server, body, headers={"Content-Type": "text/html", "X-Own": "1"})
    raw = server.get(f"/live/requests/{sent}.raw", headers=BEARER)
    assert raw.body.startswith(b"POST /in/orders HTTP/1.1\r\n")
    assert b"\r\nX-Own: 1\r\n" in raw.body
    assert raw.body.endswith(b"\r\n\r\n" + body)
    assert body == server.get(f"/live/requests/{sent}.body", headers=BEARER).body
    assert raw.headers["content-security-policy"].startswith("sandbox;")
    assert raw.headers["content-disposition"].startswith("attachment")
    head = server.get(f"/live/requests/{sent}.body", method="HEAD", headers=BEARER)
    assert (200, b"", str(len(body))) == (head.status, head.body, head.headers["content-length"])


def test_rules_reach_every_worker(server: Server) -> None:
    """What is set at one worker is answered by all, after the answer to PUT at the latest."""
    for status in (201, 202, 203):
        rules = f'{{"status": {status}}}'.encode()
        assert 200 == server.get("/live/inboxes/orders", method="PUT", headers=BEARER, body=rules).status
        assert {status} == {server.get("/in/orders").status for _ in range(12)}
