"""Inboxes of real servers: what is kept, what waits, and what is left of it afterwards."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest

from tests.functional.harness import ROOT, Server, running, wait_until

CODE = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {CODE}"}
COMMAND = [sys.executable, "-m", "yourl"]
ENVIRONMENT = {"YOURL_ACCESS_CODE": CODE, "PYTHONPATH": str(ROOT)}


def serving(**settings: str) -> Any:
    """A server from this checkout."""
    own = {f"YOURL_{name.upper()}": text for name, text in settings.items()}
    return running(COMMAND, {**ENVIRONMENT, **own}, cwd=ROOT)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server with usual settings."""
    with serving() as started:
        yield started


def folder_of(server: Server) -> Path | None:
    """The private folder of the server's store, from the files that its workers have open."""
    for worker in server.children():
        for link in Path(f"/proc/{worker}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = link.readlink()
                if target.parent.name.startswith("yourl-captures-"):
                    return target.parent
    return None


def waited(server: Server, target: str, into: list[Any]) -> threading.Thread:
    """Ask in a thread; the answer goes to ``into``."""
    thread = threading.Thread(target=lambda: into.append(server.get(target, headers=BEARER)), daemon=True)
    thread.start()
    return thread


def test_a_program_waits_for_a_request(server: Server) -> None:
    """/live/wait answers as soon as the request is there, whichever worker gets it; once in the log."""
    answers: list[Any] = []
    waiting = [waited(server, "/live/wait?inbox=orders&timeout=60", answers) for _ in range(8)]
    time.sleep(0.3)  # most of them should wait by then; those that do not are answered at once
    sent = server.get("/in/orders", method="POST", body=b"paid")
    for thread in waiting:
        thread.join(50)  # less than they wait
    assert [200] * 8 == [answer.status for answer in answers]
    assert {sent.headers["x-capture-id"]} == {answer.json["id"] for answer in answers}
    assert answers[0].json["body"]["text"] == "paid"
    wait_until(lambda: server.stdout.count("/live/wait?inbox=orders&timeout=60 ") == 8, "a line for each")


def test_none_came(server: Server) -> None:
    """204 when the time is over; the next one counts from the id that is given."""
    assert 204 == server.get("/live/wait?inbox=orders&timeout=0.6", headers=BEARER).status
    first = server.get("/in/orders").headers["x-capture-id"]
    second = server.get("/in/orders").headers["x-capture-id"]
    assert second == server.get("/live/wait?inbox=orders", headers=BEARER).json["id"]
    assert second == server.get(f"/live/wait?inbox=orders&after={first}", headers=BEARER).json["id"]
    assert 204 == server.get(f"/live/wait?after={second}&timeout=0.1", headers=BEARER).status


def test_the_access_code_is_needed(server: Server) -> None:
    """Without it nothing is told; after ten wrong ones the right one is not looked at either."""
    assert 401 == server.get("/live/wait?timeout=0").status
    for _ in range(10):
        assert 401 == server.get("/live/wait", headers={"Authorization": "Bearer wrong-code"}).status
    refused = server.get("/live/wait?timeout=0", headers=BEARER)
    assert (429, "too_many_wrong_codes") == (refused.status, refused.json["error"])


def test_500_delayed_answers_hold_no_thread(server: Server) -> None:
    """While 500 answers are kept back, others are answered; then all of the 500 come, each with its line."""
    request = b"GET /api?delay=4 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    clients = [socket.create_connection(("127.0.0.1", server.port), 30) for _ in range(500)]
    for client in clients:
        client.sendall(request)
    assert server.get("/api").status == 200
    for client in clients:
        client.settimeout(30)
        assert client.recv(12) == b"HTTP/1.1 200"
        client.close()
    wait_until(lambda: server.stdout.count("/api?delay=4") == 500, "500 lines")
    slow = [line for line in server.stdout.splitlines() if "/api?delay=4" in line]
    assert all(float(line.split("ms ")[0].rsplit(" ", 1)[1]) >= 3900 for line in slow)


@pytest.mark.parametrize("worker_class", ["gthread", "sync"])
def test_a_delay_without_our_loop(worker_class: str) -> None:
    """Under Gunicorn's own workers a thread waits."""
    with serving(worker_class=worker_class) as server:
        started = time.monotonic()
        assert 418 == server.get("/in/orders?delay=1&status=418").status
        assert time.monotonic() - started >= 1


@pytest.mark.parametrize("number", [SIGTERM, SIGKILL])
def test_the_private_folder_is_removed(number: Any) -> None:
    """At the end, and when the master was killed."""
    with serving() as server:
        server.get("/in/orders")
        own = folder_of(server)
        assert own is not None
        assert own.stat().st_mode & 0o777 == 0o700
        server.stop(number)
        wait_until(lambda: not own.exists(), "the folder to be removed")


def test_a_file_stays(tmp_path: Path) -> None:
    """sqlite:PATH is there for the next run."""
    path = tmp_path / "kept.db"
    with serving(store=f"sqlite:{path}") as server:
        sent = server.get("/in/orders").headers["x-capture-id"]
        server.stop()
        assert not path.with_name("kept.db-wal").exists()  # it is one file, which may be copied
    with serving(store=f"sqlite:{path}") as server:
        assert sent == server.get("/live/wait?inbox=orders&timeout=0", headers=BEARER).json["id"]


def test_a_file_that_cannot_be_written() -> None:
    """The server serves all the same and says why."""
    with serving(store="sqlite:/proc/none/kept.db") as server:
        answer = server.get("/in/orders")
        assert (200, False) == (answer.status, answer.json["kept"])
        assert "x-capture-id" not in answer.headers
        ready = server.get("/ready")
        assert (200, "off") == (ready.status, ready.json["captures"])
        assert "Requests are not kept: /proc/none/kept.db" in server.stderr


def test_flasks_own_server(tmp_path: Path) -> None:
    """It keeps, and waits in threads."""
    with serving(server="flask") as server:
        answers: list[Any] = []
        waiting = waited(server, "/live/wait?inbox=orders&timeout=60", answers)
        sent = server.get("/in/orders", method="POST", body=b"x")
        waiting.join(50)
        assert sent.headers["x-capture-id"] == answers[0].json["id"]
