"""IP addresses as proxies write them into header fields: with or without brackets, port and zone.

Knows text only: no header names, no trust. Every function takes any text and never raises, and results are
kept in a bounded cache, because the same few proxies report the same few addresses all day.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import NamedTuple

from yourl.http1.grammar import parse_port

MAX_NODE = 64
"""Longest text that can be an address with zone, brackets and port; longer text is not parsed at all."""

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
    """An IP address in canonical text (link-local with its zone) and as a number, with the port beside it."""

    text: str
    version: int
    number: int
    port: int | None
    kind: str

    @property
    def is_public(self) -> bool:
        """True unless the address belongs to a range that is never routed on the Internet."""
        return self.kind == "public"


_ZONE = "%[0-9A-Za-z._~-]{1,16}"
# A port may be hidden as an address may be: RFC 7239 section 6.3, "_" and letters.
_PORT = "[0-9]{1,5}|_[0-9A-Za-z._-]{1,32}"
_NODE = re.compile(
    rf"""(?: \[ (?P<six>[0-9A-Fa-f:.]{{2,45}}) (?P<sixzone>{_ZONE})? \] (?: : (?P<sixport>{_PORT}) )?
          | (?P<four>[0-9.]{{7,15}}) (?: : (?P<fourport>{_PORT}) )?
          | (?P<bare>[0-9A-Fa-f:.]{{2,45}}) (?P<barezone>{_ZONE})? )""",
    re.VERBOSE,
)


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
    written = match["sixport"] or match["fourport"] or ""
    port = parse_port(written)
    if port is None and written and written[0] != "_":
        return None
    if match["four"]:
        return _address(socket.AF_INET, match["four"], port)
    zone = match["sixzone"] or match["barezone"] or ""
    return _address(socket.AF_INET6, match["six"] or match["bare"], port, zone)


def _address(family: socket.AddressFamily, text: str, port: int | None, zone: str = "") -> Address | None:
    try:
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError):
        return None
    number = int.from_bytes(packed, "big")
    if family == socket.AF_INET6 and number >> 32 == _MAPPED >> 32:
        family, packed, number = socket.AF_INET, packed[12:], number & 0xFFFFFFFF
    version, kinds = (4, _V4_KINDS) if family == socket.AF_INET else (6, _V6_KINDS)
    kind = next((kind for low, high, kind in kinds if low <= number <= high), "public")
    # Only a link-local address means nothing without its zone (RFC 4007 section 6).
    shown = socket.inet_ntop(family, packed) + (zone if kind == "link-local" and version == 6 else "")
    return Address(shown, version, number, port, kind)
