"""What one connection has sent so far: bytes in, a complete request or a refusal out.

The owner of the connection feeds what arrives, in pieces of any size, and gets the same outcome as if all
had come at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from yourl.errors import BodyTooLarge, Refusal, RequestRefused
from yourl.http1.chunked import ChunkedBody
from yourl.http1.head import Head, check_start, parse_head, partial_head
from yourl.http1.limits import Limits
from yourl.http1.proxy_protocol import SIGNATURE, ProxyHeader
from yourl.http1.proxy_protocol import read as read_proxy_header


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request that has arrived to its last byte."""

    head: Head
    body: bytes = b""
    trailers: tuple[tuple[str, str], ...] = ()


class RequestReader:
    """Reads one request after the other from what a connection sends."""

    __slots__ = (
        "_awaits_proxy_header",
        "_buffer",
        "_chunks",
        "_empty_line_skipped",
        "_limits",
        "_scanned",
        "head",
        "proxy_header",
    )

    def __init__(self, limits: Limits, *, awaits_proxy_header: bool = False) -> None:
        self._limits = limits
        self._awaits_proxy_header = awaits_proxy_header
        self.proxy_header: ProxyHeader | None = None
        """What a load balancer said of the connection before the first request."""
        self._buffer = bytearray()
        self._chunks: ChunkedBody | None = None
        self._scanned = 0
        self._empty_line_skipped = False
        self.head: Head | None = None
        """The head of the request whose body is awaited, None before the end of a head."""

    @property
    def size(self) -> int:
        """Bytes held."""
        return len(self._buffer) + (len(self._chunks.content) if self._chunks else 0)

    @property
    def partial_head(self) -> Head | None:
        """The head of the request under way, or what can be said of it so far."""
        return self.head or partial_head(self._buffer)

    def feed(self, data: bytes) -> ReceivedRequest | Refusal | None:
        """Take in what arrived; None asks for more."""
        self._buffer += data
        return self.advance()

    def advance(self) -> ReceivedRequest | Refusal | None:
        """Read on in what has arrived already, as a pipelining client's next request has."""
        if self.head is None:
            outcome = self._read_head()
            if not isinstance(outcome, Head):
                return outcome
            self.head = outcome
        return self._read_body(self.head)

    def end(self) -> Refusal | None:
        """What to answer when the client stops sending: None when it stopped between two requests."""
        if self.head is None and not self._buffer:
            return None  # also where a PROXY header was awaited: a load balancer that only connects
        return Refusal("incomplete_request")

    def _read_preamble(self) -> Refusal | None:
        """Read the PROXY header that the peer must send first; None also asks for more."""
        outcome = read_proxy_header(self._buffer)
        if outcome is None or isinstance(outcome, Refusal):
            return outcome
        self.proxy_header, size = outcome
        self._awaits_proxy_header = False
        del self._buffer[:size]
        return None

    def _read_head(self) -> Head | Refusal | None:
        buffer = self._buffer
        if self._awaits_proxy_header:
            refusal = self._read_preamble()
            if refusal is not None or self._awaits_proxy_header:
                return refusal
        if not self._empty_line_skipped and buffer.startswith(b"\r\n"):
            if SIGNATURE.startswith(buffer[: len(SIGNATURE)]):
                # The PROXY protocol's version 2, or an empty line of which no more is here yet.
                return Refusal("proxy_header_unexpected") if len(buffer) >= len(SIGNATURE) else None
            # RFC 9112 section 2.2: one empty line before the request line is forgiven.
            del buffer[:2]
            self._scanned = 0
            self._empty_line_skipped = True
        end = buffer.find(b"\r\n\r\n", max(0, self._scanned - 3))
        if end < 0:
            return self._check_incomplete_head()
        raw = bytes(buffer[: end + 4])
        del buffer[: end + 4]
        self._scanned = 0
        self._empty_line_skipped = False
        outcome = parse_head(raw, self._limits)
        if isinstance(outcome, Refusal):
            buffer[:0] = raw
        elif (outcome.content_length or 0) > self._limits.body_size:
            self.head = outcome
            return BodyTooLarge(self._limits.body_size).refusal
        return outcome

    def _check_incomplete_head(self) -> Refusal | None:
        refusal = check_start(self._buffer, self._limits, self._scanned)
        self._scanned = len(self._buffer)
        return refusal

    def _read_body(self, head: Head) -> ReceivedRequest | Refusal | None:
        if head.is_chunked:
            return self._read_chunks(head)
        length = head.content_length or 0
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self.head = None
        return ReceivedRequest(head, body)

    def _read_chunks(self, head: Head) -> ReceivedRequest | Refusal | None:
        chunks = self._chunks
        if chunks is None:
            chunks = self._chunks = ChunkedBody(self._limits.body_size)
        data = bytes(self._buffer)
        self._buffer.clear()
        try:
            chunks.feed(data)
        except RequestRefused as refused:
            return refused.refusal
        if not chunks.complete:
            return None
        self._buffer += chunks.take_rest()
        self._chunks = self.head = None
        return ReceivedRequest(head, bytes(chunks.content), tuple(chunks.trailers))
