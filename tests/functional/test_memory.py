"""In a container of 384 MiB, as deploy/ has it, the dearest requests kill no worker."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.attacks import JSON, MEGABYTE, NESTED, request_of
from tests.functional.harness import Server, raw_request, wait_until

LIMIT = 384 << 20
# Version 1 of control groups, and version 2.
PLACES = {"/sys/fs/cgroup/memory": "memory.limit_in_bytes", "/sys/fs/cgroup": "memory.max"}
BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
FLOATS = b"[" + b",".join(b"%d.%019d" % (n, n) for n in range(9000)) + b"]"
DEAREST = [
    request_of(NESTED, JSON),
    request_of(b"x" * (MEGABYTE - 1)),
    request_of("é".encode() * (MEGABYTE // 2)),
    request_of(FLOATS, JSON),
    request_of(b"a=b&" * (MEGABYTE // 4), "Content-Type: application/x-www-form-urlencoded"),
    request_of(b'{"a":"' + b"y" * (MEGABYTE - 10) + b'"}', JSON),
    request_of(b"x" * (MEGABYTE - 1), "Accept: text/html", BROWSER),
]


@pytest.fixture
def group() -> Iterator[Path]:
    """A control group with a memory limit."""
    for place, limit in PLACES.items():
        folder = Path(place, f"yourl-test-{os.getpid()}")
        with contextlib.suppress(OSError):
            folder.mkdir()
            if (folder / limit).exists():
                (folder / limit).write_text(str(LIMIT))
                yield folder
                wait_until(
                    lambda made=folder: not (made / "cgroup.procs").read_text(), "the group to be empty"
                )
                folder.rmdir()
                return
            folder.rmdir()
    pytest.skip("no control group with a memory limit can be made here")


def test_the_dearest_requests_kill_no_worker(pyz: Path, group: Path) -> None:
    """200 requests of a megabyte from 50 clients: the same five workers serve before and afterwards."""
    enter = f"echo $$ > {group}/cgroup.procs && exec {sys.executable} {pyz}"
    with Server(["sh", "-c", enter], {"WEB_CONCURRENCY": "5"}) as server:
        wait_until(lambda: len(server.children()) == 5, "five workers")
        before = server.children()

        def ask(number: int) -> bytes:
            try:
                return raw_request(server.port, DEAREST[number % len(DEAREST)])[:12]
            except OSError:
                return b""  # evicted to make room

        with ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(ask, range(200)))
        assert answers.count(b"HTTP/1.1 200") >= 100
        assert b"HTTP/1.1 500" not in answers
        assert server.get("/health").status == 200
        assert server.children() == before
