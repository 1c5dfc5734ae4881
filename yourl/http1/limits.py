"""How long, how much and how many: what one client may take from a worker.

Pure values: knows nothing of sockets, Gunicorn, settings or the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

SMALL_BODY = 16 * 1024
"""Bytes of a body for whose answer no memory is reserved: every thread can have one."""

BUILD_FACTOR = 15
"""Bytes of memory that making an answer takes at the worst, per byte of the body."""

ANSWER_FACTOR = 5
"""Bytes of an answer, per byte of a body, at the worst."""

RESPONSE_BUFFER = 8 * 1024 * 1024
MEMORY = 48 * 1024 * 1024


def response_buffer_for(body_size: int) -> int:
    """Bytes of an answer that one connection must be able to hold, for bodies of ``body_size`` bytes."""
    return max(RESPONSE_BUFFER, ANSWER_FACTOR * body_size)


def memory_for(body_size: int) -> int:
    """Bytes that a worker needs where bodies may have ``body_size`` bytes: for two such requests at once."""
    return max(MEMORY, 2 * (1 + BUILD_FACTOR) * body_size)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take. Times are seconds, sizes bytes, rates bytes a second; none may be zero.

    Raises ``ValueError``, naming the field, when a limit is zero or negative.
    """

    head_timeout: float = 5.0
    """From the accepted connection (or, kept alive, the first byte) to the end of the head."""

    idle_timeout: float = 2.0
    """How long a kept-alive connection may wait for the first byte of its next request."""

    body_timeout: float = 10.0
    """From the end of the head to the end of the body; each ``body_rate`` bytes received add a second."""

    body_rate: int = 16 * 1024
    """The rate that a body (and, the other way, a response) longer than its timeout must keep."""

    send_timeout: float = 10.0
    """For a client to take its whole response; each ``body_rate`` bytes taken add a second."""

    linger: float = 2.0
    """How long a closing connection is still read, so that the answer is not lost (RFC 9112 section 9.6)."""

    head_size: int = 64 * 1024
    """Of request line and field lines together."""

    request_line_size: int = 8190
    """Gunicorn's largest ``limit_request_line``; Apache's LimitRequestLine has the same default."""

    field_size: int = 8190
    """Of one field line. Precedent: Apache's LimitRequestFieldSize."""

    field_count: int = 100
    """Of field lines. Precedent: Apache's LimitRequestFields."""

    body_size: int = 1024 * 1024
    """Of a request's content, whether it has a length or comes in chunks."""

    response_buffer: int = RESPONSE_BUFFER
    """Unsent bytes of one connection's answer; an application that gives more is cut off."""

    memory: int = MEMORY
    """What one worker's connections may hold together: bodies, unsent answers, and answers being made."""

    def memory_to_answer(self, body_size: int) -> int:
        """Bytes that answering a request with such a body may take beside the body; 0 for small ones."""
        return 0 if body_size <= SMALL_BODY else BUILD_FACTOR * body_size

    def __post_init__(self) -> None:
        for field in fields(self):
            if not getattr(self, field.name) > 0:
                raise ValueError(f"{field.name} must be greater than zero")

    def body_deadline(self, started: float, received: int) -> float:
        """When a body whose head ended at ``started`` must be complete, ``received`` bytes into it."""
        return started + self.body_timeout + received / self.body_rate

    def send_deadline(self, started: float, taken: int) -> float:
        """When a response first sent at ``started`` must have been taken, ``taken`` bytes into it."""
        return started + self.send_timeout + taken / self.body_rate
