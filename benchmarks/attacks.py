"""How long an honest client waits while others misbehave: our worker beside Gunicorn's own, in one run.

    python benchmarks/attacks.py [--seconds 12] [--workers 2] [--attack NAME ...] [--server NAME ...]

Starts, one after the other on 127.0.0.1, the same application under our worker, Gunicorn's ``gthread`` and
``sync``, and Waitress (where it is installed); attacks it for some seconds while an honest client asks ten
times a second; and prints the honest client's slowest answer and its errors. Exit code 1 when ours took
longer than a second or erred. Needs slowhttptest (Debian) for the first three attacks; knows nothing of the
package's insides.

Two kinds of attack: clients that are slow, and requests that are made to cost much.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVERS = {
    "yourl": "yourl.server.worker.PatientWorker",
    "gthread": "gthread",
    "sync": "sync",
    "waitress": "waitress",
}
MEGABYTE = 1 << 20
ASKS_PER_SECOND = 10
PATIENCE = 20.0  # seconds that the honest client waits for one answer
PROMISED = 1.0  # seconds

GET = b"GET /api HTTP/1.1\r\nHost: 127.0.0.1\r\n"


@dataclass(frozen=True)
class Verdict:
    """What the honest client saw."""

    asked: int
    slowest: float
    errors: int


# Attacks by hand: each is one client, run ``crowd`` times at once, for ever.


async def idle(port: int) -> None:
    reader, _ = await asyncio.open_connection("127.0.0.1", port)
    await reader.read()


async def never_closing(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET + b"Connection: close\r\n\r\n")
    await reader.read()
    await asyncio.sleep(20)


async def byte_by_byte(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for byte in GET + b"X: " + b"y" * 1000:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(0.2)


async def half_closing(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET)
    writer.write_eof()
    await reader.read()
    await asyncio.sleep(2)


async def tls_on_the_plain_port(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(bytes.fromhex("16030100f8010000f40303") + os.urandom(64))
    await reader.read()
    await asyncio.sleep(2)


async def slow_reading_of_echoes(port: int) -> None:
    """Sends a megabyte that takes six as JSON, then reads what comes back at a snail's pace."""
    stream = socket.socket()
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    stream.setblocking(False)
    await asyncio.get_running_loop().sock_connect(stream, ("127.0.0.1", port))
    size = 1_000_000
    head = f"POST /api HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\n\r\n"
    with stream:
        await asyncio.get_running_loop().sock_sendall(stream, head.encode() + bytes(size))
        for _ in range(30):
            await asyncio.get_running_loop().sock_recv(stream, 5)
            await asyncio.sleep(1)


async def slow_download(port: int) -> None:
    """Asks for a large answer and reads it at 25 KB/s: never stalled, never done."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(request_of(b"x" * (MEGABYTE - 1000)))
    await writer.drain()
    while await reader.read(2500):
        await asyncio.sleep(0.1)


async def parked_body(port: int) -> None:
    """Sends all but the last byte of a megabyte, then nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request_of(b"x" * MEGABYTE)[:-1])
    await writer.drain()
    await reader.read()


def request_of(body: bytes, *lines: str, target: str = "/api") -> bytes:
    """A POST as bytes."""
    head = [f"POST {target} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join([*head, "", ""]).encode() + body


def sending(words: bytes) -> Callable[[int], Awaitable[None]]:
    """A client that sends ``words`` and reads the answer, again and again."""

    async def client(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        await writer.drain()
        writer.write_eof()
        while await reader.read(65536):
            pass
        writer.close()

    return client


JSON = "Content-Type: application/json"
NESTED = b"[" * 199 + b"0," * 500_000 + b"0" + b"]" * 199
MANY_CHECKS = "/api?" + "&".join(["expect=body.text:a"] * 90)
SECRETS = "/api?token=1&" + "a" * 7900
BLANKS = f"GET /api HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked{' ' * 8000}x\r\n\r\n".encode()


@dataclass(frozen=True)
class Attack:
    """``command`` is slowhttptest's mode, ``client`` a coroutine of ours, ``crowd`` how many at once."""

    crowd: int
    command: tuple[str, ...] = ()
    client: Callable[[int], Awaitable[None]] | None = None
    pace: float = 1000.0
    """New clients a second."""
    honest_body: int = 0
    """Bytes that the honest client sends with each request."""


ATTACKS = {
    "slow-heads": Attack(200, ("-H", "-i", "1")),
    "slow-bodies": Attack(200, ("-B", "-i", "1", "-s", "8192")),
    "slow-reading": Attack(200, ("-X", "-i", "1", "-n", "1", "-w", "10", "-y", "20", "-z", "5", "-k", "10")),
    "slow-echoes": Attack(200, client=slow_reading_of_echoes, pace=10),
    "idle": Attack(200, client=idle),
    "never-closing": Attack(200, client=never_closing),
    "byte-by-byte": Attack(200, client=byte_by_byte),
    "half-closing": Attack(200, client=half_closing),
    "tls": Attack(200, client=tls_on_the_plain_port),
    "1000-open": Attack(1000, client=idle),
    "slow-downloads": Attack(64, client=slow_download, pace=20),
    "parked-bodies": Attack(200, client=parked_body, pace=50, honest_body=200_000),
    "nested-json": Attack(64, client=sending(request_of(NESTED, JSON)), pace=20),
    "infinities": Attack(64, client=sending(request_of(b"[" + b"1e9999," * 100_000 + b"0]", JSON)), pace=20),
    "expectations": Attack(64, client=sending(request_of(b"a" * MEGABYTE, target=MANY_CHECKS)), pace=20),
    "charset": Attack(
        64, client=sending(request_of(b"-" * MEGABYTE, "Content-Type: text/plain; charset=punycode")), pace=20
    ),
    "controls": Attack(64, client=sending(request_of(b"\x01" * MEGABYTE)), pace=20),
    "secrets": Attack(64, client=sending(request_of(b"", target=SECRETS)), pace=20),
    "blanks": Attack(64, client=sending(BLANKS), pace=20),
}


async def crowd_of(attack: Attack, port: int, seconds: float) -> None:
    """Keep ``attack.crowd`` clients busy; whoever is thrown out comes again."""
    assert attack.client is not None
    client = attack.client

    async def come_again_and_again(delay: float) -> None:
        await asyncio.sleep(delay)
        while True:
            with contextlib.suppress(OSError):
                await client(port)
            await asyncio.sleep(0.2)

    crowd = [asyncio.create_task(come_again_and_again(n / attack.pace)) for n in range(attack.crowd)]
    await asyncio.sleep(seconds)
    for task in crowd:
        task.cancel()


@contextlib.contextmanager
def under_attack(name: str, port: int, seconds: float) -> Iterator[None]:
    """The attack runs in a process of its own for the time of a ``with`` block."""
    attack = ATTACKS[name]
    if attack.command:
        command = ["slowhttptest", *attack.command, "-c", str(attack.crowd), "-r", str(attack.crowd)]
        command += ["-l", str(int(seconds)), "-p", "3", "-u", f"http://127.0.0.1:{port}/api"]
    else:
        command = [sys.executable, __file__, "--be", name, str(port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
        if process.poll():  # else it would be an attack that never was
            raise RuntimeError(f"the attack {name} ended by itself with {process.returncode}")
    finally:
        process.kill()
        process.wait()


def ask(port: int, body: int = 0) -> tuple[float, bool]:
    """One honest request on a connection of its own: seconds, and whether it was answered with 200."""
    began = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST" if body else "GET", "/api", b"x" * body or None)
        response = connection.getresponse()
        response.read()
        return time.monotonic() - began, response.status == 200
    except (OSError, http.client.HTTPException):
        return time.monotonic() - began, False
    finally:
        connection.close()


def ask_for(seconds: float, port: int, body: int = 0) -> Verdict:
    """Ask ten times a second, on time whether or not earlier questions have been answered."""
    answers = []
    with ThreadPoolExecutor(max_workers=int(ASKS_PER_SECOND * PATIENCE)) as pool:
        began = time.monotonic()
        for number in range(int(seconds * ASKS_PER_SECOND)):
            time.sleep(max(0.0, began + number / ASKS_PER_SECOND - time.monotonic()))
            answers.append(pool.submit(ask, port, body))
        results = [answer.result() for answer in answers]
    return Verdict(len(results), max(s for s, _ in results), sum(not fine for _, fine in results))


@contextlib.contextmanager
def serving(worker_class: str, workers: int, log: Path) -> Iterator[int]:
    """The application under ``worker_class`` with Gunicorn's and our own defaults; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    if worker_class == "waitress":  # one process: as many threads as the workers of the others have together
        command = [sys.executable, "-m", "waitress", "--threads", str(4 * workers)]
        command += [f"--listen=127.0.0.1:{port}", "yourl.wsgi:app"]
    else:
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py")]
        # sync with threads would silently be gthread.
        command += ["--threads", "1" if worker_class == "sync" else "4"]
        command += ["--worker-class", worker_class, "yourl.wsgi:app"]
    environment = {**os.environ, "PORT": str(port), "HOST": "127.0.0.1", "WEB_CONCURRENCY": str(workers)}
    with log.open("ab") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 30
        while not ask(port)[1]:
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"{worker_class} did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.05)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=12.0, help="length of one attack")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--attack", action="append", choices=sorted(ATTACKS), help="default: all")
    parser.add_argument("--server", action="append", choices=sorted(SERVERS), help="default: all")
    parser.add_argument("--json", action="store_true", help="print the table as JSON too")
    parser.add_argument("--be", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.be:
        name, port, seconds = options.be
        asyncio.run(crowd_of(ATTACKS[name], int(port), float(seconds)))
        return 0
    table: dict[str, dict[str, Verdict]] = {}
    servers = options.server or [name for name in SERVERS if name != "waitress" or find_spec("waitress")]
    print(f"{options.workers} workers, 4 threads; slowest honest answer in seconds (errors / asked)")
    print(f"{'attack':<16}" + "".join(f"{name:>22}" for name in servers), flush=True)
    with tempfile.TemporaryDirectory(prefix="yourl-attacks-") as folder:
        for attack in options.attack or list(ATTACKS):
            if ATTACKS[attack].command and not shutil.which("slowhttptest"):
                print(f"{attack:<16} skipped: slowhttptest is not installed")
                continue
            print(f"{attack:<16}", end="", flush=True)
            for name in servers:
                with (
                    serving(SERVERS[name], options.workers, Path(folder, name)) as port,
                    under_attack(attack, port, options.seconds + 5),
                ):
                    time.sleep(1)
                    verdict = ask_for(options.seconds, port, ATTACKS[attack].honest_body)
                table.setdefault(name, {})[attack] = verdict
                cell = f"{verdict.slowest:.3f} ({verdict.errors} / {verdict.asked})"
                print(f"{cell:>22}", end="", flush=True)
            print()
    if options.json:
        print(json.dumps({s: {a: vars(v) for a, v in by.items()} for s, by in table.items()}))
    ours = table.get("yourl", {}).values()
    return int(any(verdict.errors or verdict.slowest > PROMISED for verdict in ours))


if __name__ == "__main__":
    sys.exit(main())
