"""Redis: away and back, refusing, shared by instances, spread over a cluster; nothing waits for it long."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.captures.redis_servers import RedisServer, flush, redis_cluster, redis_server
from tests.captures.samples import PATIENT, capture_of
from tests.functional.certificates import make_certificate
from tests.functional.harness import free_port, wait_until
from yourl.captures.bounds import Bounds
from yourl.captures.errors import StoreUnavailable
from yourl.captures.model import Query
from yourl.captures.redis import connections, nodes, wire
from yourl.captures.redis import store as redis_store
from yourl.captures.redis.store import RedisStore
from yourl.captures.rules import Answer, InboxRules
from yourl.captures.store import TimeLimits

ROOT = Path(__file__).resolve().parents[2]
LONGEST_WAIT = 0.2
"""Seconds that a request may wait for a Redis that does not answer."""


@pytest.mark.parametrize(
    ("key", "slot"),
    [("123456789", 12739), ("{user1000}.x", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}", 4015), ("", 0)],
)
def test_slots(key: str, slot: int) -> None:
    """Keys have the slots of the cluster specification, and of its rules about braces."""
    assert slot == wire.slot_of(key)


@pytest.mark.parametrize("reply", [b"?1\r\n", b"$x\r\n", b"*\r\n", b"HTTP/1.1 400 Bad Request\r\n"])
def test_what_is_no_redis(reply: bytes) -> None:
    """A server that is something else is told from a Redis."""
    with pytest.raises(wire.ProtocolError):
        wire.read_reply(lambda: reply.removesuffix(b"\r\n"), lambda size: b"")


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """A server that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_away_from_the_beginning() -> None:
    """Without Redis nothing is kept, everything says why, and nothing raises but what must."""
    said: list[str] = []
    store = RedisStore(f"redis://127.0.0.1:{free_port()}", report=said.append)
    assert store.put(capture_of()) is None
    assert ("away", 1) == (store.status().state, store.status().lost)
    assert "Redis does not answer" in store.status().reason
    assert InboxRules() == store.rules_of("orders")
    with pytest.raises(StoreUnavailable, match="Redis does not answer"):
        store.find(Query())
    assert 1 == len(said)
    store.close()


def test_a_silent_redis_costs_one_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first call gives up by its time limit; the others do not even try."""
    with silent_server() as port:
        store = RedisStore(f"redis://127.0.0.1:{port}")
        assert store.put(capture_of()) is None
        asking: list[threading.Thread] = []
        original = nodes.Pool.call

        def recorded(*arguments: Any) -> Any:
            asking.append(threading.current_thread())
            return original(*arguments)

        monkeypatch.setattr(nodes.Pool, "call", recorded)
        assert [None] * 100 == [store.put(capture_of()) for _ in range(100)]
        assert threading.main_thread() not in asking
        store.close()


def test_a_redis_that_falls_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call in progress ends at its deadline; the next ones are not even tried."""
    with redis_server(tmp_path / "redis") as server:
        store = RedisStore(server.url)
        wait_until(lambda: store.put(capture_of()) is not None, "the first to be kept")
        assert server.process is not None
        server.process.send_signal(signal.SIGSTOP)
        monkeypatch.setattr(nodes, "LEARNING_SECONDS", 0.2)
        begun = time.monotonic()
        answers = [store.put(capture_of()) for _ in range(100)]
        spent = time.monotonic() - begun
        server.process.send_signal(signal.SIGCONT)
        assert [None] * 100 == answers
        assert spent < 100 * TimeLimits().call  # one wait, not one each
        wait_until(lambda: store.put(capture_of()) is not None, "Redis to be used again")
        store.close()


def test_the_deadline() -> None:
    """One call, with all that belongs to it, is shorter than a fifth of a second."""
    assert TimeLimits().call < LONGEST_WAIT
    target = connections.parse_url("redis://127.0.0.1")
    with pytest.raises(TimeoutError):
        connections.Connection(target, target.address, connections.resolve(target.address), time.monotonic())


def test_it_resumes_by_itself(tmp_path: Path) -> None:
    """When Redis ends and comes back, captures are kept again, rules hold meanwhile, and watchers wake."""
    said: list[str] = []
    with redis_server(tmp_path / "redis") as server:
        store = RedisStore(server.url, report=said.append, time_limits=PATIENT)
        store.change_rules("orders", InboxRules(Answer(503)))
        assert 503 == store.rules_of("orders").answer_at(0).status
        assert store.put(capture_of()) is not None
        watcher = store.watch()
        assert watcher.wait_until_subscribed(30)
        server.stop()
        assert store.put(capture_of()) is None
        assert "away" == store.status().state
        assert 503 == store.rules_of("orders").answer_at(0).status
        server.start()
        wait_until(lambda: store.put(capture_of()) is not None, "Redis to be used again")
        assert "ok" == store.status().state
        assert watcher.wait_until_subscribed(30)
        watcher.arm()
        store.put(capture_of())
        assert select.select([watcher], [], [], 30)[0]
        watcher.close()
        store.close()
    assert ["not kept" in said[0], "kept again" in said[-1]] == [True, True]


def test_a_full_redis_loses_captures_only(tmp_path: Path) -> None:
    """A Redis without memory left refuses captures; it is not taken for away, and what it has can be read."""
    with redis_server(tmp_path / "redis", "--maxmemory", "3mb", "--maxmemory-policy", "noeviction") as server:
        store = RedisStore(server.url, time_limits=PATIENT)
        kept = [store.put(capture_of(body=bytes(200_000))) for _ in range(30)]
        assert kept[0] is not None
        assert kept[-1] is None
        assert "full" == store.status().state
        assert "maxmemory" in store.status().reason
        assert store.get(kept[0]) is not None
        store.close()


def test_a_password(tmp_path: Path) -> None:
    """User and password come from the URL; a wrong one is said to be wrong, without being repeated."""
    with redis_server(tmp_path / "redis", "--requirepass", "geheim") as server:
        good = RedisStore(server.url.replace("//", "//:geheim@"), time_limits=PATIENT)
        assert good.put(capture_of()) is not None
        bad = RedisStore(server.url.replace("//", "//:falsch@"))
        assert bad.put(capture_of()) is None
        assert "falsch" not in bad.status().reason
        good.close()
        bad.close()


@pytest.mark.parametrize(
    "url",
    [
        "http://x",
        "redis://host:port",
        "nonsense",
        "redis://host/x",
        "redis://host?x=1",
        "rediss://host?ssl_ca_certs=/x",
    ],
)
def test_bad_urls(url: str) -> None:
    """A URL that cannot be used is refused at once."""
    with pytest.raises(StoreUnavailable, match="URL"):
        RedisStore(url)


def test_contents_that_make_room_are_deleted(single_redis: list[RedisServer]) -> None:
    """Evicted and deleted captures leave nothing in Redis but counters."""
    flush(single_redis)
    store = RedisStore(single_redis[0].url, Bounds(count=3, inbox_count=3), time_limits=PATIENT)
    for number in range(20):
        store.put(capture_of(inbox=f"i{number % 4}"))
    store.clear()
    keys = single_redis[0].ask(b"KEYS *").decode().split("\r\n")
    names = {key for key in keys if key.startswith("yourl")}
    assert {"yourl:{captures}:feed", "yourl:{captures}:total"} == names
    store.close()


def test_expired_captures_leave_the_index(
    single_redis: list[RedisServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has expired is no longer listed once something new comes."""
    flush(single_redis)
    store = RedisStore(single_redis[0].url, time_limits=PATIENT)
    store.put(capture_of())
    monkeypatch.setattr(redis_store, "RETENTION", 1)
    wait_until(lambda: store.put(capture_of()) and store.status().count < 3, "the first to expire", 60)
    store.close()


def test_a_cluster_spreads_inboxes(cluster_of_redis: list[RedisServer]) -> None:
    """The contents of different inboxes lie on different nodes, and any node serves as the way in."""
    flush(cluster_of_redis)
    stores = [RedisStore(server.url, time_limits=PATIENT) for server in cluster_of_redis]
    ids = [stores[number % 3].put(capture_of(inbox=f"i{number}")) for number in range(30)]
    assert None not in ids
    for store in stores:
        assert ids[::-1] == [summary.id for summary in store.find(Query()).requests]
        assert all(store.get(str(each)) is not None for each in ids)
        store.close()
    for server in cluster_of_redis:
        assert b"yourl:{i" in server.ask(b"KEYS yourl:{i*")


def test_a_moved_slot_is_followed(tmp_path: Path) -> None:
    """When a slot moves to another node, the next request goes there."""
    with redis_cluster(tmp_path / "cluster") as servers:
        store = RedisStore(servers[0].url, time_limits=PATIENT)
        assert store.put(capture_of()) is not None
        ids = [server.ask(b"CLUSTER MYID").decode().split("\r\n")[1] for server in servers]
        slot = int(servers[0].ask(b"CLUSTER KEYSLOT {orders}")[1:])
        holder = next(n for n, server in enumerate(servers) if server.ask(b"GET {orders}x")[:1] == b"$")
        target = (holder + 1) % 3
        keys = [
            key
            for key in servers[holder].ask(b"KEYS yourl:{orders}*").decode().split("\r\n")
            if "yourl" in key
        ]
        for at, state in ((target, f"IMPORTING {ids[holder]}"), (holder, f"MIGRATING {ids[target]}")):
            assert b"+OK" in servers[at].ask(f"CLUSTER SETSLOT {slot} {state}".encode())
        asked = store.put(capture_of())  # while it moves, new keys are asked for at the target
        assert asked is not None
        for key in keys:
            command = f"MIGRATE 127.0.0.1 {servers[target].port} {key} 0 5000"
            assert b"+OK" in servers[holder].ask(command.encode())
        for server in servers:
            server.ask(f"CLUSTER SETSLOT {slot} NODE {ids[target]}".encode())
        moved = store.put(capture_of())
        assert moved is not None
        assert [True] * 3 == [store.get(each.id) is not None for each in store.find(Query()).requests]
        store.close()


WORKER = """
import sys
from tests.captures.samples import PATIENT, capture_of
from yourl.captures.redis.store import RedisStore
store = RedisStore(sys.argv[1], time_limits=PATIENT)
for number in range(10**9):
    print(store.put(capture_of(inbox=f"i{number % 5}")), flush=True)
"""


@pytest.mark.parametrize("servers", ["single_redis", "cluster_of_redis"])
def test_killed_processes_lose_nothing(request: pytest.FixtureRequest, servers: str) -> None:
    """Every id that a process has told is stored exactly once, though it was killed with -9."""
    running: list[RedisServer] = request.getfixturevalue(servers)
    flush(running)
    told: list[str] = []
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, running[0].url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout is not None
        told += [worker.stdout.readline().strip() for _ in range(60)]
        worker.send_signal(signal.SIGKILL)
        told += [
            line.strip() for line in worker.stdout.read().splitlines(keepends=True) if line.endswith("\n")
        ]
        worker.wait()
        worker.stdout.close()
    store = RedisStore(running[0].url, Bounds(), time_limits=PATIENT)
    kept: list[str] = []
    page = store.find(Query(newest_first=False, limit=500))
    while page.requests:
        kept += [summary.id for summary in page.requests]
        page = store.find(Query(newest_first=False, limit=500, after=page.next or ""))
    assert "None" not in told
    assert len(kept) == len(set(kept))
    assert set(told) <= set(kept)
    assert all(store.get(each) is not None for each in told[::10])
    store.close()


def test_tls(tmp_path: Path) -> None:
    """``rediss://`` is encrypted and takes a trusted certificate only, of the right name."""
    made = make_certificate(tmp_path, "localhost")
    port = free_port()
    options = (
        "--tls-port",
        str(port),
        "--tls-cert-file",
        str(made.certificate),
        "--tls-key-file",
        str(made.key),
    )
    with redis_server(tmp_path / "redis", *options, "--tls-auth-clients", "no"):
        good = RedisStore(f"rediss://localhost:{port}?ssl_ca_certs={made.certificate}", time_limits=PATIENT)
        assert good.put(capture_of()) is not None
        watcher = good.watch()
        assert watcher.wait_until_subscribed(30)
        watcher.arm()
        assert good.put(capture_of()) is not None
        assert select.select([watcher], [], [], 30)[0]
        watcher.close()
        unknown = RedisStore(f"rediss://localhost:{port}")
        other_name = RedisStore(f"rediss://127.0.0.1:{port}?ssl_ca_certs={made.certificate}")
        any_name = RedisStore(f"rediss://127.0.0.1:{port}?ssl_cert_reqs=none", time_limits=PATIENT)
        assert [None, None] == [unknown.put(capture_of()), other_name.put(capture_of())]
        assert any_name.put(capture_of()) is not None
        for store in (good, unknown, other_name, any_name):
            store.close()
