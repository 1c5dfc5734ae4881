"""A small, bounded load of honest clients that notes the fate of every request they send.

Half of the clients keep their connections alive, half open a new one for each request; each second
request has a body, sent in two pieces, so that whatever happens to the server meets requests in every
state. Knows nothing of the package's insides but that ``/api/...`` says its path back.
"""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.functional.harness import PATIENCE, wait_until

MOST_REQUESTS = 20_000  # of all clients together; a load that nobody stops ends by itself
REQUESTS_PER_CONNECTION = 20
PAUSE = 0.004  # seconds between two requests of one client: far less than any keep-alive time


class Fate(Enum):
    """What became of a request."""

    ANSWERED = "answered whole"
    TURNED_AWAY = "answered whole, with 503"
    WRONG = "answered with what it did not ask for"
    REFUSED = "never sent: nobody listened"
    RESET = "sent, and the connection was reset"
    CUT = "sent, and the connection closed before the whole answer"
    LATE = "sent, and not answered in time"


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its fate, when it began (monotonic seconds), how long it took, and its local port."""

    fate: Fate
    began: float
    seconds: float
    local_port: int
    place: int
    """How many requests its connection had carried before."""
    detail: str = ""


class Load:
    """Clients that ask from entering ``with`` to leaving it.

    :param kept: how many keep their connections alive
    :param new: how many open a connection for each request
    """

    def __init__(self, port: int, *, kept: int = 3, new: int = 3, host: str = "127.0.0.1") -> None:
        self.address = (host, port)
        self.requests: list[Request] = []
        self.answered = 0
        self._numbers = itertools.count(1)
        self._over = threading.Event()
        kinds = [True] * kept + [False] * new
        self._clients = [threading.Thread(target=self._be_a_client, args=(kind,)) for kind in kinds]

    def __enter__(self) -> Load:
        for client in self._clients:
            client.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._over.set()
        for client in self._clients:
            client.join()

    def await_answers(self, count: int, seconds: float = PATIENCE) -> None:
        """Return when ``count`` more requests have been answered."""
        wanted = self.answered + count
        wait_until(lambda: self.answered >= wanted, f"{count} more answers; {self.fates}", seconds)

    @property
    def fates(self) -> Counter[Fate]:
        """How many requests met which fate."""
        return Counter(request.fate for request in list(self.requests))

    def others_than(self, *fates: Fate) -> list[Request]:
        """The requests that met another fate."""
        return [request for request in list(self.requests) if request.fate not in fates]

    def _be_a_client(self, keeps_alive: bool) -> None:
        while not self._over.is_set():
            try:
                connection = socket.create_connection(self.address, timeout=PATIENCE)
            except OSError as error:
                fate = Fate.REFUSED if isinstance(error, ConnectionRefusedError) else Fate.RESET
                self._note(Request(fate, time.monotonic(), 0.0, 0, 0, str(error)))
                self._over.wait(5 * PAUSE)
                continue
            with connection:
                self._converse(connection, keeps_alive)

    def _converse(self, connection: socket.socket, keeps_alive: bool) -> None:
        for place in range(REQUESTS_PER_CONNECTION if keeps_alive else 1):
            if self._over.is_set():
                return
            request, goes_on = self._ask(connection, place, keeps_alive)
            self._note(request)
            self._over.wait(PAUSE)
            if not goes_on:
                return

    def _ask(self, connection: socket.socket, place: int, keeps_alive: bool) -> tuple[Request, bool]:
        number = next(self._numbers)
        local_port = connection.getsockname()[1]
        began = time.monotonic()
        goes_on = False
        detail = ""
        try:
            send(connection, number, keeps_alive)
            head, body = read_answer(connection)
            fate = judge(head, body, number)
            goes_on = keeps_alive and b"\r\nconnection: close" not in head.lower()
            detail = "" if fate is Fate.ANSWERED else repr((head[:80], body[:200]))
        except EOFError as error:
            fate, detail = Fate.CUT, str(error)
        except TimeoutError as error:
            fate, detail = Fate.LATE, str(error)
        except OSError as error:
            fate, detail = Fate.RESET, str(error)
        return Request(fate, began, time.monotonic() - began, local_port, place, detail), goes_on

    def _note(self, request: Request) -> None:
        self.requests.append(request)
        if request.fate is Fate.ANSWERED:
            self.answered += 1
        if len(self.requests) >= MOST_REQUESTS:
            self._over.set()


def send(connection: socket.socket, number: int, keeps_alive: bool) -> None:
    """Send the request of this number: even ones have a body, which comes apart from the head."""
    body = b"x" * 700 if number % 2 == 0 else b""
    words = [b"%s /api/load/%d/end HTTP/1.1" % (b"POST" if body else b"GET", number), b"Host: load.example"]
    words += [b"Connection: close"] if not keeps_alive else []
    words += [b"Content-Length: %d" % len(body)] if body else []
    connection.sendall(b"\r\n".join([*words, b"", b""]))
    if body:
        connection.sendall(body)


def read_answer(connection: socket.socket) -> tuple[bytes, bytes]:
    """Head and content of one answer of known length.

    :raises EOFError: when the connection closes before its end
    """
    received = b""
    while b"\r\n\r\n" not in received:
        received += more(connection, len(received))
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].partition(b":")[2]) if lengths else 0
    while len(body) < length:
        body += more(connection, len(head) + len(body))
    return head, body


def more(connection: socket.socket, so_far: int) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise EOFError(f"closed after {so_far} bytes")
    return data


def judge(head: bytes, body: bytes, number: int) -> Fate:
    """Whether a whole answer is the one to the request of this number."""
    status = head.partition(b"\r\n")[0].split()[1]
    if status == b"503":
        return Fate.TURNED_AWAY
    right = status == b"200" and b"/api/load/%d/end" % number in body
    return Fate.ANSWERED if right else Fate.WRONG


def client_ports_of(pid: int, server_port: int) -> set[int]:
    """The client ports of the connections that a process has accepted on ``server_port`` (Linux)."""
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    ports = set()
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        columns = row.split()
        if f"socket:[{columns[9]}]" in inodes and int(columns[1].rpartition(":")[2], 16) == server_port:
            ports.add(int(columns[2].rpartition(":")[2], 16))
    return ports - {0}
