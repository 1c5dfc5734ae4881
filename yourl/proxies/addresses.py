"""Addresses, ports and authorities as proxies write them into header fields.

Knows text only: no header names, no trust. Every function takes any text and never raises, and results are
kept in small bounded caches, because the same few proxies report the same few addresses all day.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import NamedTuple

MAX_NODE = 64
"""Longest text that can be an address with zone, brackets and port; longer text is not parsed at all."""
MAX_AUTHORITY = 262
"""253 characters of name (RFC 1035 section 2.3.4) and a port, with room for a final dot."""

# What the address says about where its holder sits: IANA special-purpose registries (RFC 6890, RFC 6598).
_V4_KINDS = (
    (0x7F000000, 0x7FFFFFFF, "loopback"),
    (0x0A000000, 0x0AFFFFFF, "private"),
    (0xAC100000, 0xAC1FFFFF, "private"),
    (0xC0A80000, 0xC0A8FFFF, "private"),
    (0x64400000, 0x647FFFFF, "carrier-grade NAT"),
    (0xA9FE0000, 0xA9FEFFFF, "link-local"),
    (0x00000000, 0x00FFFFFF, "unspecified"),
)
_V6_KINDS = (
    (1, 1, "loopback"),
    (0, 0, "unspecified"),
    (0xFC << 120, (0xFE << 120) - 1, "private"),
    (0xFE80 << 112, (0xFEC0 << 112) - 1, "link-local"),
)
_MAPPED = 0xFFFF << 32  # ::ffff:0:0/96, an IPv4 address as a dual-stack socket shows it (RFC 4291 2.5.5.2)


class Address(NamedTuple):
    """An IP address in canonical text and as a number, with the port that stood beside it."""

    text: str
    version: int
    number: int
    port: int | None
    kind: str

    @property
    def is_public(self) -> bool:
        """True unless the address belongs to a range that is never routed on the Internet."""
        return self.kind == "public"


_NODE = re.compile(
    r"""(?: \[ (?P<six>[0-9A-Fa-f:.]{2,45}) (?:%[0-9A-Za-z._~-]{1,16})? \] (?: : (?P<sixport>[0-9]{1,5}) )?
          | (?P<four>[0-9.]{7,15}) (?: : (?P<fourport>[0-9]{1,5}) )?
          | (?P<bare>[0-9A-Fa-f:.]{2,45}) (?:%[0-9A-Za-z._~-]{1,16})? )""",
    re.VERBOSE,
)
_LABEL = r"[A-Za-z0-9_]+(?:-+[A-Za-z0-9_]+)*"  # written so that it cannot backtrack
_LABELS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


def parse_node(text: str) -> Address | None:
    """The address in ``1.2.3.4``, ``1.2.3.4:80``, ``2001:db8::1`` or ``[2001:db8::1]:80``; else None."""
    if len(text) > MAX_NODE:
        return None
    return _parse_node(text)


@lru_cache(maxsize=4096)
def _parse_node(text: str) -> Address | None:
    match = _NODE.fullmatch(text)
    if match is None:
        return None
    port = parse_port(match["sixport"] or match["fourport"] or "")
    if port is None and (match["sixport"] or match["fourport"]):
        return None
    if match["four"]:
        return _address(socket.AF_INET, match["four"], port)
    return _address(socket.AF_INET6, match["six"] or match["bare"], port)


def _address(family: socket.AddressFamily, text: str, port: int | None) -> Address | None:
    try:
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None
    number = int.from_bytes(packed, "big")
    if family == socket.AF_INET6 and number >> 32 == _MAPPED >> 32:
        family, packed, number = socket.AF_INET, packed[12:], number & 0xFFFFFFFF
    version, kinds = (4, _V4_KINDS) if family == socket.AF_INET else (6, _V6_KINDS)
    kind = next((kind for low, high, kind in kinds if low <= number <= high), "public")
    return Address(socket.inet_ntop(family, packed), version, number, port, kind)


def parse_port(text: str) -> int | None:
    """The port 1 to 65535 that the ASCII digits name; else None."""
    if not (0 < len(text) <= 5 and text.isascii() and text.isdigit()):
        return None
    return int(text) if 0 < int(text) < 65536 else None


class Authority(NamedTuple):
    """``host`` in lower case, IPv6 within brackets, and the port if one was written."""

    host: str
    port: int | None


def parse_authority(text: str) -> Authority | None:
    """The host and port in a Host-like value, or None when no browser could have asked for it.

    Stricter than RFC 3986 on purpose: no userinfo, no percent-encoding, no zone, ASCII letters, digits,
    hyphen, underscore and dot only (an international name travels as punycode), and a name that ends in a
    number must be an IPv4 address, as in the WHATWG URL standard.
    """
    if not 0 < len(text) <= MAX_AUTHORITY:
        return None
    return _parse_authority(text)


@lru_cache(maxsize=1024)
def _parse_authority(text: str) -> Authority | None:
    if text[0] == "[":
        host, closed, rest = text[1:].partition("]")
        if not closed or "%" in host or (rest and rest[0] != ":"):
            return None
        return _with_port(_bracketed(host), rest[1:])
    host, _, port = text.partition(":")
    return _with_port(host.lower() if _is_name_or_ipv4(host) else None, port)


def _with_port(host: str | None, port: str) -> Authority | None:
    # RFC 3986 section 3.2.3 allows an empty port ("host:"): it means the default one.
    number = parse_port(port)
    if host is None or (port and number is None):
        return None
    return Authority(host, number)


def _bracketed(host: str) -> str | None:
    try:
        return f"[{socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, host))}]"
    except (OSError, ValueError):
        return None


def _is_name_or_ipv4(host: str) -> bool:
    if len(host) > 254 or not _LABELS.fullmatch(host):
        return False
    last = host.rstrip(".").rpartition(".")[2]
    return not last.isdigit() or _address(socket.AF_INET, host.rstrip("."), None) is not None
