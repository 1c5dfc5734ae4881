"""``PatientWorker``: Gunicorn's threaded worker, made so that no client can hold up another.

In Gunicorn's own ``ThreadWorker`` a thread waits for the client: for its head, for its body, for it
to read the answer; and the loop that accepts waits while connections close. A handful of slow clients
is then enough to stop it. Here the loop does all the waiting, with non-blocking sockets, a memory
bound and an absolute deadline for each step, and a thread gets a request when its last byte is there:

    accepted -> READING (head, gate, body) -> RUNNING (a thread, the application) -> SENDING (what the
    client has not taken yet) -> IDLE (kept alive) or LINGERING (closing) -> closed

One thread, the loop's, owns every connection but those that are RUNNING.

Gunicorn internals relied on (tests/test_server_worker.py names any that a release changes):

- ``ThreadWorker``: ``__init__``, ``init_process`` (makes ``tpool`` by ``get_thread_pool``, and ``poller``;
  calls ``run``), ``method_queue`` (``fileno``, ``defer``, ``run_callbacks``, ``close``),
  ``wait_for_and_dispatch_events``, ``is_parent_alive``, ``handle_exit``, ``notify``; ``sockets``, ``cfg``,
  ``log``, ``alive``, ``nr_conns``, ``worker_connections``, ``keepalived_conns`` and ``max_keepalived`` (never
  filled, so never full)
- ``ThreadWorker.handle_request(req, conn)``: reads ``conn.sock``, ``conn.client``, ``conn.server``; writes
  the answer with ``conn.sock.sendall`` and ``sendfile``; returns whether the connection is kept alive;
  counts towards ``max_requests``; closes the answers of a worker that is no longer ``alive``
- what ``yourl/server/gunicorn_request.py`` names
- ``gunicorn.http.wsgi.create`` puts ``conn.sock`` into ``environ["gunicorn.socket"]``
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import resource
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from gunicorn.http import errors as gunicorn_errors
from gunicorn.workers.gthread import ThreadWorker

from yourl.context import ENVIRON_KEY, RequestContext, connection_of
from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server.connection import Connection, State
from yourl.server.gunicorn_request import GunicornRequest
from yourl.server.refusals import to_bytes
from yourl.server.threads import Threads

TICK = 0.25
"""Seconds between two looks at the deadlines; how late an expired connection may be closed."""

READ_SIZE = 32 * 1024
"""Bytes taken from one connection before the next has its turn."""

SPARE_DESCRIPTORS = 64
"""File descriptors left to the application when the process may open few."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

# Gunicorn derives these, too, from its parser's error; they are not the client's doing.
_APPLICATION_FAULTS = (
    gunicorn_errors.ConfigurationProblem,
    gunicorn_errors.InvalidResponseHeader,
    gunicorn_errors.InvalidResponseHeaderName,
)

_OUT_OF_RESOURCES = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

OVERLOADED = Refusal("overloaded", headers=(("Retry-After", "1"),))
STOPPING = Refusal("stopping", headers=(("Retry-After", "1"),))
HEAD_TOO_SLOW = Refusal("head_timeout")
BODY_TOO_SLOW = Refusal("body_timeout")
FAILED = Refusal("internal_error")


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """The worker class: ``gunicorn --worker-class yourl.server.worker.PatientWorker``."""

    limits: ClassVar[Limits] = Limits()
    """Set before the workers are forked. Gunicorn's own settings win for what they name, see ``__init__``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bounds = bounded_by_gunicorn(self.limits, self.cfg)
        self.connections: set[Connection] = set()
        self.held = 0
        self.ceiling = connections_possible(self.worker_connections)
        self.told_to_stop = False
        self.next_tick = 0.0
        self.accepting_is_over = False
        self.accepting_again_at = 0.0
        self.complaining_again_at = 0.0
        self.given_up = 0

    wsgi: Any
    _accepting: bool

    # The loop

    def get_thread_pool(self) -> Any:
        """Threads without futures for our loop, Gunicorn's pool for its own."""
        if needs_gunicorns_own_loop(self.cfg):
            return super().get_thread_pool()
        return Threads(self.cfg.threads)

    def run(self) -> None:
        """Serve until told to stop, then finish what was accepted."""
        if needs_gunicorns_own_loop(self.cfg):
            self.log.warning("TLS, HTTP/2, uwsgi or the PROXY protocol: slow clients are not kept apart.")
            super().run()
            return
        self.poller.register(
            self.method_queue.fileno(), selectors.EVENT_READ, self.method_queue.run_callbacks
        )
        self.listen(True)
        while self.alive and self.is_parent_alive():
            self.turn()
        self.wind_down()
        self.tpool.shutdown(wait=True, timeout=0.1)
        self.poller.close()
        self.method_queue.close()

    def turn(self) -> None:
        """One turn of the loop: whatever is ready, then whatever is due."""
        self.wait_for_and_dispatch_events(TICK if self.connections or not self._accepting else 1.0)
        now = time.monotonic()
        if now >= self.next_tick:
            self.next_tick = now + TICK
            self.notify()
            self.expire(now)
            self.report_given_up()

    def expire(self, now: float) -> None:
        """End what is past its deadline."""
        if not (self._accepting or self.accepting_is_over) and now >= self.accepting_again_at:
            self.listen(len(self.connections) < self.ceiling)
        for connection in [c for c in self.connections if c.deadline <= now]:
            if connection.is_mid_request:
                self.refuse(connection, BODY_TOO_SLOW if connection.reader.head else HEAD_TOO_SLOW)
                continue
            if connection.state is State.SENDING:
                unsent = len(connection.sock.unsent)
                self.log.info("Left %s, who did not take %d bytes in time.", connection.peer or "-", unsent)
            self.drop(connection)

    # Accepting

    def listen(self, enabled: bool) -> None:
        """Start or stop accepting."""
        if enabled == self._accepting:
            return
        for listener in self.sockets:
            if enabled:
                listener.setblocking(False)
                self.poller.register(listener, selectors.EVENT_READ, self.take_connection)
            else:
                self.poller.unregister(listener)
        self._accepting = enabled

    def take_connection(self, listener: Any) -> bool:
        """Accept one connection and read what it has sent; whether there was one."""
        try:
            stream, client = listener.accept()
        except (BlockingIOError, InterruptedError):
            return False
        except ConnectionAbortedError:
            return True
        except OSError as error:
            self.pause_accepting(error)
            return False
        now = time.monotonic()
        stream.setblocking(False)
        try:
            connection = Connection(stream, client, self.bounds, now)
        except OSError:  # the client is gone already
            stream.close()
            return True
        connection.on_ready = partial(self.on_ready, connection)
        self.connections.add(connection)
        self.nr_conns = len(self.connections)
        if self.nr_conns > self.ceiling:
            self.make_room()
        self.on_ready(connection, stream)
        return True

    def make_room(self) -> None:
        """Give up the oldest connection of the least useful kind; if every one is at work, accept no more."""
        if not self.give_up_one():
            self.listen(False)
            self.accepting_again_at = 0.0

    def pause_accepting(self, error: OSError) -> None:
        """Accepting failed: make room if that helps, and wait a moment rather than spin."""
        now = time.monotonic()
        if now >= self.complaining_again_at:
            self.log.warning("Cannot accept connections for the moment: %s", error)
            self.complaining_again_at = now + 60
        if error.errno in _OUT_OF_RESOURCES:
            for _ in range(8):
                self.give_up_one()
        self.listen(False)
        self.accepting_again_at = now + 2 * TICK

    def give_up_one(self) -> bool:
        """Close the most dispensable connection that no thread works for; whether there was one."""
        candidates = [c for c in self.connections if c.state < State.RUNNING]
        if not candidates:
            return False
        self.give_up(min(candidates, key=lambda c: (c.state, c.since)))
        return True

    def save_memory(self) -> bool:
        """Give up the oldest unfinished bodies and unread answers; whether what is left is within bounds."""
        while self.held > self.bounds.memory:
            candidates = [c for c in self.connections if c.held and c.state < State.RUNNING]
            if not candidates:
                return False
            self.give_up(min(candidates, key=lambda c: c.since))
        return True

    def give_up(self, connection: Connection) -> None:
        """Close a connection for the sake of others."""
        if connection.is_mid_request:
            # The last word is sent if the socket takes it; no lingering, its descriptor is needed.
            self.say(connection, to_bytes(OVERLOADED, connection.head))
        self.given_up += 1
        self.drop(connection)

    def report_given_up(self) -> None:
        """One line for all: a flood of connections must not become a flood of lines."""
        if self.given_up:
            self.log.warning("Gave up %d waiting connections to make room.", self.given_up)
            self.given_up = 0

    # One connection, on the loop

    def on_ready(self, connection: Connection, _stream: Any) -> None:
        """The socket is readable or writable, or its client is gone."""
        self.carefully(self.go_on, connection)

    def carefully(self, step: Callable[..., None], connection: Connection, *more: Any) -> None:
        """Take one step with a connection; a fault of ours in it must not end all others."""
        try:
            step(connection, *more)
        except Exception:
            self.log.exception("Error on the connection of %s", connection.peer or "-")
            self.drop(connection)

    def go_on(self, connection: Connection) -> None:
        """Do what the connection's state asks for."""
        if connection.state in (State.READING, State.IDLE):
            self.read(connection)
        elif connection.state is State.SENDING:
            self.send(connection)
        elif connection.state is State.LINGERING:
            self.linger_on(connection)
        elif connection.state is State.RUNNING:
            self.watch(connection, 0)
            self.watch_again(connection)  # the thread may have ended meanwhile, see settle

    def watch(self, connection: Connection, events: int) -> None:
        """Be told when the socket is ready for ``events``; 0 for none."""
        if events == connection.watched:
            return
        if not events:
            self.poller.unregister(connection.stream)
        elif connection.watched:
            self.poller.modify(connection.stream, events, connection.on_ready)
        else:
            self.poller.register(connection.stream, events, connection.on_ready)
        connection.watched = events

    def watch_again(self, connection: Connection) -> None:
        """Await the next request of a connection that a thread has settled."""
        if connection.state is State.IDLE:
            self.watch(connection, selectors.EVENT_READ)

    def read(self, connection: Connection) -> None:
        """Take in what has arrived."""
        try:
            data = connection.stream.recv(READ_SIZE)
        except (BlockingIOError, InterruptedError):
            self.watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            self.drop(connection)
            return
        if data:
            self.proceed(connection, connection.reader.feed(data))
            return
        refusal = connection.reader.end()
        if refusal is None:
            self.drop(connection)
        else:
            self.refuse(connection, refusal)

    def proceed(self, connection: Connection, outcome: ReceivedRequest | Refusal | None) -> None:
        """Go on with what the reader made of the bytes."""
        if isinstance(outcome, ReceivedRequest):
            self.start(connection, outcome)
        elif outcome is None:
            self.await_more(connection)
        else:
            self.refuse(connection, outcome)

    def await_more(self, connection: Connection) -> None:
        """The request is not complete: set the deadline of the part that is awaited."""
        now = time.monotonic()
        reader = connection.reader
        if connection.state is State.IDLE:
            connection.enter(State.READING, now, now + self.bounds.head_timeout)
        if reader.head is not None:
            if not connection.body_awaited:
                connection.body_awaited = True
                connection.since = now
                if reader.head.expects_continue and not reader.size:
                    self.say(connection, CONTINUE)
            connection.deadline = self.bounds.body_deadline(connection.since, reader.body_received)
        self.count_memory(connection, reader.size)
        self.save_memory()
        if connection.state is not State.CLOSED:
            self.watch(connection, selectors.EVENT_READ)

    def start(self, connection: Connection, request: ReceivedRequest) -> None:
        """The request is complete: queue it for a thread."""
        connection.body_awaited = False
        connection.request = request
        connection.enter(State.RUNNING, time.monotonic(), math.inf)
        self.count_memory(connection, connection.reader.size + len(request.body))
        if not self.save_memory() and connection.held:
            self.refuse(connection, OVERLOADED)
            return
        self.tpool.submit(self.serve, connection, request)

    def finish(self, connection: Connection, keepalive: bool) -> None:
        """The application is done with the request."""
        now = time.monotonic()
        if connection.state is not State.RUNNING:
            return
        self.count_memory(connection, len(connection.sock.unsent) + connection.reader.size)
        connection.keepalive = keepalive
        if connection.sock.unsent:
            connection.enter(State.SENDING, now, now + self.bounds.send_timeout)
            connection.sock.sent = 0  # what the socket took at once says nothing of the client's pace
            self.send(connection)
            self.save_memory()
        else:
            self.after_answer(connection)

    def send(self, connection: Connection) -> None:
        """Send on what the client did not take at once."""
        outlet = connection.sock
        try:
            outlet.flush()
        except OSError:
            self.drop(connection)
            return
        if outlet.unsent:
            self.count_memory(connection, len(outlet.unsent) + connection.reader.size)
            connection.deadline = self.bounds.send_deadline(connection.since, outlet.sent)
            self.watch(connection, selectors.EVENT_WRITE)
        else:
            self.after_answer(connection)

    def after_answer(self, connection: Connection) -> None:
        """The whole answer is sent: go on with the next request, or close."""
        if not connection.keepalive:
            self.linger(connection)
            return
        now = time.monotonic()
        connection.enter(State.IDLE, now, now + self.bounds.idle_timeout)
        if connection.reader.size:
            self.proceed(connection, connection.reader.advance())
        else:
            self.count_memory(connection, 0)
            self.watch(connection, selectors.EVENT_READ)

    def refuse(self, connection: Connection, refusal: Refusal) -> None:
        """Answer for the application, log it once, and close."""
        head = connection.head
        self.log_refusal(connection, refusal, head)
        connection.keepalive = False
        connection.reader = RequestReader(self.bounds)
        connection.sock.unsent += to_bytes(refusal, head)
        self.count_memory(connection, len(connection.sock.unsent))
        connection.enter(State.SENDING, time.monotonic(), time.monotonic() + self.bounds.linger)
        self.send(connection)

    def linger(self, connection: Connection) -> None:
        """Close as RFC 9112 section 9.6 asks: say that nothing follows, then read until the client closes.

        Closing at once would let the kernel answer unread bytes with a reset, which destroys an
        answer that the client has not read. Who has promised to send no more need not be waited for.
        """
        now = time.monotonic()
        connection.enter(State.LINGERING, now, now + self.bounds.linger)
        self.count_memory(connection, 0)
        if connection.keeps_its_word:
            self.drop(connection)
            return
        try:
            connection.stream.shutdown(socket.SHUT_WR)
        except OSError:
            self.drop(connection)
            return
        self.linger_on(connection)

    def linger_on(self, connection: Connection) -> None:
        """Discard what a closing connection still sends."""
        try:
            if connection.stream.recv(READ_SIZE):
                self.watch(connection, selectors.EVENT_READ)
                return
        except (BlockingIOError, InterruptedError):
            self.watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            pass
        self.drop(connection)

    def drop(self, connection: Connection) -> None:
        """Close and forget."""
        if connection.state is State.CLOSED:
            return
        self.watch(connection, 0)
        self.count_memory(connection, 0)
        connection.enter(State.CLOSED, 0.0, math.inf)
        self.connections.discard(connection)
        self.nr_conns = len(self.connections)
        connection.stream.close()

    def say(self, connection: Connection, words: bytes) -> None:
        """Send a few bytes if the socket takes them; a client that is gone is found out later."""
        with contextlib.suppress(OSError):
            connection.stream.send(words)

    def count_memory(self, connection: Connection, size: int) -> None:
        """Note that the connection now holds ``size`` bytes."""
        self.held += size - connection.held
        connection.held = size

    # One request, on a thread

    def serve(self, connection: Connection, request: ReceivedRequest) -> None:
        """Let the application answer; never waits for the client."""
        keepalive = False
        try:
            keepalive = self.answer(connection, request)
        finally:
            if not (keepalive and self.settle(connection)):
                self.method_queue.defer(self.carefully, self.finish, connection, keepalive)

    def settle(self, connection: Connection) -> bool:
        """Make a connection that needs nothing from the loop idle, without waking the loop; whether it is.

        The socket stays registered while the thread runs, unless the client sent something meanwhile. Thread
        and loop each set their own mark (state, watched) before they look at the other's, so that
        at least one of them sees both and registers the socket again.
        """
        if not connection.watched or connection.sock.unsent or connection.reader.size or connection.held:
            return False
        now = time.monotonic()
        connection.enter(State.IDLE, now, now + self.bounds.idle_timeout)
        if not connection.watched:
            self.method_queue.defer(self.carefully, self.watch_again, connection)
        return True

    def answer(self, connection: Connection, request: ReceivedRequest) -> bool:
        """Whether the connection may carry another request."""
        outlet = connection.sock
        outlet.begin(request)
        handed = GunicornRequest(request)
        try:
            keepalive = self.handle_request(handed, connection)
            outlet.flush()
            return keepalive and not outlet.broken
        except StopIteration:
            pass  # the application failed after its first bytes; Gunicorn has logged it
        except OSError as error:
            self.log.debug("The client is gone: %s", error)
            outlet.unsent.clear()
        except (Exception, SystemExit) as error:
            self.handle_error(handed, outlet, connection.client, error)
        return False

    def load_wsgi(self) -> None:
        """Load the application, and let it see what only the wire knew."""
        super().load_wsgi()
        self.wsgi = with_context(self.wsgi)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer in place of an application or a parser that raised; JSON, where Gunicorn sends HTML."""
        request = getattr(client, "request", None)
        if request is None:
            super().handle_error(req, client, addr, exc)
            return
        refusal = refusal_for(exc)
        if refusal is FAILED:
            self.log.exception("Error handling request %s", json.dumps(request.head.target.raw))
        client.unsent.clear()
        client.unsent += to_bytes(refusal, request.head)

    # Refusals

    def log_refusal(self, connection: Connection, refusal: Refusal, head: Head | None) -> None:
        """One line, by the logger's own ``refused`` where it has one."""
        method, target = (head.method, head.target.raw) if head else ("-", "-")
        refused = getattr(self.log, "refused", None)
        if refused is not None:
            refused(refusal, peer=connection.peer, method=method, target=target)
            return
        what = json.dumps(f"{method} {target}")
        self.log.info("Refused %s %s %d %s", connection.peer or "-", what, refusal.status, refusal.code)

    # The end

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: stop accepting, finish what was accepted."""
        self.told_to_stop = True
        super().handle_exit(sig, frame)

    def wind_down(self) -> None:
        """Finish every request of which a byte has arrived, within ``graceful_timeout`` seconds.

        Answers say ``Connection: close`` from now on. Kept-alive connections stay open for their idle
        timeout: the client may be sending already.
        """
        started = time.monotonic()
        if not self.told_to_stop:
            self.hand_over(started + self.bounds.head_timeout)
        if self.told_to_stop:
            self.empty_the_backlog()
        self.accepting_is_over = True
        self.listen(False)
        for listener in self.sockets:
            # From here on connections are refused, where they would be accepted by the kernel and lost.
            listener.close()
        for connection in self.connections:
            if connection.state is State.READING and not connection.is_mid_request:
                connection.deadline = min(connection.deadline, time.monotonic() + self.bounds.idle_timeout)
        last_call = started + max(0.0, self.cfg.graceful_timeout - 1.0)
        self.finish_until(last_call)
        for connection in list(self.connections):
            if connection.is_mid_request:
                self.refuse(connection, STOPPING)
            elif connection.state < State.SENDING:
                self.drop(connection)
        self.finish_until(started + self.cfg.graceful_timeout)
        for connection in list(self.connections):
            self.drop(connection)

    def empty_the_backlog(self) -> None:
        """Accept what the kernel has accepted for us: closing the listener would reset it."""
        for listener in self.sockets:
            while len(self.connections) < self.ceiling and self.take_connection(listener):
                pass

    def hand_over(self, deadline: float) -> None:
        """Retire for ``max_requests``: the next worker comes only when this one is gone.

        So new connections are answered, and closed, for as long as older ones need.
        """
        older = set(self.connections)
        while time.monotonic() < deadline and not older.isdisjoint(self.connections):
            if self.told_to_stop or not self.is_parent_alive():
                return
            self.turn()

    def finish_until(self, deadline: float) -> None:
        """Turn the loop until no connection is left, or until ``deadline``."""
        while self.connections and time.monotonic() < deadline:
            self.turn()


def bounded_by_gunicorn(limits: Limits, cfg: Any) -> Limits:
    """``limits`` with what Gunicorn's own settings say of the same, so that gate and parser agree."""
    return replace(
        limits,
        idle_timeout=cfg.keepalive or limits.idle_timeout,
        request_line_size=cfg.limit_request_line or limits.request_line_size,
        field_count=cfg.limit_request_fields or limits.field_count,
        field_size=cfg.limit_request_field_size or limits.field_size,
    )


def connections_possible(wanted: int) -> int:
    """``wanted`` connections, or as many as the process may open descriptors for."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if descriptors == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, max(descriptors // 2, descriptors - SPARE_DESCRIPTORS)))


def needs_gunicorns_own_loop(cfg: Any) -> bool:
    """Whether the configuration asks for a protocol that this loop does not speak."""
    return bool(
        cfg.is_ssl or cfg.proxy_protocol != "off" or cfg.http2_cleartext != "off" or cfg.protocol != "http"
    )


def with_context(application: Any) -> Any:
    """A WSGI application that finds the head, as it was parsed from the socket, in the request's context."""

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        received = getattr(environ.get("gunicorn.socket"), "request", None)
        if isinstance(received, ReceivedRequest):
            environ[ENVIRON_KEY] = RequestContext(
                received.head, connection_of(environ), trailers=received.trailers
            )
        response: Iterable[bytes] = application(environ, start_response)
        return response

    return wrapped


def refusal_for(error: BaseException) -> Refusal:
    """How to answer an error that came out of Gunicorn's parser or of the application."""
    if isinstance(error, _APPLICATION_FAULTS):
        return FAILED
    if isinstance(error, gunicorn_errors.LimitRequestLine):
        return Refusal("target_too_long")
    if isinstance(error, gunicorn_errors.LimitRequestHeaders):
        return Refusal("head_too_large")
    if isinstance(error, gunicorn_errors.ParseException):
        return Refusal("bad_request")
    return FAILED
