"""Connections to a Redis server: TCP or TLS, signed in, and every call with one deadline for all of it."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, LifoQueue
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from yourl.captures.redis.wire import ErrorReply, ProtocolError, Word, encode, read_reply

Address = tuple[str, int]
FAILURES = (OSError, ProtocolError, ErrorReply)
"""What a call can end with. ``TimeoutError``, ``EOFError`` of a closed connection and TLS are ``OSError``."""
MOST_IDLE = 16
"""Connections to one node that are kept open."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the URL says: where to begin, and as whom."""

    address: Address
    username: str = ""
    password: str = ""
    database: int = 0
    tls: ssl.SSLContext | None = None


def parse_url(url: str) -> Target:
    """A target from ``redis://`` or ``rediss://[[user]:password@]host[:port][/database]``.

    ``?ssl_ca_certs=PATH`` names the authorities to trust instead of the system's, ``?ssl_cert_reqs=none``
    takes any certificate.

    :raises ValueError: with a sentence, where it cannot be used
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    if parts.scheme not in ("redis", "rediss"):
        raise ValueError("it must begin with redis:// or rediss://")
    if options.keys() - {"ssl_ca_certs", "ssl_cert_reqs"}:
        raise ValueError("its only options are ssl_ca_certs and ssl_cert_reqs")
    database = parts.path.strip("/") or "0"
    if not (database.isascii() and database.isdigit() and len(database) <= 5):
        raise ValueError("its path must be the number of a database")
    return Target(
        (parts.hostname or "localhost", parts.port or 6379),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        int(database),
        _tls(options) if parts.scheme == "rediss" else None,
    )


def _tls(options: dict[str, str]) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    except OSError as error:
        raise ValueError(f"the file of ssl_ca_certs cannot be read: {error}") from error
    if options.get("ssl_cert_reqs", "required") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def resolve(address: Address) -> tuple[Any, ...]:
    """Ask the name server for an address; may block for seconds.

    :raises OSError: where there is none
    """
    family, kind, protocol, _, place = socket.getaddrinfo(*address, type=socket.SOCK_STREAM)[0]
    return family, kind, protocol, place


class Connection:
    """One connection, used by one thread at a time."""

    def __init__(self, target: Target, address: Address, resolved: tuple[Any, ...], deadline: float) -> None:
        family, kind, protocol, place = resolved
        self.socket = socket.socket(family, kind, protocol)
        self._buffer = bytearray()
        try:
            self.socket.settimeout(_left(deadline))
            self.socket.connect(place)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if target.tls is not None:
                self.socket.settimeout(_left(deadline))
                self.socket = target.tls.wrap_socket(self.socket, server_hostname=address[0])
            self._sign_in(target, deadline)
        except BaseException:
            self.close()
            raise

    def _sign_in(self, target: Target, deadline: float) -> None:
        commands: list[Sequence[Word]] = []
        if target.password:
            names = [target.username] if target.username else []
            commands.append(("AUTH", *names, target.password))
        if target.database:
            commands.append(("SELECT", target.database))
        if commands:
            self.call(commands, deadline)

    def call(self, commands: Sequence[Sequence[Word]], deadline: float) -> list[Any]:
        """Send commands together, and return their replies.

        :raises ErrorReply: the first error among them, after all were read
        :raises OSError: where the connection fails or the deadline passes; it is then of no use any more
        """
        self.socket.settimeout(_left(deadline))
        self.socket.sendall(b"".join(encode(*command) for command in commands))
        replies = [
            read_reply(lambda: self._line(deadline), lambda size: self._bytes(size, deadline))
            for _ in commands
        ]
        for reply in replies:
            if isinstance(reply, ErrorReply):
                raise reply
        return replies

    def _line(self, deadline: float) -> bytes:
        seen = 0
        while (end := self._buffer.find(b"\r\n", seen)) < 0:
            seen = max(len(self._buffer) - 1, 0)
            self._receive(65536, deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    def _bytes(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._receive(max(size - len(self._buffer), 65536), deadline)
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _receive(self, size: int, deadline: float) -> None:
        self.socket.settimeout(_left(deadline))
        received = self.socket.recv(min(size, 1 << 20))
        if not received:
            raise ConnectionError("Redis closed the connection")
        self._buffer += received

    def is_fresh(self) -> bool:
        """Whether nothing has come unasked: the end of the connection, say."""
        return not self._buffer and not select.select([self.socket], [], [], 0)[0]

    def close(self) -> None:
        """Close it."""
        self.socket.close()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class Pool:
    """Idle connections to one node."""

    def __init__(self, target: Target, address: Address, resolved: tuple[Any, ...]) -> None:
        self._target = target
        self.address = address
        self.resolved = resolved
        self._idle: LifoQueue[Connection] = LifoQueue()
        self._is_closed = False

    def call(self, commands: Sequence[Sequence[Word]], deadline: float) -> list[Any]:
        """Send commands on one connection; see ``Connection.call``."""
        connection = self._take() or Connection(self._target, self.address, self.resolved, deadline)
        is_sound = False
        try:
            replies = connection.call(commands, deadline)
            is_sound = True
        except ErrorReply:
            is_sound = True
            raise
        finally:
            if is_sound and self._idle.qsize() < MOST_IDLE:
                self._idle.put_nowait(connection)
            else:
                connection.close()
            if self._is_closed:
                self.close()
        return replies

    def _take(self) -> Connection | None:
        with contextlib.suppress(Empty):
            while True:
                connection = self._idle.get_nowait()
                if connection.is_fresh():
                    return connection
                connection.close()
        return None

    def new(self, deadline: float) -> Connection:
        """A connection of its own, not one of the pool's."""
        return Connection(self._target, self.address, self.resolved, deadline)

    def close(self) -> None:
        """Close the idle connections, and those in use once they are not."""
        self._is_closed = True
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().close()
