"""The grammar that requests, header fields and settings share: token, host name, port, authority.

Written down once. Every function takes any text, never raises and is linear in its length; results that
repeat all day are kept in small bounded caches.
"""

from __future__ import annotations

import re
import socket
from functools import lru_cache
from typing import NamedTuple

TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
"""A regular expression for ``token`` (RFC 9110 section 5.6.2)."""

MAX_AUTHORITY = 262
"""253 characters of name (RFC 1035 section 2.3.4) and a port, with room for a final dot."""

_TOKEN = re.compile(TOKEN)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_LABELS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")


class Authority(NamedTuple):
    """``host`` in lower case, IPv6 within brackets, and the port if one was written."""

    host: str
    port: int | None

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"


def is_token(text: str) -> bool:
    """Whether ``text`` is a token: a method, a field name (RFC 9110 section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


def is_host_name(text: str) -> bool:
    """Whether ``text`` is a DNS name or an IPv4 address in dotted form.

    ASCII letters, digits, hyphen and underscore only (an international name travels as punycode); a name
    that ends in a number must be an IPv4 address, as in the WHATWG URL standard.
    """
    if not 0 < len(text) <= 254 or not _LABELS.fullmatch(text):
        return False
    return not text.rstrip(".").rpartition(".")[2].isdigit() or is_ipv4(text.rstrip("."))


def is_ipv4(text: str) -> bool:
    """Whether ``text`` is an IPv4 address in dotted form."""
    return _is_address(socket.AF_INET, text)


def is_ipv6(text: str) -> bool:
    """Whether ``text`` is an IPv6 address, without brackets and zone."""
    return "%" not in text and _is_address(socket.AF_INET6, text)


def _is_address(family: socket.AddressFamily, text: str) -> bool:
    try:
        socket.inet_pton(family, text)
    except (OSError, ValueError):
        return False
    return True


def parse_port(text: str) -> int | None:
    """The port 1 to 65535 that the ASCII digits name; else None."""
    if not (0 < len(text) <= 5 and text.isascii() and text.isdigit()):
        return None
    return int(text) if 0 < int(text) < 65536 else None


def parse_authority(text: str) -> Authority | None:
    """The host and port in a Host-like value, or None when no browser could have asked for it.

    Stricter than RFC 3986 section 3.2 on purpose: no userinfo, no percent-encoding, no zone.
    """
    return _parse_authority(text) if 0 < len(text) <= MAX_AUTHORITY else None


@lru_cache(maxsize=1024)
def _parse_authority(text: str) -> Authority | None:
    if text[0] == "[":
        literal, closed, rest = text[1:].partition("]")
        if not closed or not is_ipv6(literal) or (rest and rest[0] != ":"):
            return None
        packed = socket.inet_pton(socket.AF_INET6, literal)
        return _with_port(f"[{socket.inet_ntop(socket.AF_INET6, packed)}]", rest[1:])
    host, _, port = text.partition(":")
    return _with_port(host.lower(), port) if is_host_name(host) else None


def _with_port(host: str, port: str) -> Authority | None:
    # RFC 3986 section 3.2.3 allows an empty port ("host:"): it means the default one.
    number = parse_port(port)
    return None if port and number is None else Authority(host, number)
