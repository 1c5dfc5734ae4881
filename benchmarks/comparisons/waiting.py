"""What open live pages and waiting programs cost while requests are kept, and how soon they are told.

A page does as /live does: it waits for any request newer than the last it has seen, lists what is new, and
pauses. A program waits for a request that does not come. Requests are kept as fast as possible, which is the
most that can happen to clients that wait.
"""

from __future__ import annotations

import contextlib
import json
import re
import selectors
import socket
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from benchmarks.comparisons import Options
from benchmarks.comparisons.throughput import errors
from benchmarks.contenders import yourl
from benchmarks.load import WEBHOOK, Load, allow_open_files, load
from benchmarks.rounds import Bars, Result, Series, Target, interleaved, series_of
from benchmarks.servers import Running, serving

CODE = "correct-horse-battery"
PAGES, PROGRAMS = 50, 500
AT_ONCE = 100  # requests in a list of a page (live.js)
PAUSE, PAUSE_BEHIND = 1.0, 1.5  # seconds between two rounds of a page; the latter where the list was full
PATIENCE = 30.0  # seconds until a client counts as never told
ALONE, OTHER, SAME, EACH = (
    "nobody waits",
    "wait at another inbox",
    "wait at the same inbox",
    "each for its own",
)
MEDIAN, LAST = "median client", "last client"
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def waiting(options: Options) -> Sequence[Result]:
    """Keep requests while nobody waits and while all wait; then tell all of one request."""
    settings = {"YOURL_STORE": "sqlite", "YOURL_KEEP": "20000,40MiB", "YOURL_ACCESS_CODE": CODE}
    allow_open_files()
    with serving(yourl("/in/orders", **settings)) as server:
        kept = partial(load, server, options.seconds, script=WEBHOOK)
        rounds = {
            ALONE: kept,
            OTHER: partial(while_waiting, server, kept, lambda number: "&inbox=other"),
            SAME: partial(while_waiting, server, kept, lambda number: "&inbox=orders&match=never"),
            EACH: partial(while_waiting, server, kept, lambda number: f"&inbox=orders&match=order{number}"),
        }
        measured = interleaved(rounds, options.rounds)
        told = delays(server, options.rounds)
    targets = tuple(Target(name, ALONE, 1.11, at_most=True) for name in (OTHER, SAME))
    rates = tuple(Target(name, ALONE, 0.9, at_most=False) for name in (OTHER, SAME))
    title, unit = f"{PAGES} pages and {PROGRAMS} programs", "µs of processor time for a kept request"
    delay = (Series(MEDIAN, tuple(map(statistics.median, told))), Series(LAST, tuple(map(max, told))))
    return [
        Bars(title, unit, series_of(measured, cost), ALONE, targets, errors(measured)),
        Bars(f"{title}: throughput", "kept requests/s", series_of(measured, rate), ALONE, rates),
        Bars(f"{title}: until they have a new request", "s", delay, MEDIAN),
    ]


def cost(measured: Load) -> float:
    """Processor time for a request."""
    return measured.cost


def rate(measured: Load) -> float:
    """Requests a second."""
    return measured.rate


def while_waiting(server: Running, measure: Callable[[], Load], filters: Callable[[int], str]) -> Load:
    """One round with all pages and programs waiting."""
    with waiters(server, lambda number: "" if number < PAGES else filters(number)):
        return measure()


def delays(server: Running, rounds: int) -> list[list[float]]:
    """For each of some requests: seconds until each page and program has it."""
    told = []
    with waiters(server, lambda number: "" if number < PAGES else "&inbox=orders&match=paid") as clients:
        for _ in range(rounds):
            time.sleep(2)  # until all wait again
            clients.answered_at.clear()
            sent = time.monotonic()
            send(server)
            while len(clients.answered_at) < PAGES + PROGRAMS and time.monotonic() < sent + PATIENCE:
                time.sleep(0.01)
            found = [moment - sent for moment in list(clients.answered_at.values())]
            told.append(found + [PATIENCE] * (PAGES + PROGRAMS - len(found)))
    return told


def send(server: Running) -> str:
    """Send a request to the inbox; its id."""
    request = urllib.request.Request(server.url, b"paid", method="POST")
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return str(answer.headers["X-Capture-ID"])


@contextlib.contextmanager
def waiters(server: Running, filters: Callable[[int], str]) -> Iterator[Waiters]:
    """Clients that wait, by then all of them; ``filters`` gives what each asks for, by its number."""
    clients = Waiters(server.port, filters, send(server))
    thread = threading.Thread(target=clients.run)
    thread.start()
    try:
        time.sleep(1)
        yield clients
    finally:
        clients.ends = True
        thread.join()
        clients.close()


class Waiters:
    """Clients that wait again after each answer. ``after`` is the id of the last request that they know."""

    def __init__(self, port: int, filters: Callable[[int], str], after: str) -> None:
        self._filters = filters
        self._selector = selectors.DefaultSelector()
        self.ends = False
        self.answered_at: dict[int, float] = {}
        """Number of the client -> when it was answered with a request."""
        self._port = port
        self._seen = [after] * (PAGES + PROGRAMS)
        self._pausing: list[tuple[float, int, socket.socket, bool]] = []
        for number in range(PAGES + PROGRAMS):
            self._wait(number, self._connected(number))

    def _connected(self, number: int) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", self._port), PATIENCE)
        self._selector.register(client, selectors.EVENT_READ, (number, client, bytearray()))
        return client

    def _wait(self, number: int, client: socket.socket) -> None:
        self._ask(client, f"/live/wait?timeout=60&after={self._seen[number]}{self._filters(number)}")

    def _list(self, number: int, client: socket.socket) -> None:
        self._ask(client, f"/live/requests?after={self._seen[number]}&limit={AT_ONCE}")

    def _ask(self, client: socket.socket, target: str) -> None:
        accepted = "Accept: application/json\r\n"  # as the page's script does, and yourl tail
        head = f"GET {target} HTTP/1.1\r\nHost: a\r\n{accepted}Authorization: Bearer {CODE}\r\n\r\n"
        client.sendall(head.encode())

    def run(self) -> None:
        """Read answers until ``ends`` is set."""
        while not self.ends:
            for key, _ in self._selector.select(0.05):
                self._read(*key.data)
            now = time.monotonic()
            ended = [each for each in self._pausing if each[0] <= now]
            self._pausing = [each for each in self._pausing if each[0] > now]
            for _, number, client, has_more in ended:
                (self._list if has_more else self._wait)(number, client)

    def _read(self, number: int, client: socket.socket, received: bytearray) -> None:
        data = client.recv(65536)
        if not data:
            raise SystemExit("the server closed the connection of a client that waits")
        received += data
        head, end, rest = bytes(received).partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if not end or len(rest) < size:
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"a client that waits was answered {head[:40].decode()}")
        received.clear()
        if b"\r\nConnection: close" in head:
            self._selector.unregister(client)
            client.close()
            client = self._connected(number)
        self._go_on(number, client, json.loads(rest[:size]))

    def _go_on(self, number: int, client: socket.socket, answer: dict[str, Any]) -> None:
        if "requests" not in answer:
            self.answered_at[number] = time.monotonic()
        if number >= PAGES:
            self._seen[number] = answer["id"]
            self._wait(number, client)
        elif "requests" not in answer:
            self._list(number, client)
        else:
            listed = answer["requests"]
            self._seen[number] = listed[-1]["id"] if listed else self._seen[number]
            has_more = len(listed) == AT_ONCE
            ends = time.monotonic() + (PAUSE_BEHIND if has_more else PAUSE)
            self._pausing.append((ends, number, client, has_more))

    def close(self) -> None:
        """Close the connections."""
        for key in list(self._selector.get_map().values()):
            key.data[1].close()
        self._selector.close()
