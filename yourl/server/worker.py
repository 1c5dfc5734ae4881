"""``PatientWorker``: Gunicorn's threaded worker with our loop in it, so that no client can hold up another.

In Gunicorn's own ``ThreadWorker`` a thread waits for the client: for its head, for its body, for it to read
the answer; and the loop that accepts waits while connections close. A handful of slow clients is then enough
to stop it. Here the loop (yourl/server/loop.py) does all the waiting; this module hangs it into Gunicorn.

Gunicorn internals relied on (tests/server/test_worker.py names any that a release changes):

- ``ThreadWorker``: ``__init__``, ``init_process`` (makes ``tpool`` by ``get_thread_pool``, and ``poller``;
  calls ``run``), ``is_parent_alive``, ``handle_exit``, ``notify``; ``sockets``, ``cfg``, ``log``, ``alive``,
  ``worker_connections``, ``keepalived_conns`` and ``max_keepalived`` (never filled, so never full)
- ``ThreadWorker.handle_request(req, conn)``: reads ``conn.sock``, ``conn.client``, ``conn.server``; writes
  the answer with ``conn.sock.sendall`` and ``sendfile``; returns whether the connection is kept alive; counts
  towards ``max_requests``; closes the answers of a worker that is no longer ``alive``
- what ``yourl/server/gunicorn_request.py`` names
- ``gunicorn.http.wsgi.create`` puts ``conn.sock`` into ``environ["gunicorn.socket"]``
"""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from gunicorn.http import errors as gunicorn_errors
from gunicorn.workers.gthread import ThreadWorker

from yourl import metrics
from yourl.context import ENVIRON_KEY, RequestContext, connection_of
from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest
from yourl.promise import RunSoon
from yourl.proxies import TrustedProxies
from yourl.proxies.load_balancer import peer_rule
from yourl.server.balance import Share
from yourl.server.buffered_socket import BufferedSocket
from yourl.server.capture_watch import CaptureWatch
from yourl.server.connection import Connection
from yourl.server.gunicorn_request import GunicornRequest
from yourl.server.loop import Loop
from yourl.server.preload import is_loaded_for_all
from yourl.server.refusals import to_bytes
from yourl.server.threads import Threads

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore

SPARE_DESCRIPTORS = 64
"""File descriptors left to the application when the process may open few."""

FAILED = Refusal("internal_error")

# Gunicorn derives these, too, from its parser's error; they are not the client's doing.
_APPLICATION_FAULTS = (
    gunicorn_errors.ConfigurationProblem,
    gunicorn_errors.InvalidResponseHeader,
    gunicorn_errors.InvalidResponseHeaderName,
)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """The worker class, ``--worker-class yourl.server.worker.PatientWorker``, and the loop's ``Host``."""

    bounds: Limits
    wsgi: Any
    alive: bool
    _loop: Loop | None = None
    _watch: CaptureWatch | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_limits(Limits())
        self.set_load_balancers(None)
        self.set_share(Share())
        self.told_to_stop = False
        self.retires = False
        """Whether to hand over to a worker that shares what the master has loaded. Two workers and their
        master then take 60 MB, where they took 80. For before the fork."""
        self.has_retired = False
        self.has_ended = False
        """Whether everything that was accepted is finished, and nothing is open."""

    def set_limits(self, limits: Limits) -> None:
        """Hold every client to these limits; for before the fork. Gunicorn's own settings win."""
        self.bounds = bounded_by_gunicorn(limits, self.cfg)

    def set_load_balancers(self, trusted: TrustedProxies | None) -> None:
        """Require a PROXY protocol header of these peers; None for no peer. For before the fork."""
        self._load_balancers = trusted

    def set_share(self, share: Share) -> None:
        """Take this share of the connections; for before the fork."""
        self._share = share

    def get_thread_pool(self) -> Any:
        """Threads without futures for our loop, Gunicorn's pool for its own."""
        if needs_gunicorns_own_loop(self.cfg):
            return super().get_thread_pool()
        return Threads(self.cfg.threads)

    def run(self) -> None:
        """Serve until told to stop, then finish what was accepted."""
        if needs_gunicorns_own_loop(self.cfg):
            self.log.warning("TLS, HTTP/2, uwsgi or the PROXY protocol: slow clients can hold up others")
            super().run()
            return
        capacity = possible_connections(self.worker_connections)
        loop = self._loop = Loop(self, self.sockets, self.bounds, capacity, self.tpool, self._share)
        store = getattr(self.wsgi, "store", None)
        self._watch = CaptureWatch(store, loop, self.tpool.submit) if store is not None else None
        loop.start_accepting()
        while self.alive and self.is_parent_alive():
            self._run_once(loop)
        self._wind_down(loop)
        if self._watch is not None:
            self._watch.close()
        loop.end()
        self.tpool.shutdown(wait=True, timeout=0.1)
        if store is not None:
            store.close()
        self.has_ended = True

    def _run_once(self, loop: Loop) -> None:
        if loop.run_once():
            self.notify()
            if self._watch is not None:
                self._watch.tick()
            # Not while answers wait: they would be given early.
            if self.retires and self.alive and is_loaded_for_all() and not loop.has_waiting:
                self.has_retired = True
                self.alive = False  # as when max_requests is reached

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: stop accepting, finish what was accepted."""
        self.told_to_stop = True
        super().handle_exit(sig, frame)
        if self._loop is not None:
            self._loop.wake()

    def _wind_down(self, loop: Loop) -> None:
        """Finish every request of which a byte has arrived, within ``graceful_timeout`` seconds.

        Answers say ``Connection: close`` from now on. Kept-alive connections stay open for their idle
        timeout: the client may be sending already.
        """
        started = time.monotonic()
        if not self.told_to_stop:
            self._hand_over(loop, started + self.bounds.head_timeout)
        loop.stop_accepting(drain=self.told_to_stop)
        timeout = self.cfg.graceful_timeout
        self._finish_until(loop, started + max(0.0, timeout - 1.0))
        loop.refuse_unfinished()
        self._finish_until(loop, started + timeout)

    def _hand_over(self, loop: Loop, deadline: float) -> None:
        """Retire without being told to: the next worker comes only when this one is gone.

        So new connections are answered, and closed, for as long as older ones need.
        """
        older = set(loop.connections)
        while time.monotonic() < deadline and not older.isdisjoint(loop.connections):
            if self.told_to_stop or not self.is_parent_alive():
                return
            self._run_once(loop)

    def _finish_until(self, loop: Loop, deadline: float) -> None:
        while loop.connections and time.monotonic() < deadline:
            self._run_once(loop)

    def offer_to_run_soon(self) -> RunSoon | None:
        """What has a function called on a thread, behind the requests that have arrived already.

        The loop submits it, once it has read what it is reading now. None where the caller's request is the
        only one: what it leaves for later would only be later.
        """
        if self._loop is None or self.tpool.have_one_task:
            return None
        return partial(self._loop.call_soon, self.tpool.submit)

    # What the loop asks for

    def answer(self, connection: Connection, request: ReceivedRequest) -> bool:
        """Have the application answer; returns whether the connection may carry another request."""
        stream = connection.sock
        stream.begin(request)
        handed = GunicornRequest(request)
        if self._may_end(connection) and self._share.gives_away(time.monotonic()):
            handed.force_close()
        try:
            keepalive = self.handle_request(handed, connection)
            stream.flush()
            return keepalive and not stream.is_broken
        except StopIteration:
            pass  # the application failed after its first bytes; Gunicorn has logged it
        except OSError as error:
            self.log.debug("Client gone: %s", error)
            stream.unsent.clear()
        except (Exception, SystemExit) as error:
            self.handle_error(handed, stream, connection.client, error)
        return False

    @staticmethod
    def _may_end(connection: Connection) -> bool:
        """Not if the client has sent more already; nor if it has waited: many such are answered at once."""
        return not (connection.reader.size or connection.wait_until)

    def awaits_proxy_header(self, client: object) -> bool:
        """Whether a peer's connection must begin with a PROXY protocol header."""
        return self._load_balancers is not None and (
            peer_rule(self._load_balancers, str(client[0]) if isinstance(client, tuple) else "") is not None
        )

    def refused(self, refusal: Refusal, peer: str, head: Head | None) -> None:
        """Log a refused request, by the logger's own ``refused`` where it has one."""
        method, target = (head.method, head.target.raw) if head else ("-", "-")
        refused = getattr(self.log, "refused", None)
        if refused is not None:
            refused(refusal, peer=peer, method=method, target=target)
            return
        what = json.dumps(f"{method} {target}")
        self.log.info("Refused: %s %s %d %s", peer or "-", what, refusal.status, refusal.code)

    def released(self, connection: Connection) -> None:
        """Log a request whose answer was kept back."""
        log_kept_back = getattr(self.log, "log_kept_back", None)
        if log_kept_back is not None:
            log_kept_back(connection.sock)

    def evicted(self, reason: str) -> None:
        """Count a connection that was closed for the sake of others."""
        metrics.evicted(reason)

    # What Gunicorn asks for

    def load_wsgi(self) -> None:
        """Load the application, and give it the head as it was parsed from the socket."""
        super().load_wsgi()
        self.wsgi = with_context(self.wsgi, self.offer_to_run_soon)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answer in place of an application that raised; in our own shape, where Gunicorn sends HTML."""
        request = getattr(client, "request", None)
        if request is None:
            super().handle_error(req, client, addr, exc)
            return
        refusal = refusal_for(exc)
        if refusal is FAILED:
            self.log.exception("Error handling request %s", json.dumps(request.head.target.raw))
        client.unsent.clear()
        client.unsent += to_bytes(refusal, request.head)


def bounded_by_gunicorn(limits: Limits, cfg: Any) -> Limits:
    """``limits`` with what Gunicorn's own settings say of the same; 0 there leaves ours."""
    return replace(
        limits,
        idle_timeout=cfg.keepalive or limits.idle_timeout,
        request_line_size=cfg.limit_request_line or limits.request_line_size,
        field_count=cfg.limit_request_fields or limits.field_count,
        field_size=cfg.limit_request_field_size or limits.field_size,
    )


def possible_connections(wanted: int) -> int:
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


def with_context(application: Any, offer_to_run_soon: Callable[[], RunSoon | None]) -> Any:
    """A WSGI application that finds the head, as it was parsed from the socket, in the request's context.

    :param offer_to_run_soon: see ``RequestContext``
    """

    def wrapped(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        stream = environ.get("gunicorn.socket")
        received = getattr(stream, "request", None)
        if not isinstance(stream, BufferedSocket) or received is None:
            return cast(Iterable[bytes], application(environ, start_response))
        connection = replace(connection_of(environ), proxy_header=stream.proxy_header)
        context = RequestContext(
            received.head,
            connection,
            trailers=received.trailers,
            can_wait=True,
        )
        if stream.takes_promises:
            context.offer_to_run_soon = offer_to_run_soon
        environ[ENVIRON_KEY] = context
        response: Iterable[bytes] = application(environ, start_response)
        stream.wait, stream.promise = context.wait, context.promise
        return response

    wrapped.store = store_of(application)  # type: ignore[attr-defined]  # for the worker's loop
    return wrapped


def store_of(application: Any) -> CaptureStore | None:
    """Where an application of ours keeps captures; None where it keeps none, or is another's."""
    store: CaptureStore | None = getattr(getattr(application, "services", None), "store", None)
    return None if store is None or store.name == "off" else store


def refusal_for(error: BaseException) -> Refusal:
    """How to answer an error that came out of Gunicorn or the application."""
    if isinstance(error, _APPLICATION_FAULTS):
        return FAILED
    if isinstance(error, gunicorn_errors.LimitRequestLine):
        return Refusal("target_too_long")
    if isinstance(error, gunicorn_errors.LimitRequestHeaders):
        return Refusal("head_too_large")
    if isinstance(error, gunicorn_errors.ParseException):
        return Refusal("bad_request")
    return FAILED
