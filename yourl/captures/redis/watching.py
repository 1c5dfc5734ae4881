"""Wakes a loop when another process stores something in Redis.

A thread, not the loop, reads the subscription: half a message, a TLS record or a reconnect would make the
loop wait. It sleeps until something comes, and what comes is not even taken apart: the loop compares
``last_ids``.
"""

from __future__ import annotations

import contextlib
import socket
import threading

from yourl.captures.errors import StoreUnavailable
from yourl.captures.redis.connections import Connection
from yourl.captures.redis.nodes import Nodes
from yourl.captures.redis.scripts import CHANNEL

SILENCE = 15.0
"""Seconds after which the connection is tested with a PING; after two of them it is given up."""
RETRY_SECONDS = 0.5
PAUSE = 0.01
"""Seconds between two wake-ups: a hundred a second show everything in time."""


class RedisWatcher:
    """See ``yourl.captures.store.Watcher``. After a reconnect it wakes the loop, which then looks anew."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self._inner, self._outer = socket.socketpair()
        self._inner.setblocking(False)
        self._outer.setblocking(False)
        self._is_closed = threading.Event()
        self._is_subscribed = threading.Event()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="redis-watch", daemon=True)
        self._thread.start()

    def fileno(self) -> int:
        """Readable once something may have been stored."""
        return self._outer.fileno()

    def arm(self) -> None:
        """Forget the wake-ups so far."""
        with contextlib.suppress(BlockingIOError):
            while self._outer.recv(4096):
                pass

    def wait_until_subscribed(self, seconds: float) -> bool:
        """Whether the subscription was made within so many seconds."""
        return self._is_subscribed.wait(seconds)

    def close(self) -> None:
        """Stop watching; the thread ends soon."""
        self._is_closed.set()
        connection = self._connection
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(2)
        self._inner.close()
        self._outer.close()

    def _run(self) -> None:
        while not self._is_closed.is_set():
            try:
                connection = self._connection = self._nodes.subscriber(CHANNEL)
            except StoreUnavailable:
                self._is_closed.wait(RETRY_SECONDS)
                continue
            self._is_subscribed.set()
            self._wake()
            try:
                self._forward(connection.socket)
            finally:
                self._is_subscribed.clear()
                connection.close()

    def _forward(self, subscription: socket.socket) -> None:
        """Wake the loop for whatever comes, until the connection ends."""
        is_tested = False
        subscription.settimeout(SILENCE)
        while not self._is_closed.is_set():
            try:
                received = subscription.recv(65536)
            except TimeoutError:
                if is_tested:
                    return
                is_tested = True
                with contextlib.suppress(OSError):
                    subscription.sendall(b"*1\r\n$4\r\nPING\r\n")
                continue
            except (OSError, ValueError):
                return
            if not received:
                return
            is_tested = False
            self._wake()
            self._is_closed.wait(PAUSE)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):  # full: it is awake already
            self._inner.send(b"1")
