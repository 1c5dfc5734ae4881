"""The PROXY protocol: a header that a load balancer sends before the first request to say who connected.

Versions 1 (text) and 2 (binary) of HAProxy's specification (haproxy.org, proxy-protocol.txt). Read strictly:
what is malformed is refused, as the specification demands. Knows nothing of trust: whom to expect it from is
the caller's.
"""

from __future__ import annotations

import re
import socket
import struct
from dataclasses import dataclass

from yourl.errors import Refusal

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""The first twelve bytes of version 2; no HTTP request begins like this."""

MAX_TEXT = 107
"""Bytes of a version 1 header, its line end included (section 2.1)."""
MAX_BINARY = 16 + 4096
"""Bytes of a version 2 header; the format allows 65,551, real ones have some hundred."""

_TEXT = re.compile(
    rb"PROXY (?:UNKNOWN(?: [!-~ ]*)?|TCP4 ([0-9.]{7,15}) ([0-9.]{7,15}) ([0-9]{1,5}) ([0-9]{1,5})"
    rb"|TCP6 ([0-9A-Fa-f:.]{2,39}) ([0-9A-Fa-f:.]{2,39}) ([0-9]{1,5}) ([0-9]{1,5}))\r\n"
)
_LOCAL, _PROXY = 0x20, 0x21
_ADDRESS_SIZES = {0x11: (socket.AF_INET, 4), 0x21: (socket.AF_INET6, 16)}
_TLS = 0x20  # PP2_TYPE_SSL; the lowest bit of its first byte says that the client connected by TLS


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """What a load balancer said about the connection it passes on.

    ``source`` is the client's address, ``destination`` the address it connected to; both None where the load
    balancer speaks for itself (a health check) or does not know. ``is_tls`` is None where it does not say.
    """

    version: int
    source: tuple[str, int] | None = None
    destination: tuple[str, int] | None = None
    is_tls: bool | None = None


def may_begin(start: bytes | bytearray) -> bool:
    """Whether ``start`` is the beginning of a PROXY header, or could become it."""
    return start[:6] == b"PROXY "[: len(start)] or start[:12] == SIGNATURE[: len(start)]


def is_begun(start: bytes | bytearray) -> bool:
    """Whether ``start`` is unmistakably a PROXY header."""
    return start.startswith(b"PROXY ") or start.startswith(SIGNATURE)


def read(start: bytes | bytearray) -> tuple[ProxyHeader, int] | Refusal | None:
    """The header at the start of a connection and its length in bytes; None asks for more bytes."""
    if start.startswith(SIGNATURE):
        return _read_binary(start)
    if start.startswith(b"PROXY "):
        return _read_text(start)
    return None if may_begin(start) else Refusal("proxy_header_missing")


def _read_text(start: bytes | bytearray) -> tuple[ProxyHeader, int] | Refusal | None:
    end = start.find(b"\r\n", 0, MAX_TEXT)
    if end < 0:
        return None if len(start) < MAX_TEXT else Refusal("bad_proxy_header")
    match = _TEXT.fullmatch(bytes(start[: end + 2]))
    if match is None:
        return Refusal("bad_proxy_header")
    if match[1] is None and match[5] is None:
        return ProxyHeader(1), end + 2
    family, first = (socket.AF_INET, 1) if match[1] else (socket.AF_INET6, 5)
    source = _address(family, match[first].decode(), int(match[first + 2]))
    destination = _address(family, match[first + 1].decode(), int(match[first + 3]))
    if source is None or destination is None:
        return Refusal("bad_proxy_header")
    return ProxyHeader(1, source, destination), end + 2


def _address(family: socket.AddressFamily, text: str, port: int) -> tuple[str, int] | None:
    try:
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None
    return (socket.inet_ntop(family, packed), port) if port < 65536 else None


def _read_binary(start: bytes | bytearray) -> tuple[ProxyHeader, int] | Refusal | None:
    if len(start) < 16:
        return None
    command, protocol, size = start[12], start[13], struct.unpack_from("!H", start, 14)[0]
    end = 16 + size
    if command not in (_LOCAL, _PROXY) or end > MAX_BINARY:
        return Refusal("bad_proxy_header")
    if len(start) < end:
        return None
    if command == _LOCAL or protocol == 0:
        return ProxyHeader(2), end
    if protocol not in _ADDRESS_SIZES:
        return Refusal("bad_proxy_header")  # datagrams and Unix sockets are not what this server listens on
    family, width = _ADDRESS_SIZES[protocol]
    rest = bytes(start[16:end])
    if len(rest) < 2 * width + 4:
        return Refusal("bad_proxy_header")
    ports = struct.unpack_from("!HH", rest, 2 * width)
    source = (socket.inet_ntop(family, rest[:width]), ports[0])
    destination = (socket.inet_ntop(family, rest[width : 2 * width]), ports[1])
    return ProxyHeader(2, source, destination, _is_tls(rest[2 * width + 4 :])), end


def _is_tls(fields: bytes) -> bool | None:
    """What the TLS field among the additional fields says (section 2.2.6); None where there is none."""
    at = 0
    while at + 3 <= len(fields):
        kind, size = fields[at], struct.unpack_from("!H", fields, at + 1)[0]
        if kind == _TLS and size >= 1 and at + 4 <= len(fields):
            return bool(fields[at + 3] & 1)
        at += 3 + size
    return None
