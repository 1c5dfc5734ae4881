"""A socket whose writes never wait: what the client does not take at once stays here, for the loop to send.

Stands where Gunicorn's response code expects the client's socket. Knows nothing of the loop.
"""

from __future__ import annotations

import math
import socket
import time
from typing import Any, BinaryIO

from yourl.context import Wait
from yourl.http1.proxy_protocol import ProxyHeader
from yourl.http1.reader import ReceivedRequest
from yourl.promise import Promise

BLOCK = 64 * 1024
"""Bytes read from a file at a time."""


class AnswerTooLarge(OSError):
    """An answer has more unsent bytes than one connection may hold."""


class BufferedSocket:
    """Collects an answer and sends what the socket takes without waiting.

    Only the thread that answers writes; only the loop does once the answer is complete.
    """

    def __init__(self, stream: socket.socket, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._head_is_held = True
        self.wait: Wait | None = None
        """What the answer waits for before it is sent; None for nothing."""
        self.promise: Promise | None = None
        """A text that the answer waits for, and that stands in it by a placeholder; None for none."""
        self.takes_promises = True
        """Whether the answer to this request may wait for a promise: none was broken before."""
        self.unsent = bytearray()
        self.request: ReceivedRequest | None = None
        """The request that is being answered."""
        self.proxy_header: ProxyHeader | None = None
        """What a load balancer said of the connection, where it spoke the PROXY protocol."""
        self.started = 0.0
        """When the application was first asked to answer it (monotonic clock)."""
        self.kept_back: Any = None
        """What the log has to say of an answer that waits, once it is given."""
        self.is_broken = False
        """True when the answer was cut short: the connection cannot be used again."""

    def begin(self, request: ReceivedRequest) -> None:
        """Get ready for the answer to ``request``."""
        if self.request is not request:
            self.started = time.monotonic()
            self.kept_back = None
            self.takes_promises = True
        self.request = request
        self.wait = None
        self.promise = None
        self._head_is_held = True

    def sendall(self, data: bytes) -> None:
        """Send or keep ``data``.

        :raises AnswerTooLarge: when more than the limit would be kept
        :raises OSError: when the client is gone
        """
        self.unsent += data
        if self._head_is_held and not data.startswith(b"HTTP/1.1 1"):
            # PEP 3333: the head goes out with the first content. One packet instead of two.
            self._head_is_held = False
            return
        self.flush()
        if len(self.unsent) > self._limit:
            raise AnswerTooLarge(f"{len(self.unsent)} bytes are unsent; the limit is {self._limit}")

    def send(self, data: bytes) -> int:
        """``sendall`` under the name by which Gunicorn sends an interim response."""
        self.sendall(data)
        return len(data)

    def sendfile(self, file: BinaryIO, offset: int = 0, count: int | None = None) -> int:
        """Send ``count`` bytes of ``file`` from ``offset`` on; returns how many were sent."""
        file.seek(offset)
        left = math.inf if count is None else count
        while left > 0 and (block := file.read(int(min(left, BLOCK)))):
            self.sendall(block)
            left -= len(block)
        return file.tell() - offset

    def flush(self) -> int:
        """Send what the socket takes now; returns the number of bytes.

        :raises OSError: when the client is gone
        """
        before = len(self.unsent)
        if self.wait is not None or self.promise is not None:
            return 0
        try:
            while self.unsent:
                count = self._stream.send(self.unsent)
                del self.unsent[:count]
        except (BlockingIOError, InterruptedError):
            pass
        return before - len(self.unsent)

    def keep_promise(self, text: str) -> None:
        """Put the promised text into the answer, which waits no more."""
        if self.promise is not None:
            self.unsent[:] = self.unsent.replace(self.promise.placeholder.encode(), text.encode())
            self.promise = None

    def break_promise(self) -> None:
        """Forget the answer: there is no text for it."""
        self.unsent.clear()
        self.promise = None
        self.takes_promises = False

    # Gunicorn closes gracefully by itself when an application fails after its first bytes
    # (util.close_graceful). The loop does that: these only record it.
    def shutdown(self, how: int) -> None:
        """Do nothing: the loop ends the connection."""

    def settimeout(self, timeout: float | None) -> None:
        """Do nothing: no call here waits for the socket."""

    def recv(self, size: int) -> bytes:
        """Return nothing: the request was complete before the application saw it."""
        return b""

    def close(self) -> None:
        """Record that this answer was cut short."""
        self.is_broken = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
