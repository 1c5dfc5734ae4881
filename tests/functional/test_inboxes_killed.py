"""No answered request is lost or doubled: workers killed, stores away, disks full, two instances."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.captures.redis_servers import redis_cluster, redis_server
from tests.captures.samples import PATIENT
from tests.functional.harness import ROOT, Server, require_program, running, wait_until
from yourl.captures.model import MAX_LIMIT, Query
from yourl.captures.redis.store import RedisStore
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore

CODE = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {CODE}"}
COMMAND = [sys.executable, "-m", "yourl"]
ENVIRONMENT = {"YOURL_ACCESS_CODE": CODE, "PYTHONPATH": str(ROOT), "WEB_CONCURRENCY": "3"}
CLIENTS, REQUESTS = 50, 2000


@contextmanager
def sqlite(folder: Path) -> Iterator[tuple[str, Callable[[], CaptureStore]]]:
    """The setting, and the same store opened by the test."""
    path = folder / "kept.db"
    yield f"sqlite:{path}", lambda: SqliteStore(path, time_limits=PATIENT)


@contextmanager
def redis(folder: Path) -> Iterator[tuple[str, Callable[[], CaptureStore]]]:
    """The same in one Redis."""
    with redis_server(folder / "redis") as server:
        yield server.url, lambda: RedisStore(server.url, time_limits=PATIENT)


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, Callable[[], CaptureStore]]]:
    """The same in a Redis Cluster of three nodes."""
    with redis_cluster(folder / "cluster") as servers:
        yield servers[0].url, lambda: RedisStore(servers[0].url, time_limits=PATIENT)


def serving(store: str, **settings: str) -> object:
    """A server from this checkout that keeps in this store."""
    own = {f"YOURL_{name.upper()}": text for name, text in settings.items()}
    return running(COMMAND, {**ENVIRONMENT, "YOURL_STORE": store, **own}, cwd=ROOT)


def serving_alone(store: str) -> AbstractContextManager[Server]:
    """The same with one worker, so that what one request finds out holds for the next."""
    command = {**ENVIRONMENT, "YOURL_STORE": store, "WEB_CONCURRENCY": "1"}
    return running(COMMAND, command, cwd=ROOT)


class Senders:
    """Clients that send requests, each attempt with a body of its own, until enough were answered."""

    def __init__(self, port: int, wanted: int) -> None:
        self._port = port
        self._wanted = wanted
        self._lock = threading.Lock()
        self.answered: dict[str, str] = {}
        """Body -> id."""
        self.threads = [threading.Thread(target=self._send, args=(n,), daemon=True) for n in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    @property
    def are_busy(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def _send(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        with contextlib.closing(connection):
            while len(self.answered) < self._wanted:
                self._send_one(connection, number)

    def _send_one(self, connection: http.client.HTTPConnection, number: int) -> None:
        body = uuid.uuid4().hex
        try:
            connection.request("POST", f"/in/box-{number % 7}", body=body.encode())
            with contextlib.closing(connection.getresponse()) as response:
                response.read()
        except (OSError, http.client.HTTPException):
            connection.close()  # the next request opens it again
            return
        with self._lock:
            if response.status == 200 and response.getheader("X-Capture-ID"):
                self.answered[body] = str(response.getheader("X-Capture-ID"))


def bodies_in(store: CaptureStore) -> Counter[str]:
    """How often each body is kept."""
    found: Counter[str] = Counter()
    query = Query(limit=MAX_LIMIT)
    while True:
        page = store.find(query)
        for summary in page.requests:
            capture = store.get(summary.id)
            assert capture is not None
            found[capture.body.decode()] += 1
        if page.next is None:
            return found
        query = Query(limit=MAX_LIMIT, before=page.next)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("kind", [sqlite, redis, cluster], ids=["sqlite", "redis", "cluster"])
def test_every_answered_request_is_kept_once(kind: Callable[[Path], object], tmp_path: Path) -> None:
    """2,000 requests of 50 clients while workers are killed: each that was answered is in the store, once."""
    with ExitStack() as stack:
        setting, opened = stack.enter_context(kind(tmp_path))  # type: ignore[arg-type]
        server: Server = stack.enter_context(serving(setting, keep="10000,40MiB"))  # type: ignore[arg-type]
        senders = Senders(server.port, REQUESTS)
        killed = 0
        while senders.are_busy:
            workers = sorted(server.children())
            if len(workers) > 1:
                os.kill(random.choice(workers), SIGKILL)
                killed += 1
            time.sleep(0.15)  # the pace of the killing
        assert killed >= 5
        store = opened()
        found = bodies_in(store)
        assert REQUESTS <= len(senders.answered)
        assert {} == {body: found[body] for body in senders.answered if found[body] != 1}
        for body, capture_id in random.sample(sorted(senders.answered.items()), 50):
            capture = store.get(capture_id)
            assert capture is not None
            assert body == capture.body.decode()
        store.close()


def test_redis_away(tmp_path: Path) -> None:
    """While Redis is away requests are answered, quickly, /ready stays 200 and says so; then it resumes."""
    with redis_server(tmp_path / "redis") as away, serving(away.url) as server:  # type: ignore[attr-defined]
        wait_until(lambda: server.get("/in/orders").json["kept"], "the store")
        away.stop()
        wait_until(lambda: server.get("/ready").json["captures"] == "away", "the store to be away")
        answer = server.get("/in/orders")
        assert (200, False) == (answer.status, answer.json["kept"])
        assert "away" in answer.json["message"]
        assert 200 == server.get("/ready").status
        assert 'yourl_capture_store{state="away"} 1.0' in server.get("/metrics").text
        away.start()
        wait_until(lambda: server.get("/in/orders").json["kept"], "the store to be back")
        wait_until(lambda: server.get("/ready").json["captures"] == "ok", "/ready to say so")


def test_two_instances_on_one_redis(tmp_path: Path) -> None:
    """Who waits at one instance is answered when the request comes to the other."""
    with redis_server(tmp_path / "redis") as store, ExitStack() as stack:
        one, two = (stack.enter_context(serving_alone(store.url)) for _ in range(2))
        for each in (one, two):
            wait_until(lambda each=each: each.get("/in/other").json["kept"], "Redis to be found")
        answers: list[str] = []

        def wait() -> None:
            answers.append(one.get("/live/wait?inbox=orders&timeout=60", headers=BEARER).json["id"])

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        sent = two.get("/in/orders").headers["x-capture-id"]
        waiting.join(50)  # less than it waits
        assert [sent] == answers


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MiB."""
    require_program("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.system(f"mount -t tmpfs -o size=4m yourl-test {folder} 2>/dev/null"):
        pytest.fail("no file system can be mounted: the tests of a full disk need root")
    yield folder
    os.system(f"umount -l {folder}")


def test_a_full_disk(small_disk: Path) -> None:
    """A full disk loses captures, not answers; the answers say so."""
    with serving(f"sqlite:{small_disk}/kept.db", keep="100000,500MiB") as server:  # type: ignore[attr-defined]
        body = os.urandom(200_000)

        def fill() -> bool:
            answer = server.get("/in/orders", method="POST", body=body)
            assert answer.status == 200
            assert ("x-capture-id" in answer.headers) == answer.json["kept"]
            return not answer.json["kept"]

        wait_until(fill, "the disk to be full")
        ready = wait_until(
            lambda: ((r := server.get("/ready")).json["captures"] == "full" and r) or (fill() and None),
            "a word",
        )
        assert 200 == ready.status
        assert "Requests are not kept" in server.stderr
        assert "Traceback" not in server.stderr
