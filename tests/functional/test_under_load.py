"""Signals and deaths under load: nothing that was accepted is lost, and nothing is left behind."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.harness import PATIENCE, Server, children_of, free_port, running, wait_until
from tests.functional.load import Fate, Load
from tests.functional.rolling import balanced, instance, replace
from yourl.http1.limits import Limits

GRACEFUL = (Fate.ANSWERED, Fate.TURNED_AWAY)


@pytest.fixture
def server(pyz: Path) -> Iterator[Server]:
    """A master with two workers, both ready."""
    with running([sys.executable, str(pyz)]) as started:
        wait_until(lambda: len(started.children()) == 2, "two workers")
        yield started


def running_processes(pids: set[int]) -> set[int]:
    """Those of the processes that still run."""
    return {pid for pid in pids if is_running(pid)}


def folders_of(pid: int) -> set[Path]:
    """The folder in which a process counts, by the files that it has mapped."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {Path(line.split(maxsplit=5)[5]).parent for line in lines if "/yourl-metrics-" in line}


def is_running(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("drain", ["0", "0.5"])
def test_sigterm_loses_nothing(pyz: Path, drain: str) -> None:
    """What was sent on an accepted connection is answered; it ends with 0 and leaves nothing."""
    with running([sys.executable, str(pyz)], {"YOURL_DRAIN": drain}) as server:
        wait_until(lambda: len(server.children()) == 2, "two workers")
        workers = server.children()
        with Load(server.port) as load:
            load.await_answers(100)
            folders = {folder for pid in workers for folder in folders_of(pid)}
            assert 0 == server.stop(signal.SIGTERM)
        assert folders
        assert not any(folder.exists() for folder in folders)
        assert [] == load.others_than(*GRACEFUL, Fate.REFUSED)
        assert set() == running_processes(workers)


def test_hup_loses_nothing(server: Server) -> None:
    """While HUP replaces the workers, every request is answered."""
    with Load(server.port) as load:
        load.await_answers(50)
        for _ in range(2):
            old = server.children()
            server.signal(signal.SIGHUP)
            wait_until(lambda old=old: not server.children() & old, "the end of the old workers")
            load.await_answers(50)
    assert [] == load.others_than(*GRACEFUL)


def test_more_and_fewer_workers_lose_nothing(server: Server) -> None:
    """TTIN and TTOU under load: every request is answered."""
    with Load(server.port) as load:
        for number, workers in ((signal.SIGTTIN, 3), (signal.SIGTTOU, 2), (signal.SIGTTOU, 1)):
            server.signal(number)
            wait_until(lambda workers=workers: len(server.children()) == workers, f"{workers} workers")
            load.await_answers(50)
    assert [] == load.others_than(*GRACEFUL)


def test_a_new_file_takes_over(pyz: Path, tmp_path: Path) -> None:
    """The file is replaced, USR2 starts the new one, TERM ends the old: every request is answered."""
    place = tmp_path / "yourl.pyz"
    shutil.copy(pyz, place)
    with running([sys.executable, str(place)]) as server:
        wait_until(lambda: len(server.children()) == 2, "two workers")
        old = server.children()
        with Load(server.port) as load:
            load.await_answers(50)
            shutil.copy(pyz, tmp_path / "new.pyz")
            (tmp_path / "new.pyz").rename(place)
            load.await_answers(20)
            server.signal(signal.SIGUSR2)
            (successor,) = wait_until(lambda: server.children() - old, "a second master")
            try:
                wait_until(lambda: len(children_of(successor)) == 2, "its workers")
                load.await_answers(50)
                assert 0 == server.stop(signal.SIGTERM)
                load.await_answers(50)
            finally:
                heirs = children_of(successor)
                os.kill(successor, signal.SIGTERM)
                wait_until(lambda: not is_running(successor), "the end of the second master")
        assert [] == load.others_than(*GRACEFUL, Fate.REFUSED)
        assert set() == running_processes(old | heirs)


def test_recycling_loses_nothing(pyz: Path) -> None:
    """Workers that end after some requests are replaced without anybody noticing."""
    arguments = {"GUNICORN_CMD_ARGS": "--max-requests 60 --max-requests-jitter 20"}
    with running([sys.executable, str(pyz)], arguments) as server:
        first = server.children()
        with Load(server.port) as load:
            wait_until(lambda: not server.children() & first, "the end of the first workers")
            load.await_answers(300)
        assert [] == load.others_than(*GRACEFUL)


def test_a_new_worker_gets_some_of_the_clients_that_are_there(pyz: Path) -> None:
    """Clients that keep their connections do not stay with one worker: it tells some to connect anew."""

    def sockets_of(pid: int) -> int:
        count = 0
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):  # it is closed meanwhile
                count += str(descriptor.readlink()).startswith("socket:")
        return count

    with running([sys.executable, str(pyz)], {"WEB_CONCURRENCY": "1"}) as server:
        clients = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE) for _ in range(16)]

        def ask_all() -> None:
            for client in clients:
                client.request("GET", "/health")  # connects anew where it was told to
                answer = client.getresponse()
                answer.read()
                assert answer.status == 200

        ask_all()
        (old,) = server.children()
        server.signal(signal.SIGTTIN)
        (new,) = wait_until(lambda: server.children() - {old}, "a second worker")
        idle = sockets_of(new)

        def has_its_share() -> bool:
            ask_all()
            return sockets_of(new) - idle >= 4

        wait_until(has_its_share, "connections of the new worker")
        for client in clients:
            client.close()


def test_a_killed_worker_takes_only_its_own(server: Server) -> None:
    """kill -9 of each worker in turn: the others go on, and new ones take over."""
    with Load(server.port) as load:
        for victim in sorted(server.children()):
            os.kill(victim, signal.SIGKILL)
            wait_until(
                lambda victim=victim: victim not in server.children() and len(server.children()) == 2,
                "its replacement",
            )
            load.await_answers(50)
    lost = load.others_than(*GRACEFUL)
    assert {request.fate for request in lost} <= {Fate.RESET, Fate.CUT}
    assert len(lost) <= 2 * 6  # at most what each of the six clients had under way, twice


def test_a_killed_master_leaves_no_orphan(server: Server, pyz: Path) -> None:
    """kill -9 of the master: its workers end by themselves, leave no folder, and the port is free again."""
    server.get("/metrics")
    workers = server.children()
    folders = {folder for pid in workers for folder in folders_of(pid)}
    assert folders
    server.signal(signal.SIGKILL)
    server.process.wait(PATIENCE)
    wait_until(lambda: not running_processes(workers), "the end of the workers")
    wait_until(lambda: not any(folder.exists() for folder in folders), "the end of their folder")
    with running([sys.executable, str(pyz)], port=server.port) as successor:
        assert 200 == successor.get("/health").status


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_first_worker_hands_over(pyz: Path, workers: str) -> None:
    """From the first answer on nothing is lost while the first worker is replaced."""
    pattern = r"worker (\d+), replaced by one that shares its memory"
    with Server([sys.executable, str(pyz)], {"WEB_CONCURRENCY": workers}, hands_over=False) as server:
        with Load(server.port) as load:
            first = int(wait_until(lambda: re.search(pattern, server.stderr), "the end of the first")[1])
            wait_until(lambda: len(server.children() - {first}) == int(workers), "all workers")
            load.await_answers(100)
        assert [] == load.others_than(*GRACEFUL)
        assert 0 == server.stop()


def test_an_answer_that_waits_is_not_given_early(pyz: Path) -> None:
    """The first worker stays as long as it has to delay an answer, also where that is long."""
    with Server([sys.executable, str(pyz)], {"WEB_CONCURRENCY": "1"}, hands_over=False) as server:
        started = time.monotonic()
        assert 200 == server.get("/api?delay=7").status
        assert time.monotonic() - started >= 7 > Limits().head_timeout
        wait_until(lambda: "replaced by one that shares its memory" in server.stderr, "the end of the first")


def test_two_instances_replaced_one_after_the_other(pyz: Path, tmp_path: Path) -> None:
    """Behind a balancer that asks /ready, a rolling replacement fails no request."""
    ports = [free_port(), free_port()]
    instances = [instance(pyz, port).wait_ready() for port in ports]
    try:
        with balanced(ports, tmp_path) as entry:
            wait_until(entry.both_up, "both instances up")
            with Load(entry.port) as load:
                for number in (0, 1):
                    load.await_answers(50)
                    instances[number] = replace(instances[number], pyz, entry)
                load.await_answers(50)
        assert [] == load.others_than(Fate.ANSWERED)
    finally:
        for started in instances:
            started.__exit__()
