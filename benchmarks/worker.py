"""What our worker costs: its throughput beside Gunicorn's ``gthread``, and what recycling workers costs.

    python benchmarks/worker.py [--rounds 7] [--seconds 3] [--app plain|product]

Every figure is a ratio of neighbours: the contestants take turns in short rounds of wrk on loopback, because
the speed of a shared machine drifts; the median of the rounds' ratios is what counts. Promised: at least 0.95
of gthread's throughput; with max_requests 1000, at least 0.95 of the throughput without, a p99 of at most
1.5 times, and no error. Exit code 1 when a promise is broken. Needs wrk (Debian).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = "yourl.server.worker.PatientWorker"

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3}


def plain(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The least that an application can do, so that only the worker is measured."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "3")])
    return [b"ok\n"]


@dataclass(frozen=True)
class Round:
    """What wrk saw: answers a second, milliseconds, and answers that failed."""

    rate: float
    p99: float
    errors: int


def wrk(port: int, path: str, seconds: float, connections: int, close: bool = False) -> Round:
    command = [
        "wrk",
        "--threads",
        "1",
        "--connections",
        str(connections),
        "--duration",
        f"{seconds}s",
        "--latency",
    ]
    command += ["--header", "Connection: close"] if close else []
    text = subprocess.run([*command, f"http://127.0.0.1:{port}{path}"], capture_output=True, text=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
    if rate is None or p99 is None:
        raise SystemExit(f"wrk said: {text}")
    errors = sum(int(n) for n in re.findall(r"(?:connect|read|write|timeout) (\d+)", text))
    errors += sum(int(n) for n in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    return Round(float(rate[1]), float(p99[1]) * UNITS[p99[2]], errors)


@contextlib.contextmanager
def serving(app: str, settings: Mapping[str, str]) -> Iterator[int]:
    """Gunicorn with one configuration for all, but for ``settings``; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket"]
    command += ["--bind", f"127.0.0.1:{port}", "--pythonpath", f"{ROOT},{ROOT / 'benchmarks'}"]
    for name, value in settings.items():
        command += [f"--{name}", value]
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([*command, app], cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 30
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                if time.monotonic() > deadline or process.poll() is not None:
                    log.seek(0)
                    raise SystemExit(f"{settings} did not start:\n{log.read().decode()[-3000:]}")
                time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@dataclass(frozen=True)
class Contest:
    """Two configurations that take turns; ratios are first to second."""

    name: str
    first: Mapping[str, str]
    second: Mapping[str, str]
    close: bool = False
    least_rate: float = 0.95
    most_p99: float | None = None

    def run(self, app: str, path: str, options: argparse.Namespace) -> bool:
        """Print the rounds' medians; whether the promise is kept."""
        with serving(app, self.first) as one, serving(app, self.second) as two:
            rounds: list[tuple[Round, Round]] = []
            for port in (one, two):
                wrk(port, path, 1, options.connections, self.close)
            for number in range(options.rounds):
                order = (one, two) if number % 2 == 0 else (two, one)
                by_port = {p: wrk(p, path, options.seconds, options.connections, self.close) for p in order}
                rounds.append((by_port[one], by_port[two]))
        rate = statistics.median(a.rate / b.rate for a, b in rounds)
        p99 = statistics.median(a.p99 / b.p99 for a, b in rounds)
        errors = sum(a.errors for a, _ in rounds)
        medians = [statistics.median(r.rate for r in side) for side in zip(*rounds, strict=True)]
        print(
            f"{self.name:<34} {medians[0]:7.0f} / {medians[1]:7.0f} a second = {rate:.3f};"
            f" p99 {p99:.2f} times; errors {errors} / {sum(b.errors for _, b in rounds)}",
            flush=True,
        )
        return rate >= self.least_rate and (self.most_p99 is None or p99 <= self.most_p99) and errors == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3, help="length of one round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--app", choices=("plain", "product"), default="plain")
    options = parser.parse_args()
    app, path = ("worker:plain", "/") if options.app == "plain" else ("yourl.wsgi:app", "/api")
    common = {"workers": options.workers, "threads": "4"}
    ours = {**common, "worker-class": OURS}
    stock = {**common, "worker-class": "gthread"}
    recycled = {"max-requests": "1000", "max-requests-jitter": "50"}
    contests = [
        Contest("ours / gthread, kept alive", ours, stock),
        Contest("ours / gthread, one per connection", ours, stock, close=True),
        Contest("ours, recycled / not", {**ours, **recycled}, ours, most_p99=1.5),
    ]
    kept = [contest.run(app, path, options) for contest in contests]
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main())
