"""A loop on socket pairs with a host that records; for the tests of what a loop does."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from yourl.context import Wait
from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest
from yourl.promise import Promise
from yourl.server.connection import Connection, State
from yourl.server.loop import Loop
from yourl.server.threads import Threads

GET = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
PATIENCE = 60.0  # seconds until a test gives up


def post(size: int, sent: int | None = None) -> bytes:
    """A request with a body of ``size`` bytes, of which ``sent`` are here."""
    head = f"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + b"x" * (size if sent is None else sent)


@dataclass
class RecordingHost:
    """Answers by method and path, and notes what the loop reports."""

    log: logging.Logger = field(default_factory=lambda: logging.getLogger("tests.loop"))
    answer_size: int = 2
    refusals: list[tuple[str, str]] = field(default_factory=list)
    evictions: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    may_answer: threading.Event = field(default_factory=threading.Event)
    has_happened: threading.Event = field(default_factory=threading.Event)
    answers: int = 0
    load_balancer: bool = False
    released_answers: int = 0
    promises: list[Promise] = field(default_factory=list)
    look: Callable[[Hashable], Hashable | None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, connection: Connection, request: ReceivedRequest) -> bool:
        with self.lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        self.may_answer.wait(PATIENCE)
        body = request.head.target.raw.encode().ljust(self.answer_size, b".")
        connection.sock.begin(request)
        if request.head.target.path == "/promise" and connection.sock.takes_promises:
            connection.sock.promise = Promise("?" * 8)
            self.promises.append(connection.sock.promise)
            body = b"?" * 8
        if request.head.target.path == "/wait" and not self.has_happened.is_set():
            seconds = float(request.head.target.query or "0")
            connection.sock.wait = Wait(seconds, ("news",), request.head.target.raw, self.look)
        self.answers += 1
        try:
            connection.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            connection.sock.sendall(body)
            connection.sock.flush()
        except OSError:
            connection.sock.unsent.clear()
        with self.lock:
            self.running -= 1
        return not request.head.closes

    def awaits_proxy_header(self, client: object) -> bool:
        return self.load_balancer

    def refused(self, refusal: Refusal, peer: str, head: Head | None) -> None:
        self.refusals.append((refusal.code, head.method if head else "-"))

    def released(self, connection: Connection) -> None:
        self.released_answers += 1

    def evicted(self, reason: str) -> None:
        self.evictions.append(reason)


class Bench:
    """A loop without listeners, and the client ends of its connections."""

    def __init__(self, limits: Limits, capacity: int, threads: int) -> None:
        self.host = RecordingHost()
        self.host.may_answer.set()
        self.threads = Threads(threads)
        self.loop = Loop(self.host, [], limits, capacity, self.threads)
        self.clients: list[socket.socket] = []

    def connect(self, data: bytes = b"") -> socket.socket:
        """A client that has sent ``data``."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        self.clients.append(theirs)
        if data:
            theirs.sendall(data)
        self.loop.add(ours, ("192.0.2.1", 1))
        return theirs

    def run_until(self, condition: Callable[[], object]) -> None:
        """Run the loop until ``condition`` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "the condition never held"
            self.loop.wake()  # a test looks at more than the loop does
            self.loop.run_once()

    def received(self, client: socket.socket, ending: bytes) -> bytes:
        """What the client gets, up to ``ending``."""
        data = bytearray()

        def is_complete() -> bool:
            with contextlib.suppress(BlockingIOError):
                data.extend(client.recv(65536))
            return data.endswith(ending)

        self.run_until(is_complete)
        return bytes(data)

    def everything(self, client: socket.socket) -> bytes:
        """What the client gets until the server closes."""
        data = bytearray()

        def is_closed() -> bool:
            try:
                piece = client.recv(65536)
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True
            data.extend(piece)
            return not piece

        self.run_until(is_closed)
        return bytes(data)

    def close(self) -> None:
        """End the loop and its threads."""
        self.host.may_answer.set()
        self.threads.shutdown(timeout=PATIENCE)
        self.loop.end()
        for client in self.clients:
            client.close()


MakeBench = Callable[..., Bench]


def waiting_for(seconds: float) -> bytes:
    """A request whose answer waits."""
    return f"GET /wait?{seconds} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode()


def states_of(loop: Loop) -> set[State]:
    return {connection.state for connection in loop.connections}


def send_all(one: Bench, client: socket.socket, data: bytes) -> None:
    """Send all of ``data`` while the loop runs."""
    left = memoryview(data)

    def is_sent() -> bool:
        nonlocal left
        with contextlib.suppress(BlockingIOError):
            left = left[client.send(left) :]
        return not left

    one.run_until(is_sent)
    held = [c for c in one.loop.connections if c.state is State.READING]
    if held:
        one.loop.run_once()
