"""What an inbox costs beside /api, and what delayed answers and waiting programs cost the others.

    python benchmarks/inboxes.py [--rounds 7] [--seconds 2] [--store sqlite]

Both are asked in turns, in short rounds of wrk with the same POST on loopback. Two ratios are told: that of
the throughputs, which on a shared machine drifts with its neighbours, and that of the processor time of the
server for one answer, which does not. Promised: an inbox reaches at least 0.75 of the throughput of /api, and
/api at least 0.9 of its own while 500 programs wait for requests. Exit code 1 when a promise is broken.
Needs wrk (Debian).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = "correct-horse-battery"
WAITING = 500
SCRIPT = """
wrk.method = "POST"
wrk.body = '{"id": 1, "event": "paid", "items": [1, 2, 3]}'
wrk.headers["Content-Type"] = "application/json"
"""


@dataclass(frozen=True)
class Round:
    """Answers a second, and microseconds of the server's processor time for one."""

    rate: float
    cost: float


@contextlib.contextmanager
def serving(store: str) -> Iterator[tuple[int, int]]:
    """A server with two workers that are not recycled; yields its port and process id."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    own = {
        "PYTHONPATH": str(ROOT), "HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "2",
        "YOURL_STORE": store, "YOURL_KEEP": "20000,40MiB", "YOURL_ACCESS_CODE": CODE,
        "GUNICORN_CMD_ARGS": "--max-requests 0",
    }  # fmt: skip
    command = [sys.executable, "-m", "yourl", "serve"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env={**os.environ, **own}, stdout=log, stderr=log)
        try:
            for _ in range(200):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                    break
                time.sleep(0.1)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait()


def cpu_seconds(pid: int) -> float:
    """Processor time of a master and its workers (proc(5), stat)."""
    total = 0
    for each in [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]:
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def asked(port: int, pid: int, path: str, seconds: int, script: str) -> Round:
    """One round of wrk."""
    before = cpu_seconds(pid)
    command = [
        "wrk",
        "--threads",
        "1",
        "--connections",
        "16",
        "--duration",
        f"{seconds}s",
        "--script",
        script,
    ]
    text = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    rate, count = re.search(r"Requests/sec:\s+([\d.]+)", text), re.search(r"(\d+) requests in", text)
    if rate is None or count is None or "Non-2xx" in text or not int(count[1]):
        raise SystemExit(f"wrk said: {text}")
    return Round(float(rate[1]), (cpu_seconds(pid) - before) * 1e6 / int(count[1]))


def ratios(ones: list[Round], others: list[Round]) -> tuple[float, float]:
    """Medians of the rounds' ratios: throughput of the others, and what they cost."""
    pairs = list(zip(ones, others, strict=True))
    rate = statistics.median(other.rate / one.rate for one, other in pairs)
    return rate, statistics.median(other.cost / one.cost for one, other in pairs)


@contextlib.contextmanager
def waiting(port: int) -> Iterator[None]:
    """Programs that wait for a request which does not come."""
    asking = (
        f"GET /live/wait?inbox=never&timeout=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {CODE}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(WAITING):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            client.sendall(asking.encode())
        time.sleep(1)
        yield


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--store", default="sqlite")
    given = parser.parse_args()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script, serving(given.store) as (port, pid):
        script.write(SCRIPT)
        script.flush()

        def turns(*paths: str) -> list[list[Round]]:
            rounds = [
                [asked(port, pid, path, given.seconds, script.name) for path in paths]
                for _ in range(given.rounds)
            ]
            return [list(column) for column in zip(*rounds, strict=True)]

        turns("/api", "/in/orders")  # to fill the caches
        api, inbox = turns("/api", "/in/orders")
        rate, cost = ratios(api, inbox)
        print(f"/in beside /api: throughput {rate:.2f}, processor time for an answer {cost:.2f}")
        alone, beside = [], []
        for _ in range(given.rounds):
            alone.append(asked(port, pid, "/api", given.seconds, script.name))
            with waiting(port):
                beside.append(asked(port, pid, "/api", given.seconds, script.name))
        waited_rate, waited_cost = ratios(alone, beside)
        print(f"/api with {WAITING} waiting: throughput {waited_rate:.2f}, processor time {waited_cost:.2f}")
    return 0 if min(rate, 1 / cost) >= 0.75 and min(waited_rate, 1 / waited_cost) >= 0.9 else 1


if __name__ == "__main__":
    sys.exit(main())
