"""One client's connection: its socket, its state and deadline, and the outlet its answers leave by.

Knows sockets and the pure rooms; nothing of Gunicorn's arbiter, settings or the application.
"""

from __future__ import annotations

import math
import select
import socket
import time
from enum import IntEnum
from typing import Any, BinaryIO

from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader


class State(IntEnum):
    """What a connection is doing, in the order in which connections are given up when there are too many."""

    LINGERING = 0
    """Answered for the last time; read until the client closes, so that the answer is not lost."""
    IDLE = 1
    """Kept alive, no byte of a next request yet."""
    READING = 2
    """A request is awaited or arriving."""
    SENDING = 3
    """The application is done; the client has yet to take the rest of the answer."""
    RUNNING = 4
    """The request is with the application, or queued for it; never given up."""
    CLOSED = 5


class Outlet:
    """Stands where Gunicorn's response code expects the socket, so that a slow reader holds no thread.

    What the socket does not take at once stays here, and the worker's loop sends it on. Only an
    application that keeps producing, past ``limits.response_buffer`` unread bytes, is made to wait.
    """

    def __init__(self, stream: socket.socket, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._head_is_held = True
        self.unsent = bytearray()
        self.sent = 0
        self.request: ReceivedRequest | None = None
        self.broken = False

    def begin(self, request: ReceivedRequest) -> None:
        """Get ready for the answer to ``request``."""
        self.request = request
        self._head_is_held = True
        self.sent = 0

    def sendall(self, data: bytes) -> None:
        """Send or keep ``data``. Raises ``OSError`` when the client is gone or far too slow."""
        self.unsent += data
        if self._head_is_held and not data.startswith(b"HTTP/1.1 1"):
            # PEP 3333: the head goes out with the first content. One packet instead of two.
            self._head_is_held = False
            return
        self.flush()
        if len(self.unsent) > self._limits.response_buffer:
            self._wait_for_the_reader()

    def send(self, data: bytes) -> int:
        """``sendall`` under the name that an interim response is sent by."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """Send ``count`` bytes of ``file`` from ``offset`` on; how many is returned."""
        file.seek(offset)
        left = math.inf if count is None else count
        while left > 0 and (block := file.read(int(min(left, 64 * 1024)))):
            self.sendall(block)
            left -= len(block)
        return file.tell() - offset

    def flush(self) -> None:
        """Give the socket what it takes without waiting. Raises ``OSError`` when the client is gone."""
        try:
            while self.unsent:
                count = self._stream.send(self.unsent)
                del self.unsent[:count]
                self.sent += count
        except (BlockingIOError, InterruptedError):
            pass

    def _wait_for_the_reader(self) -> None:
        started = time.monotonic()
        before = self.sent
        poll = select.poll()
        poll.register(self._stream, select.POLLOUT)
        while len(self.unsent) > self._limits.response_buffer:
            left = self._limits.send_deadline(started, self.sent - before) - time.monotonic()
            if left <= 0:
                raise TimeoutError("the client reads too slowly")
            poll.poll(left * 1000)
            self.flush()

    # Gunicorn closes gracefully by itself when an application fails after its first bytes
    # (util.close_graceful). The worker's loop does that: here it only becomes known.
    def shutdown(self, how: int) -> None:
        """Nothing: the worker's loop ends the connection."""

    def settimeout(self, timeout: float | None) -> None:
        """Nothing: no call here waits for the socket."""

    def recv(self, size: int) -> bytes:
        """Nothing to read: the request was complete before the application saw it."""
        return b""

    def close(self) -> None:
        """Remember that this answer was cut short."""
        self.broken = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Connection:
    """A client's connection. ``sock``, ``client`` and ``server`` are named as Gunicorn reads them.

    Only the worker's loop reads, watches and closes ``stream``; while it is RUNNING, only the
    thread of the request sends.
    """

    __slots__ = (
        "body_awaited",
        "client",
        "deadline",
        "held",
        "keepalive",
        "on_ready",
        "reader",
        "request",
        "server",
        "since",
        "sock",
        "state",
        "stream",
        "watched",
    )

    def __init__(self, stream: socket.socket, client: Any, limits: Limits, now: float) -> None:
        self.stream = stream
        self.client = client
        self.server = stream.getsockname()
        self.sock = Outlet(stream, limits)
        self.reader = RequestReader(limits)
        self.request: ReceivedRequest | None = None
        self.state = State.READING
        self.since = now
        """When the present state began, or, in READING, its present part: head or body."""
        self.deadline = now + limits.head_timeout
        self.body_awaited = False
        self.keepalive = False
        """Whether the answer under way leaves the connection open."""
        self.held = 0
        """Bytes of memory that the worker has counted for this connection."""
        self.watched = 0
        """The selector's events that this connection is registered for."""
        self.on_ready: Any = None

    @property
    def peer(self) -> str:
        """The client's address, empty for a unix socket."""
        return str(self.client[0]) if isinstance(self.client, tuple) else ""

    @property
    def head(self) -> Head | None:
        """The head of the request that is arriving or answered, as far as it is known."""
        if self.state is State.READING or self.request is None:
            return self.reader.partial_head
        return self.request.head

    @property
    def is_mid_request(self) -> bool:
        """Whether part of a request has arrived, but not the whole."""
        return self.state is State.READING and (self.reader.head is not None or self.reader.size > 0)

    @property
    def keeps_its_word(self) -> bool:
        """Whether the client said that its request was the last, and has sent nothing since."""
        if self.request is None or not self.request.head.closes:
            return False
        try:
            self.stream.recv(1)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def enter(self, state: State, now: float, deadline: float) -> None:
        """Change state; ``deadline`` is on the monotonic clock, ``math.inf`` for none."""
        self.state = state
        self.since = now
        self.deadline = deadline
