"""Hands complete requests to threads, as many at a time as there is memory to answer. Knows no Gunicorn."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest
from yourl.server.connection import Connection, State
from yourl.server.memory import MemoryAccount
from yourl.server.threads import Threads


class Dispatcher:
    """Queues requests for threads. All methods but ``_serve`` and ``_settle`` belong to the loop's thread.

    ``answer`` has the application answer and returns whether the connection stays open; ``finished`` is
    called on the thread with that when the loop has to go on with the connection; ``promised`` likewise, on
    any thread, once the promise that the answer waits for is kept, with its text; ``unwatched`` when the
    connection became idle while the loop had stopped watching its socket.
    """

    def __init__(
        self,
        threads: Threads,
        memory: MemoryAccount,
        limits: Limits,
        *,
        answer: Callable[[Connection, ReceivedRequest], bool],
        finished: Callable[[Connection, bool], None],
        promised: Callable[[Connection, bool, str | None], None],
        unwatched: Callable[[Connection], None],
    ) -> None:
        self._threads = threads
        self._memory = memory
        self._limits = limits
        self._answer = answer
        self._finished = finished
        self._promised = promised
        self._unwatched = unwatched
        self._queued: deque[tuple[Connection, ReceivedRequest, int]] = deque()
        self._large_running = 0

    def submit(self, connection: Connection, request: ReceivedRequest) -> None:
        """Give a request to a thread; one with a large body waits until there is memory for it."""
        needed = self._limits.memory_to_answer(len(request.body))
        if needed:
            self._queued.append((connection, request, needed))
            self._submit_queued()
        else:
            self._threads.submit(self._serve, connection, request)

    def release(self, connection: Connection) -> None:
        """Take note that the application is done with the connection's request."""
        if connection.reserved:
            self._memory.reserved -= connection.reserved
            connection.reserved = 0
            self._large_running -= 1

    def submit_waiting(self) -> None:
        """Give waiting requests to threads after memory has become free."""
        if self._queued:
            self._submit_queued()

    def _submit_queued(self) -> None:
        while self._queued:
            connection, request, needed = self._queued[0]
            if self._large_running and not self._memory.has_room_for(needed):
                return
            self._queued.popleft()
            if connection.state is State.RUNNING:
                self._large_running += 1
                connection.reserved = needed
                self._memory.reserved += needed
                self._memory.count(connection, connection.held + needed)
                self._threads.submit(self._serve, connection, request)

    def _serve(self, connection: Connection, request: ReceivedRequest) -> None:
        """On a thread: let the application answer; never waits for the client."""
        keepalive = False
        try:
            keepalive = self._answer(connection, request)
        finally:
            promise = connection.sock.promise
            if promise is not None:
                promise.value.add_done_callback(
                    lambda value: self._promised(connection, keepalive, value.result())
                )
            elif not (keepalive and self._settle(connection)):
                self._finished(connection, keepalive)

    def _settle(self, connection: Connection) -> bool:
        """On a thread: make a connection idle that needs nothing from the loop, without waking the loop.

        Returns whether it did. The socket stays registered while the thread runs, unless the client sent
        something meanwhile. Thread and loop each set their own mark (state, watched) before they look at the
        other's, so that at least one of them sees both and registers the socket again.
        """
        if not connection.watched or connection.sock.unsent or connection.reader.size or connection.held:
            return False
        connection.forget_request()
        now = time.monotonic()
        connection.enter(State.IDLE, now, now + self._limits.idle_timeout)
        if not connection.watched:
            self._unwatched(connection)
        return True
