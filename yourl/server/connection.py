"""One client's connection: its socket, its state, its deadline and the memory it holds.

The states and what may follow each are data: ``TRANSITIONS``. Knows nothing of Gunicorn and the application.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest, RequestReader
from yourl.server.buffered_socket import BufferedSocket


class State(IntEnum):
    """What a connection is doing, in the order in which connections are closed when there are too many."""

    LINGERING = 0
    """Answered for the last time; read until the client closes, so that the answer is not lost."""
    IDLE = 1
    """Kept alive, no byte of a next request yet."""
    READING = 2
    """A request is awaited or arriving."""
    WAITING = 3
    """The application is done; the answer is kept back, see yourl/server/waiting.py."""
    SENDING = 4
    """The application is done; the client has yet to take the rest of the answer."""
    RUNNING = 5
    """The request is with the application, or queued for it; never evicted."""
    CLOSED = 6


TRANSITIONS: dict[State, frozenset[State]] = {
    State.READING: frozenset({State.RUNNING, State.SENDING, State.CLOSED}),
    State.RUNNING: frozenset({State.WAITING, State.SENDING, State.IDLE, State.LINGERING, State.CLOSED}),
    State.WAITING: frozenset({State.RUNNING, State.SENDING, State.IDLE, State.LINGERING, State.CLOSED}),
    State.SENDING: frozenset({State.IDLE, State.LINGERING, State.CLOSED}),
    State.IDLE: frozenset({State.READING, State.CLOSED}),
    State.LINGERING: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}
"""The states that may follow each state."""


class IllegalTransition(RuntimeError):
    """A connection was to enter a state that may not follow its present one: a defect of the loop."""


def _do_nothing() -> None:
    """Stand in until the loop has set what to call."""


class Connection:
    """A client's connection. ``sock``, ``client`` and ``server`` have the names that Gunicorn reads.

    Only the loop reads, watches and closes ``stream``; while the state is RUNNING, only the thread of the
    request sends.
    """

    __slots__ = (
        "answered",
        "body_is_awaited",
        "client",
        "deadline",
        "held",
        "keepalive",
        "on_ready",
        "reader",
        "recent_bytes",
        "recent_bytes_at",
        "request",
        "reserved",
        "server",
        "since",
        "sock",
        "state",
        "stream",
        "taken",
        "wait_until",
        "watched",
    )

    def __init__(
        self,
        stream: socket.socket,
        client: Any,
        limits: Limits,
        now: float,
        *,
        awaits_proxy_header: bool = False,
    ) -> None:
        self.stream = stream
        self.client = client
        self.server = stream.getsockname()
        self.sock = BufferedSocket(stream, limits.response_buffer)
        self.reader = RequestReader(limits, awaits_proxy_header=awaits_proxy_header)
        self.request: ReceivedRequest | None = None
        """The request that is being answered."""
        self.answered: Head | None = None
        """The head of the request that was answered last."""
        self.state = State.READING
        self.since = now
        """When the present state began, or, in READING, its present part: head or body."""
        self.deadline = now + limits.head_timeout
        self.body_is_awaited = False
        self.keepalive = False
        """Whether the answer under way leaves the connection open."""
        self.held = 0
        """Bytes of memory that the loop has counted for this connection."""
        self.taken = 0
        """Bytes of the present answer that the client took after the application was done."""
        self.reserved = 0
        """Bytes of memory that are set aside for making the answer."""
        self.wait_until = 0.0
        """When an answer that waits is given at the latest (monotonic clock); 0 when none has waited."""
        self.recent_bytes = 0.0
        self.recent_bytes_at = now
        self.watched = 0
        """The selector's events that this connection is registered for."""
        self.on_ready: Callable[[], None] = _do_nothing
        """What the loop calls when the socket is ready."""

    @property
    def peer(self) -> str:
        """The client's address, empty for a unix socket."""
        return str(self.client[0]) if isinstance(self.client, tuple) else ""

    @property
    def head(self) -> Head | None:
        """The head of the request that is arriving or answered, as far as it is known."""
        return self.request.head if self.request else self.reader.partial_head

    @property
    def is_mid_request(self) -> bool:
        """Whether part of a request has arrived, but not the whole."""
        return self.state is State.READING and (self.reader.head is not None or self.reader.size > 0)

    @property
    def can_skip_linger(self) -> bool:
        """Whether the client said that its request was the last, and has sent nothing since."""
        if self.answered is None or not self.answered.closes:
            return False
        try:
            self.stream.recv(1)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def forget_request(self) -> None:
        """The request is answered: its body is needed no more."""
        if self.request is not None:
            self.answered = self.request.head
            self.request = self.sock.request = None

    def enter(self, state: State, now: float, deadline: float) -> None:
        """Change the state; ``deadline`` is on the monotonic clock, ``math.inf`` for none.

        :raises IllegalTransition: when ``TRANSITIONS`` does not allow it
        """
        if state not in TRANSITIONS[self.state]:
            raise IllegalTransition(f"{self.state.name} -> {state.name}")
        self.state = state
        self.since = now
        self.deadline = deadline

    def note_progress(self, count: int, now: float) -> None:
        """Count bytes that the client has just sent or taken; their weight halves every second."""
        self.recent_bytes = self.recent_bytes * 0.5 ** (now - self.recent_bytes_at) + count
        self.recent_bytes_at = now

    def stall_score(self, now: float) -> float:
        """How much memory is held for how little progress: seconds, roughly, that the client still needs.

        A stalled megabyte scores a million times higher than one that arrives at a megabyte a second.
        """
        pace: float = self.recent_bytes * 0.5 ** (now - self.recent_bytes_at)
        return self.held / (1.0 + pace)
