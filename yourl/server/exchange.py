"""What is done with one connection, step by step: read, run, wait, send, linger. Knows no Gunicorn.

    READING (head, body) -> RUNNING (a thread, the application) -> SENDING (what the client has not taken yet)
    -> IDLE (kept alive) or LINGERING (closing) -> CLOSED

An answer that shall be given later is WAITING in between. Each method leaves the connection in a state in
which an event of its socket, its deadline or its thread brings it on.
"""

from __future__ import annotations

import contextlib
import logging
import math
import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from yourl.context import Wait
from yourl.errors import Refusal
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server.connection import Connection, State
from yourl.server.dispatcher import Dispatcher
from yourl.server.host import Host
from yourl.server.memory import MemoryAccount
from yourl.server.questions import Questions
from yourl.server.refusals import to_bytes
from yourl.server.threads import Threads
from yourl.server.waiting import WaitingAnswers
from yourl.server.wakeup import CallQueue

READ_SIZE = 32 * 1024
"""Bytes taken from one connection before the next has its turn."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

OVERLOADED = Refusal("overloaded", headers=(("Retry-After", "1"),))
STOPPING = Refusal("stopping", headers=(("Retry-After", "1"),))
HEAD_TIMEOUT = Refusal("head_timeout")
BODY_TIMEOUT = Refusal("body_timeout")


class Watcher(Protocol):
    """What the steps ask of the loop."""

    memory: MemoryAccount

    def watch(self, connection: Connection, events: int) -> None:
        """Call ``go_on`` when the socket is ready for ``events`` of the selector; 0 for never."""

    def close(self, connection: Connection) -> None:
        """Close the socket and remove the connection."""

    def save_memory(self) -> bool:
        """Evict connections if too much memory is held; returns whether the rest is within the limit."""

    def guarded(self, step: Callable[..., None], connection: Connection, *more: Any) -> None:
        """Take a step; an exception in it closes that connection only."""


class Exchange:
    """The steps of every connection. Called on the loop's thread only."""

    def __init__(
        self,
        loop: Watcher,
        host: Host,
        limits: Limits,
        threads: Threads,
        calls: CallQueue,
        most_waiting: int,
    ) -> None:
        """Make them; ``most_waiting`` is how many answers may wait at a time."""
        self._loop = loop
        self._host = host
        self._log: logging.Logger = host.log
        self._limits = limits
        self._memory = loop.memory
        self.waiting = WaitingAnswers()
        self.questions = Questions(
            self.waiting,
            run=threads.submit,
            call_soon=calls.put,
            answer_anew=partial(loop.guarded, self._answer_anew),
            log=host.log,
        )
        self._most_waiting = most_waiting
        self.answered_early = 0
        """Answers given before their time because too many waited."""
        self._dispatcher = Dispatcher(
            threads,
            loop.memory,
            limits,
            answer=host.answer,
            finished=partial(calls.put, loop.guarded, self._finish),
            promised=partial(calls.put, loop.guarded, self._keep_promise),
            unwatched=partial(calls.put, loop.guarded, self._watch_again),
        )

    def go_on(self, connection: Connection) -> None:
        """The socket is readable or writable, or its client is gone: do what the state asks for."""
        state = connection.state
        if state is State.READING or state is State.IDLE:
            self._read(connection)
        elif state is State.SENDING:
            self._send(connection)
        elif state is State.LINGERING:
            self._linger_on(connection)
        elif state is State.WAITING:
            self._check_presence(connection)
        elif state is State.RUNNING:
            self._loop.watch(connection, 0)
            self._watch_again(connection)  # the thread may have ended meanwhile, see Dispatcher

    def expire(self, connection: Connection) -> None:
        """The deadline is over."""
        if connection.is_mid_request:
            self.refuse(connection, BODY_TIMEOUT if connection.reader.head else HEAD_TIMEOUT)
        elif connection.state is State.WAITING:
            self.release(connection)
        elif connection.state is State.IDLE and self._has_next_request(connection):
            return
        else:
            if connection.state is State.SENDING:
                unsent = len(connection.sock.unsent)
                self._log.info("Send timeout: %s, %d bytes unsent", connection.peer or "-", unsent)
            self._loop.close(connection)

    def _has_next_request(self, connection: Connection) -> bool:
        """Whether a request arrived in time, though the loop was too busy to see it."""
        self._read(connection)
        return connection.state is not State.IDLE

    # Reading

    def _read(self, connection: Connection) -> None:
        """Take in what has arrived."""
        try:
            data = connection.stream.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            self._loop.watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            self._loop.close(connection)
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
            self._loop.close(connection)
        else:
            self.refuse(connection, refusal)

    def _proceed(self, connection: Connection, outcome: ReceivedRequest | Refusal | None) -> None:
        """Go on with what the reader made of the bytes."""
        if isinstance(outcome, ReceivedRequest):
            self._start(connection, outcome)
        elif outcome is None:
            self._await_more(connection)
        else:
            self.refuse(connection, outcome)

    def _await_more(self, connection: Connection) -> None:
        """The request is not complete: set the deadline of the part that is awaited."""
        reader = connection.reader
        if reader.head is not None:
            if not connection.body_is_awaited:
                connection.body_is_awaited = True
                connection.since = time.monotonic()
                if reader.head.expects_continue and not reader.size:
                    self.try_send(connection, CONTINUE)
            connection.deadline = self._limits.body_deadline(connection.since, reader.size)
        self._memory.count(connection, reader.size)
        self._loop.save_memory()
        if connection.state is not State.CLOSED:
            self._loop.watch(connection, selectors.EVENT_READ)

    # Answering

    def _start(self, connection: Connection, request: ReceivedRequest) -> None:
        """Give the request to a thread, or refuse it where memory is used up."""
        connection.body_is_awaited = False
        connection.request = request
        connection.sock.proxy_header = connection.reader.proxy_header
        connection.wait_until = 0.0
        connection.enter(State.RUNNING, time.monotonic(), math.inf)
        if request.body or connection.held or connection.reader.size:
            self._memory.count(connection, connection.reader.size + len(request.body))
            if not self._loop.save_memory():
                self.refuse(connection, OVERLOADED)
                return
        self._dispatcher.submit(connection, request)

    def _watch_again(self, connection: Connection) -> None:
        """Await the next request of a connection that its thread has made idle."""
        if connection.state is State.IDLE:
            self._loop.watch(connection, selectors.EVENT_READ)

    def _finish(self, connection: Connection, keepalive: bool) -> None:
        """The application is done with the request."""
        self._dispatcher.release(connection)
        if connection.state is State.RUNNING:
            connection.keepalive = keepalive
            self._memory.count(connection, len(connection.sock.unsent) + connection.reader.size)
            if connection.sock.wait is not None:
                self._wait(connection)
            else:
                self._give_answer(connection)
        self._dispatcher.submit_waiting()

    def _keep_promise(self, connection: Connection, keepalive: bool, text: str | None) -> None:
        """Complete the answer with the text that it waits for; where there is none, answer anew."""
        if text is not None:
            connection.sock.keep_promise(text)
            self._host.released(connection)
            self._finish(connection, keepalive)
        elif connection.request is not None:
            connection.sock.break_promise()
            self._dispatcher.release(connection)
            self._dispatcher.submit(connection, connection.request)

    def _give_answer(self, connection: Connection) -> None:
        connection.forget_request()
        if connection.sock.unsent:
            self._send_rest(connection, self._limits.send_timeout)
        else:
            self._after_answer(connection)

    def _send_rest(self, connection: Connection, timeout: float) -> None:
        """Send what the client has not taken yet, within ``timeout`` seconds and what its pace adds."""
        now = time.monotonic()
        connection.enter(State.SENDING, now, now + timeout)
        connection.taken = 0
        self._send(connection)
        self._loop.save_memory()

    def _send(self, connection: Connection) -> None:
        """Send on what the client did not take at once."""
        try:
            count = connection.sock.flush()
        except OSError:
            self._loop.close(connection)
            return
        connection.taken += count
        connection.note_progress(count, time.monotonic())
        if not connection.sock.unsent:
            self._after_answer(connection)
            return
        self._memory.count(connection, len(connection.sock.unsent) + connection.reader.size)
        if count:
            connection.deadline = self._limits.send_deadline(connection.since, connection.taken)
        self._loop.watch(connection, selectors.EVENT_WRITE)

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
            self._loop.watch(connection, selectors.EVENT_READ)

    # Answers that wait

    def _wait(self, connection: Connection) -> None:
        """Keep the answer back until its time has come or something happens that the request waits for."""
        wait = connection.sock.wait
        if wait is None:
            raise ValueError("the answer does not wait")
        now = time.monotonic()
        if not connection.wait_until:
            connection.wait_until = now + wait.seconds
        asked_at = connection.since
        connection.enter(State.WAITING, now, connection.wait_until)
        self._count_waiting(connection, wait)
        self.waiting.add(connection, wait.channels, asked_at)
        self._loop.watch(connection, selectors.EVENT_READ)
        if len(self.waiting) > self._most_waiting:
            self.answered_early += 1
            self._loop.guarded(self.release, self.waiting.longest())
        self._loop.save_memory()

    def _count_waiting(self, connection: Connection, wait: Wait) -> None:
        """Count what a waiting connection holds; its request only where it may be answered anew."""
        held = len(connection.sock.unsent) + connection.reader.size
        if not wait.channels:
            connection.forget_request()
        elif connection.request is not None:
            held += len(connection.request.body)
        self._memory.count(connection, held)

    def _check_presence(self, connection: Connection) -> None:
        """A waiting client has sent something or is gone; what it sent is read after the answer."""
        try:
            is_gone = not connection.stream.recv(1, socket.MSG_PEEK)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            is_gone = True
        if is_gone:
            self._host.released(connection)
            self._loop.close(connection)
        else:
            self._loop.watch(connection, 0)

    def release(self, connection: Connection) -> None:
        """Give the answer that was kept back."""
        self.waiting.discard(connection)
        connection.sock.wait = None
        self._host.released(connection)
        self._give_answer(connection)

    def _answer_anew(self, connection: Connection) -> None:
        """Have the application answer a waiting request again."""
        request = connection.request
        if request is not None:
            self.waiting.discard(connection)
            connection.sock.unsent.clear()
            connection.enter(State.RUNNING, time.monotonic(), math.inf)
            self._dispatcher.submit(connection, request)

    # The end of a connection

    def refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Answer for the application, log it once, and close."""
        head = connection.head
        self._host.refused(refusal, connection.peer, head)
        connection.keepalive = False
        connection.forget_request()
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
            self._loop.close(connection)
            return
        try:
            connection.stream.shutdown(socket.SHUT_WR)
        except OSError:
            self._loop.close(connection)
            return
        self._linger_on(connection)

    def _linger_on(self, connection: Connection) -> None:
        """Discard what a closing connection still sends."""
        try:
            if connection.stream.recv(READ_SIZE):
                self._loop.watch(connection, selectors.EVENT_READ)
                return
        except (BlockingIOError, InterruptedError):
            self._loop.watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            pass
        self._loop.close(connection)

    def try_send(self, connection: Connection, data: bytes) -> None:
        """Send a few bytes if the socket takes them; a client that is gone is noticed later."""
        with contextlib.suppress(OSError):
            connection.stream.send(data)
