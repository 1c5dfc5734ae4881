"""Two instances on one Redis behind HAProxy, one killed: the listing keeps showing all that was answered."""

from __future__ import annotations

import contextlib
import http.client
import os
import sys
import threading
import uuid
from contextlib import ExitStack
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest

from tests.captures.redis_servers import redis_server
from tests.functional.harness import PATIENCE, ROOT, Answer, Server, free_port, request, running, wait_until
from tests.functional.rolling import Entry, balanced

CODE = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {CODE}"}
COMMAND = [sys.executable, "-m", "yourl"]
SENDERS, BEFORE, AFTER = 8, 200, 400
LONG = 120.0
"""Seconds for the whole load, on any machine."""


class Senders:
    """Clients that send through the balancer until they are told to stop. What fails is not counted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._end = threading.Event()
        self._lock = threading.Lock()
        self.answered: set[str] = set()
        """Ids of requests that were answered."""
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End them all."""
        self._end.set()
        for thread in self._threads:
            thread.join(LONG)

    def _send(self) -> None:
        while not self._end.is_set():
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = request(self._port, "/in/orders", method="POST", body=uuid.uuid4().hex.encode())
                if "x-capture-id" in answer.headers:
                    with self._lock:
                        self.answered.add(answer.headers["x-capture-id"])


def listed(port: int, query: str) -> Any:
    """A listing through the balancer; asked for again where an instance has just gone."""

    def ask() -> Answer | None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = request(port, f"/live/requests?{query}", headers=BEARER)
            return answer if answer.status == 200 else None
        return None

    return wait_until(ask, "a listing").json


def all_listed(port: int) -> list[str]:
    """The id of every request, newest first, page by page."""
    found: list[str] = []
    query = "limit=100"
    while True:
        page = listed(port, query)
        found += [kept["id"] for kept in page["requests"]]
        if page["next"] is None:
            return found
        query = f"limit=100&before={page['next']}"


class Follower(threading.Thread):
    """Reads the listing onwards all the time, as the live page does."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._end = threading.Event()
        self.seen: list[str] = []
        self.start()

    def run(self) -> None:
        """Page after page, each after the last one."""
        after = "0" * 32
        while not self._end.wait(0.05):
            page = listed(self._port, f"after={after}&limit=100")
            self.seen += [kept["id"] for kept in page["requests"]]
            after = page["next"]

    def stop(self) -> None:
        """End it."""
        self._end.set()
        self.join(PATIENCE)


def kill(server: Server) -> None:
    """Kill an instance, its workers included, as a machine that fails does."""
    for process in (server.process.pid, *server.children()):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, SIGKILL)
    server.process.wait(PATIENCE)


@pytest.mark.timeout(400)
def test_one_of_two_instances_is_killed(tmp_path: Path) -> None:
    """Every answered request is in the listing once, whichever instance answers, before and after."""
    with ExitStack() as stack:
        store = stack.enter_context(redis_server(tmp_path / "redis"))
        own = {
            "YOURL_ACCESS_CODE": CODE, "YOURL_STORE": store.url, "PYTHONPATH": str(ROOT),
            "YOURL_KEEP": "100000,200MiB",
        }  # fmt: skip
        one, two = (
            stack.enter_context(running(COMMAND, own, cwd=ROOT, port=port))
            for port in (free_port(), free_port())
        )
        entry: Entry = stack.enter_context(balanced([one.port, two.port], tmp_path))
        wait_until(entry.both_up, "both instances up")
        follower, senders = Follower(entry.port), Senders(entry.port)
        wait_until(lambda: len(senders.answered) >= BEFORE, "requests before", LONG)
        kill(one)
        wait_until(lambda: len(senders.answered) >= AFTER, "requests after", LONG)
        senders.stop()
        found = all_listed(entry.port)
        assert senders.answered - set(found) == set()
        assert len(found) == len(set(found))
        wait_until(lambda: set(found) <= set(follower.seen), "the follower to have seen all", LONG)
        follower.stop()
        assert len(follower.seen) == len(set(follower.seen))
