"""The loop that does all the waiting: it accepts, reads, times out, sends and closes, and never blocks.

    READING (head, body) -> RUNNING (a thread, the application) -> SENDING (what the client has not taken yet)
    -> IDLE (kept alive) or LINGERING (closing) -> CLOSED

A thread gets a request when its last byte is here, and gives the answer back whole; it never waits for a
client. One thread, the loop's, owns every connection but those that are RUNNING. Knows no Gunicorn: ``Host``
is what the loop asks of the server around it.
"""

from __future__ import annotations

import contextlib
import math
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from yourl.errors import Refusal
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server.acceptor import Acceptor
from yourl.server.connection import Connection, State
from yourl.server.dispatcher import Dispatcher
from yourl.server.host import Host
from yourl.server.memory import MemoryAccount
from yourl.server.refusals import to_bytes
from yourl.server.threads import Threads
from yourl.server.wakeup import CallQueue

TICK = 0.25
"""Seconds between two looks at the deadlines; how late an expired connection may be closed."""

READ_SIZE = 32 * 1024
"""Bytes taken from one connection before the next has its turn."""

FREED_AT_ONCE = 8
"""Connections evicted when descriptors run out."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

OVERLOADED = Refusal("overloaded", headers=(("Retry-After", "1"),))
STOPPING = Refusal("stopping", headers=(("Retry-After", "1"),))
HEAD_TIMEOUT = Refusal("head_timeout")
BODY_TIMEOUT = Refusal("body_timeout")


class Loop:
    """The connections of one worker."""

    def __init__(
        self, host: Host, listeners: Iterable[socket.socket], limits: Limits, capacity: int, threads: Threads
    ) -> None:
        """Make a loop; ``capacity`` is how many connections it may hold."""
        self._host = host
        self._log = host.log
        self._limits = limits
        self._capacity = capacity
        self._poller = selectors.DefaultSelector()
        self._calls = CallQueue()
        self._poller.register(self._calls.fileno(), selectors.EVENT_READ, self._calls.run)
        self._acceptor = Acceptor(listeners, self._poller, self.add, self._free_descriptors, host.log)
        self._memory = MemoryAccount(limits.memory)
        self._dispatcher = Dispatcher(
            threads,
            self._memory,
            limits,
            answer=host.answer,
            finished=partial(self._calls.put, self._guarded, self._finish),
            unwatched=partial(self._calls.put, self._guarded, self._watch_again),
        )
        self._next_tick = 0.0
        self._evicted = 0
        self.connections: set[Connection] = set()

    @property
    def memory_held(self) -> int:
        """Bytes that all connections hold together."""
        return self._memory.held

    # What the server around the loop calls

    def start_accepting(self) -> None:
        """Take connections from now on."""
        self._acceptor.resume()

    def wake(self) -> None:
        """Have ``run_once`` return soon; safe in signal handlers."""
        self._calls.put(int)

    def run_once(self) -> bool:
        """Do what is ready, then what is due; returns whether the deadlines were looked at."""
        is_quiet = not self.connections and self._acceptor.is_accepting
        for key, _ in self._poller.select(1.0 if is_quiet else TICK):
            key.data()
        now = time.monotonic()
        if now < self._next_tick:
            return False
        self._next_tick = now + TICK
        self._expire(now)
        return True

    def stop_accepting(self, *, drain: bool) -> None:
        """Close the listening sockets; with ``drain`` take first what the kernel has queued."""
        if drain:
            self._acceptor.drain(lambda: len(self.connections) < self._capacity)
        self._acceptor.close()
        now = time.monotonic()
        for connection in self.connections:
            if connection.state is State.READING and not connection.is_mid_request:
                connection.deadline = min(connection.deadline, now + self._limits.idle_timeout)

    def refuse_unfinished(self) -> None:
        """Answer 503 to requests that are not complete, and close what is idle."""
        for connection in list(self.connections):
            if connection.is_mid_request:
                self._refuse(connection, STOPPING)
            elif connection.state < State.SENDING:
                self._close(connection)

    def close(self) -> None:
        """Close every connection and what the loop itself has open."""
        for connection in list(self.connections):
            self._close(connection)
        self._poller.close()
        self._calls.close()

    # Time and memory

    def _expire(self, now: float) -> None:
        """End what is past its deadline; report what was evicted since the last look."""
        if len(self.connections) < self._capacity:
            self._acceptor.resume_if_due(now)
        for connection in [c for c in self.connections if c.deadline <= now]:
            if connection.is_mid_request:
                self._refuse(connection, BODY_TIMEOUT if connection.reader.head else HEAD_TIMEOUT)
                continue
            if connection.state is State.SENDING:
                unsent = len(connection.sock.unsent)
                self._log.info("Send timeout: %s, %d bytes unsent", connection.peer or "-", unsent)
            self._close(connection)
        if self._evicted:
            # One line for all: a flood of connections must not become a flood of lines.
            self._log.warning("Evicted %d connections to make room", self._evicted)
            self._evicted = 0

    def _save_memory(self) -> bool:
        """Evict connections if too much memory is held; returns whether the rest is within the limit."""
        if self._memory.is_full:
            for connection in self._memory.to_evict(self.connections, time.monotonic()):
                self._evict(connection, "memory")
        return not self._memory.is_full

    def _evict_one(self) -> bool:
        """Close the most dispensable connection that no thread works for; returns whether there was one."""
        candidates = [c for c in self.connections if c.state < State.RUNNING]
        if not candidates:
            return False
        self._evict(min(candidates, key=lambda c: (c.state, c.since)), "connections")
        return True

    def _free_descriptors(self) -> None:
        for _ in range(FREED_AT_ONCE):
            self._evict_one()

    def _evict(self, connection: Connection, reason: str) -> None:
        """Close a connection for the sake of others."""
        if connection.is_mid_request:
            # Sent only if the socket takes it now; no lingering, as the descriptor is needed.
            head = connection.head
            self._host.refused(OVERLOADED, connection.peer, head)
            self._try_send(connection, to_bytes(OVERLOADED, head))
        self._evicted += 1
        self._host.evicted(reason)
        self._close(connection)

    # One connection

    def add(self, stream: socket.socket, client: object) -> None:
        """Add a connected, non-blocking socket with the address of its peer, and read what it has sent."""
        try:
            connection = Connection(stream, client, self._limits, time.monotonic())
        except OSError:  # the client is gone already
            stream.close()
            return
        self.connections.add(connection)
        if len(self.connections) > self._capacity and not self._evict_one():
            self._acceptor.pause()
        self._on_ready(connection)

    def _on_ready(self, connection: Connection) -> None:
        """The socket is readable or writable, or its client is gone."""
        self._guarded(self._go_on, connection)

    def _guarded(self, step: Callable[..., None], connection: Connection, *more: Any) -> None:
        """Take one step with a connection; a defect of ours in it must not end all others."""
        try:
            step(connection, *more)
        except Exception:
            self._log.exception("Error on the connection of %s", connection.peer or "-")
            self._close(connection)

    def _go_on(self, connection: Connection) -> None:
        """Do what the connection's state asks for."""
        if connection.state is State.READING or connection.state is State.IDLE:
            self._read(connection)
        elif connection.state is State.SENDING:
            self._send(connection)
        elif connection.state is State.LINGERING:
            self._linger_on(connection)
        elif connection.state is State.RUNNING:
            self._watch(connection, 0)
            self._watch_again(connection)  # the thread may have ended meanwhile, see _settle

    def _watch(self, connection: Connection, events: int) -> None:
        """Ask to be called when the socket is ready for ``events``; 0 for none."""
        if events == connection.watched:
            return
        if not events:
            self._poller.unregister(connection.stream)
        elif connection.watched:
            self._poller.modify(connection.stream, events, partial(self._on_ready, connection))
        else:
            self._poller.register(connection.stream, events, partial(self._on_ready, connection))
        connection.watched = events

    def _watch_again(self, connection: Connection) -> None:
        """Await the next request of a connection that a thread has settled."""
        if connection.state is State.IDLE:
            self._watch(connection, selectors.EVENT_READ)

    def _read(self, connection: Connection) -> None:
        """Take in what has arrived."""
        try:
            data = connection.stream.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            self._watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            self._close(connection)
            return
        if data:
            now = time.monotonic()
            connection.note_progress(len(data), now)
            if connection.state is State.IDLE:
                connection.enter(State.READING, now, now + self._limits.head_timeout)
            self._proceed(connection, connection.reader.feed(data))
            return
        refusal = connection.reader.end()
        if refusal is None:
            self._close(connection)
        else:
            self._refuse(connection, refusal)

    def _proceed(self, connection: Connection, outcome: ReceivedRequest | Refusal | None) -> None:
        """Go on with what the reader made of the bytes."""
        if isinstance(outcome, ReceivedRequest):
            self._start(connection, outcome)
        elif outcome is None:
            self._await_more(connection)
        else:
            self._refuse(connection, outcome)

    def _await_more(self, connection: Connection) -> None:
        """The request is not complete: set the deadline of the part that is awaited."""
        reader = connection.reader
        if reader.head is not None:
            if not connection.body_is_awaited:
                connection.body_is_awaited = True
                connection.since = time.monotonic()
                if reader.head.expects_continue and not reader.size:
                    self._try_send(connection, CONTINUE)
            connection.deadline = self._limits.body_deadline(connection.since, reader.body_received)
        self._memory.count(connection, reader.size)
        self._save_memory()
        if connection.state is not State.CLOSED:
            self._watch(connection, selectors.EVENT_READ)

    # A complete request

    def _start(self, connection: Connection, request: ReceivedRequest) -> None:
        """Give the request to a thread, or refuse it where memory is used up."""
        connection.body_is_awaited = False
        connection.request = request
        connection.enter(State.RUNNING, time.monotonic(), math.inf)
        if request.body or connection.held or connection.reader.size:
            self._memory.count(connection, connection.reader.size + len(request.body))
            if not self._save_memory():
                self._refuse(connection, OVERLOADED)
                return
        self._dispatcher.submit(connection, request)

    def _finish(self, connection: Connection, keepalive: bool) -> None:
        """The application is done with the request."""
        self._dispatcher.release(connection)
        if connection.state is not State.RUNNING:
            return
        self._memory.count(connection, len(connection.sock.unsent) + connection.reader.size)
        connection.keepalive = keepalive
        if connection.sock.unsent:
            self._send_rest(connection, self._limits.send_timeout)
        else:
            self._after_answer(connection)
        self._dispatcher.submit_waiting()

    def _send_rest(self, connection: Connection, timeout: float) -> None:
        """Send what the client has not taken yet, within ``timeout`` seconds and what its pace adds."""
        now = time.monotonic()
        connection.enter(State.SENDING, now, now + timeout)
        connection.taken = 0
        self._send(connection)
        self._save_memory()

    def _send(self, connection: Connection) -> None:
        """Send on what the client did not take at once."""
        try:
            count = connection.sock.flush()
        except OSError:
            self._close(connection)
            return
        connection.taken += count
        connection.note_progress(count, time.monotonic())
        if not connection.sock.unsent:
            self._after_answer(connection)
            return
        self._memory.count(connection, len(connection.sock.unsent) + connection.reader.size)
        if count:
            connection.deadline = self._limits.send_deadline(connection.since, connection.taken)
        self._watch(connection, selectors.EVENT_WRITE)

    def _after_answer(self, connection: Connection) -> None:
        """The whole answer is sent: go on with the next request, or close."""
        if not connection.keepalive:
            self._linger(connection)
            return
        now = time.monotonic()
        connection.enter(State.IDLE, now, now + self._limits.idle_timeout)
        self._memory.count(connection, connection.reader.size)
        if connection.reader.size:
            connection.enter(State.READING, now, now + self._limits.head_timeout)
            self._proceed(connection, connection.reader.advance())
        else:
            self._watch(connection, selectors.EVENT_READ)

    # The end of a connection

    def _refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Answer for the application, log it once, and close."""
        head = connection.head
        self._host.refused(refusal, connection.peer, head)
        connection.keepalive = False
        connection.reader = RequestReader(self._limits)
        connection.sock.unsent += to_bytes(refusal, head)
        self._memory.count(connection, len(connection.sock.unsent))
        self._send_rest(connection, self._limits.linger)

    def _linger(self, connection: Connection) -> None:
        """Close as RFC 9112 section 9.6 asks: say that nothing follows, then read until the client closes.

        Closing at once would let the kernel answer unread bytes with a reset, which destroys an answer that
        the client has not read. Skip lingering if the client sent ``Connection: close``.
        """
        now = time.monotonic()
        connection.enter(State.LINGERING, now, now + self._limits.linger)
        self._memory.count(connection, 0)
        if connection.can_skip_linger:
            self._close(connection)
            return
        try:
            connection.stream.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._linger_on(connection)

    def _linger_on(self, connection: Connection) -> None:
        """Discard what a closing connection still sends."""
        try:
            if connection.stream.recv(READ_SIZE):
                self._watch(connection, selectors.EVENT_READ)
                return
        except (BlockingIOError, InterruptedError):
            self._watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            pass
        self._close(connection)

    def _close(self, connection: Connection) -> None:
        """Close the socket and remove the connection."""
        if connection.state is State.CLOSED:
            return
        self._watch(connection, 0)
        self._memory.count(connection, 0)
        connection.enter(State.CLOSED, 0.0, math.inf)
        self.connections.discard(connection)
        connection.stream.close()

    def _try_send(self, connection: Connection, data: bytes) -> None:
        """Send a few bytes if the socket takes them; a client that is gone is noticed later."""
        with contextlib.suppress(OSError):
            connection.stream.send(data)
