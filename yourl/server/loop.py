"""The loop that does all the waiting: it accepts, calls each connection's next step, and never blocks.

A thread gets a request when its last byte is here, and gives the answer back whole; it never waits for a
client. One thread, the loop's, owns every connection but those that are RUNNING. Knows no Gunicorn: ``Host``
is what the loop asks of the server around it.
"""

from __future__ import annotations

import math
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from yourl.http1.limits import Limits
from yourl.server.acceptor import YIELD, Acceptor
from yourl.server.balance import Share
from yourl.server.connection import Connection, State
from yourl.server.exchange import OVERLOADED, STOPPING, Exchange
from yourl.server.host import Host
from yourl.server.memory import MemoryAccount
from yourl.server.refusals import to_bytes
from yourl.server.threads import Threads
from yourl.server.wakeup import CallQueue

TICK = 0.25
"""Seconds between two looks at the deadlines; how late an expired connection may be closed."""

KEPT_SHARE = 7 / 8
"""Share of the capacity that stays in use when many connections are evicted together."""

FREED_AT_ONCE = 8
"""Connections evicted when descriptors run out."""

UNDISTURBED = 1.0
"""Seconds that a request has to arrive before its connection may be evicted for a newer one."""

WAITING_SHARE = 3 / 4
"""Share of the connections whose answers may wait; the rest stays for clients that are answered at once."""


class Loop:
    """The connections of one worker."""

    def __init__(
        self,
        host: Host,
        listeners: Iterable[socket.socket],
        limits: Limits,
        capacity: int,
        threads: Threads,
        share: Share | None = None,
    ) -> None:
        """Make a loop.

        :param capacity: how many connections it may hold
        :param share: of the connections, where other workers accept from the same sockets
        """
        self._host = host
        self._log = host.log
        self._limits = limits
        self._capacity = capacity
        self._poller = selectors.DefaultSelector()
        self._calls = CallQueue()
        self._poller.register(self._calls.fileno(), selectors.EVENT_READ, self._calls.run)
        self._share = share or Share()
        self._acceptor = Acceptor(
            listeners, self._poller, self.add, self._may_take, self._free_descriptors, host.log
        )
        self._next_tick = 0.0
        self._is_crowded = False
        self._evicted = 0
        self.memory = MemoryAccount(limits.memory)
        most_waiting = max(1, int(capacity * WAITING_SHARE))
        self.exchange = Exchange(self, host, limits, threads, self._calls, most_waiting)
        self.connections: set[Connection] = set()

    # What the server around the loop calls

    def start_accepting(self) -> None:
        """Take connections from now on."""
        self._acceptor.resume()
        self._share.report(self._served)

    def wake(self) -> None:
        """Have ``run_once`` return soon; safe in signal handlers."""
        self._calls.put(int)

    def notify(self, channel: str) -> None:
        """Something has happened on a channel: answer the requests anew that wait for it."""
        self.exchange.waiting.notify(channel, time.monotonic())

    @property
    def has_subscribers(self) -> bool:
        """Whether a request waits on any channel."""
        return self.exchange.waiting.has_channels

    @property
    def has_waiting(self) -> bool:
        """Whether the answer to a request waits, on a channel or for its time."""
        return len(self.exchange.waiting) > 0

    def call_soon(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have ``run_once`` call ``function``; safe in any thread."""
        self._calls.put(function, *arguments)

    def watch_descriptor(self, descriptor: int, is_readable: Callable[[], object]) -> None:
        """Call ``is_readable`` whenever there is something to read from ``descriptor``."""
        self._poller.register(descriptor, selectors.EVENT_READ, is_readable)

    def ignore_descriptor(self, descriptor: int) -> None:
        """Undo ``watch_descriptor``."""
        self._poller.unregister(descriptor)

    def run_once(self) -> bool:
        """Do what is ready, then what is due; returns whether the deadlines were looked at."""
        is_quiet = not self.connections and self._acceptor.is_accepting
        for key, _ in self._poller.select(1.0 if is_quiet else YIELD if self._acceptor.is_yielding else TICK):
            key.data()
        now = time.monotonic()
        if self._acceptor.is_yielding:
            self._acceptor.resume_if_due(now)
        self.exchange.questions.ask_due(now)
        if now < self._next_tick:
            return False
        self._next_tick = now + TICK
        self._expire(now)
        return True

    def stop_accepting(self, *, drain: bool) -> None:
        """Close the listening sockets; with ``drain`` take first what the kernel has queued."""
        self._share.leave()
        if drain:
            self._acceptor.drain(lambda: len(self.connections) < self._capacity)
        self._acceptor.close()
        now = time.monotonic()
        for connection in self.connections:
            if connection.state is State.WAITING:
                connection.deadline = now
            elif connection.state is State.READING and not connection.is_mid_request:
                connection.deadline = min(connection.deadline, now + self._limits.idle_timeout)

    def refuse_unfinished(self) -> None:
        """Answer 503 to requests that are not complete, and close what is idle."""
        for connection in list(self.connections):
            if connection.is_mid_request:
                self.exchange.refuse(connection, STOPPING)
            elif connection.state < State.WAITING:
                self.close(connection)

    def end(self) -> None:
        """Close every connection and what the loop itself has open."""
        for connection in list(self.connections):
            self.close(connection)
        self._poller.close()
        self._calls.close()

    # Time and memory

    def _expire(self, now: float) -> None:
        """End what is past its deadline; report what was evicted since the last look."""
        self._share.report(self._served)
        if self._is_crowded and len(self.connections) >= self._capacity:
            self._make_room()
        if len(self.connections) < self._capacity:
            self._is_crowded = False
            self._acceptor.resume_if_due(now)
        for connection in [c for c in self.connections if c.deadline <= now]:
            self.guarded(self.exchange.expire, connection)
        if self._evicted:
            # One line for all: a flood of connections must not become a flood of lines.
            self._log.warning("Evicted %d connections to make room", self._evicted)
            self._evicted = 0
        if self.exchange.answered_early:
            self._log.warning("Answered %d waiting requests early", self.exchange.answered_early)
            self.exchange.answered_early = 0

    def save_memory(self) -> bool:
        """Evict connections if too much memory is held; returns whether the rest is within the limit."""
        if self.memory.is_full:
            for connection in self.memory.to_evict(self.connections, time.monotonic()):
                self._evict(connection, "memory")
        return not self.memory.is_full

    def _evict_one(self, newest: Connection | None = None) -> bool:
        """Close the most dispensable connection, if there is one; returns whether there was.

        A request with a thread is finished, and one that has just begun gets time to arrive.

        :param newest: has just come and had no time to send anything, so it is not a candidate
        """
        candidates = self._evictable() - {newest}
        if not candidates:
            return False
        self._evict(min(candidates, key=lambda c: (c.state, c.since)), "connections")
        return True

    def _evictable(self) -> set[Connection]:
        before = time.monotonic() - UNDISTURBED
        return {
            c
            for c in self.connections
            if c.state < State.RUNNING and (c.state is not State.READING or c.since < before)
        }

    def _make_room(self) -> None:
        """While no more is accepted, evict what may be evicted by now, down to a share of the capacity."""
        excess = len(self.connections) - int(self._capacity * KEPT_SHARE)
        for connection in sorted(self._evictable(), key=lambda c: (c.state, c.since))[:excess]:
            self._evict(connection, "connections")

    def _free_descriptors(self) -> None:
        for _ in range(FREED_AT_ONCE):
            self._evict_one()

    def _evict(self, connection: Connection, reason: str) -> None:
        """Close a connection for the sake of others."""
        if connection.is_mid_request:
            # Sent only if the socket takes it now; no lingering, as the descriptor is needed.
            head = connection.head
            self._host.refused(OVERLOADED, connection.peer, head)
            self.exchange.try_send(connection, to_bytes(OVERLOADED, head))
        self._evicted += 1
        self._host.evicted(reason)
        self.close(connection)

    @property
    def _served(self) -> int:
        """The connections that cost something. Answers that wait do not: with many of them a worker would
        leave all new connections to the others."""
        return len(self.connections) - len(self.exchange.waiting)

    def _may_take(self) -> bool:
        return self._share.may_take(self._served)

    # One connection

    def add(self, stream: socket.socket, client: object) -> None:
        """Add a connected, non-blocking socket with the address of its peer, and read what it has sent."""
        try:
            connection = Connection(
                stream,
                client,
                self._limits,
                time.monotonic(),
                awaits_proxy_header=self._host.awaits_proxy_header(client),
            )
        except OSError:  # the client is gone already
            stream.close()
            return
        connection.on_ready = partial(self.guarded, self.exchange.go_on, connection)
        self.connections.add(connection)
        self._share.report(self._served)
        if len(self.connections) > self._capacity and not self._evict_one(connection):
            self._acceptor.pause()
            self._is_crowded = True
        connection.on_ready()

    def guarded(self, step: Callable[..., None], connection: Connection, *more: Any) -> None:
        """Take one step with a connection; an exception in it closes that connection only."""
        try:
            step(connection, *more)
        except Exception:
            self._log.exception("Error on the connection of %s", connection.peer or "-")
            self.close(connection)

    def watch(self, connection: Connection, events: int) -> None:
        """Have the connection's next step taken when its socket is ready for ``events``; 0 for never."""
        if events == connection.watched:
            return
        if not events:
            self._poller.unregister(connection.stream)
        elif connection.watched:
            self._poller.modify(connection.stream, events, connection.on_ready)
        else:
            self._poller.register(connection.stream, events, connection.on_ready)
        connection.watched = events

    def close(self, connection: Connection) -> None:
        """Close the socket and remove the connection."""
        if connection.state is State.CLOSED:
            return
        self.watch(connection, 0)
        self.memory.count(connection, 0)
        self.exchange.waiting.discard(connection)
        connection.enter(State.CLOSED, 0.0, math.inf)
        self.connections.discard(connection)
        self._share.report(self._served)
        connection.stream.close()
