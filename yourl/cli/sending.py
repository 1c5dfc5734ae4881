"""Sends a kept request on, byte for byte, and says what came back. Follows no redirect."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult

import click

from yourl.captures.inboxes import below_inbox
from yourl.cli.live_api import connection_to
from yourl.redaction import MASK
from yourl.text import excerpt, printable

if TYPE_CHECKING:
    from http.client import HTTPConnection

ANSWER_SECONDS = 30.0
"""For the whole exchange, connecting included."""
LONGEST_ANSWER = 1024 * 1024
"""Bytes of an answer's content that are read."""
MAX_SHOWN = 500
MAX_FIELDS_SHOWN = 50
# The connection to the receiver has its own framing and host (RFC 9110 section 7.6.1); Expect would make both
# sides wait for an interim answer.
_OWN_FIELDS = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te",
     "trailer", "upgrade", "expect")
)  # fmt: skip
_WORDS = re.compile(rb"[!-~\x80-\xff]+ [!-~\x80-\xff]+ HTTP/1\.[01]")


class NoAnswer(Exception):
    """The receiver gave no whole answer; ``str(error)`` is one phrase for people."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it arrived, taken apart: one character for each byte of its head, the body untouched."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def parse(cls, raw: bytes) -> RawRequest:
        """The parts of what ``/live/requests/<id>.raw`` gives.

        :raises click.ClickException: where it is no request
        """
        head, mark, body = raw.partition(b"\r\n\r\n")
        start, *lines = head.split(b"\r\n")
        if not mark or not _WORDS.fullmatch(start) or any(set(line) & set(b"\r\n\0") for line in lines):
            raise click.ClickException("The server gave no request.")
        method, target, _ = start.decode("latin-1").split(" ")
        pairs = (line.decode("latin-1").partition(":") for line in lines)
        return cls(method, target, tuple((name, value.strip(" \t")) for name, _, value in pairs), body)

    @property
    def masked(self) -> tuple[str, ...]:
        """What the server has masked: header fields, which are not sent, and the query's parameters."""
        names = tuple(dict.fromkeys(name for name, value in self.fields if value == MASK))
        return (*names, "parameters of the query") if MASK in self.target else names

    def to_bytes(self, target: str, host: str) -> bytes:
        """The same request for another target and host: fields in order, case and number as received."""
        own = [("Host", host), ("Connection", "close")]
        known = {name.lower() for name, _ in self.fields}
        if self.body or known & {"content-length", "transfer-encoding"}:
            own.append(("Content-Length", str(len(self.body))))
        sent = ((n, v) for n, v in self.fields if n.lower() not in _OWN_FIELDS and v != MASK)
        lines = [f"{self.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in (*own, *sent))]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body


@dataclass(frozen=True, slots=True)
class ReceivedAnswer:
    """What came back; at most ``LONGEST_ANSWER`` bytes of the content."""

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    content: bytes
    seconds: float


def send_on(request: RawRequest, target: str, to: SplitResult) -> ReceivedAnswer:
    """Send a request to ``target`` at the host of ``to``.

    :raises NoAnswer: where nothing answers there, in time and in HTTP
    """
    from http.client import HTTPException, HTTPResponse

    connection = connection_to(to, ANSWER_SECONDS)
    is_late = threading.Event()
    started = time.monotonic()
    try:
        connection.connect()
        with _ended_after(ANSWER_SECONDS, connection, is_late):
            connection.sock.sendall(request.to_bytes(target, to.netloc.rpartition("@")[2]))
            response = HTTPResponse(connection.sock, method=request.method)
            response.begin()
            content = response.read(LONGEST_ANSWER)
    except (OSError, ValueError, HTTPException) as error:
        raise NoAnswer(_LATE if is_late.is_set() else str(error) or type(error).__name__) from error
    finally:
        connection.close()
    if is_late.is_set():
        raise NoAnswer(_LATE)
    if response.length and len(content) < LONGEST_ANSWER:
        raise NoAnswer(f"the answer ended {response.length} bytes too early")
    fields = tuple(response.getheaders())
    return ReceivedAnswer(response.status, response.reason, fields, content, time.monotonic() - started)


_LATE = "no whole answer in time"


@contextmanager
def _ended_after(seconds: float, connection: HTTPConnection, is_late: threading.Event) -> Iterator[None]:
    """End the connection after so many seconds, also where a byte comes now and then."""

    def end() -> None:
        is_late.set()
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def target_at(target: str, to: SplitResult) -> str:
    """Where a request that was sent to ``target`` goes at a URL.

    What stood below the inbox in the path, and the query, are appended to the URL's.
    """
    path, mark, query = target.partition("?")
    below = below_inbox(path)
    base = to.path.rstrip("/") if below else to.path
    queries = "&".join(filter(None, (to.query, query)))
    return (base + below or "/") + ("?" + queries if queries or mark else "")


def answer_text(request: RawRequest, target: str, answer: ReceivedAnswer) -> str:
    """What was sent and what came back, for a terminal: nothing in it can steer one."""
    reason = f" {answer.reason}" if answer.reason else ""
    line = f"{request.method} {target} -> {answer.status}{reason}"
    lines = [f"{printable(line)} in {answer.seconds * 1000:.0f} ms"]
    if request.masked:
        lines.append(f"    not sent as received: {printable(', '.join(request.masked))} (masked)")
    shown = answer.fields[:MAX_FIELDS_SHOWN]
    lines += [f"    {printable(name)}: {excerpt(value, MAX_SHOWN)}" for name, value in shown]
    text = answer.content[: 4 * MAX_SHOWN].decode("utf-8", "replace")
    if text:
        lines += ["", f"    {excerpt(text, MAX_SHOWN)}"]
    return "\n".join(lines)
