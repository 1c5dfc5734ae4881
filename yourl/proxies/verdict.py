"""The types that this room takes and gives. Plain values: no logic beyond building a URL from a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Headers = Sequence[tuple[str, str]]
"""Field lines, as many as arrived, with names in any case."""

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Connection:
    """What our own socket saw; the one thing that no client can make up."""

    peer: str
    """Address of the TCP peer, or ``""`` for a Unix socket."""
    peer_port: int | None
    server: str
    """Local address of the socket that accepted the connection, or ``""`` for a Unix socket."""
    server_port: int | None
    scheme: str = "http"
    """``"https"`` only when this process itself ended TLS."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One machine on the way, as named by our socket or by a header."""

    address: str | None
    port: int | None
    identifier: str
    """The name as it arrived (cut when very long): an address, ``unknown``, ``_hidden``, ``1.1 Caddy`` …"""
    source: str
    """``connection``, or header and position counted from 0 at the left: ``X-Forwarded-For[1]``."""
    trusted: bool
    """True when this machine may speak for others."""
    why: str
    role: str = "claim"
    """``client`` (the decided one), ``proxy`` (trusted) or ``claim`` (nobody trusted vouches for it)."""
    also: tuple[str, ...] = ()
    """What else names this hop: ``X-Real-IP``, ``Via[0]: 1.1 Caddy`` …"""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decided value, where it came from and why it is believed.

    ``trusted`` is True when a trusted proxy vouches for the value, False when it is only what the socket or
    the client itself said.
    """

    value: str | int | None
    source: str
    trusted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the way to us that a person should know."""

    code: str
    severity: str
    """``info``, ``warning`` or ``error``."""
    message: str
    evidence: str
    fix: str
    """Text to paste: a proxy's configuration or a setting of ours."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything decided about one request."""

    trusted: bool
    """True when our socket's peer may speak for others."""
    hops: tuple[Hop, ...]
    """Outermost first, our socket's peer last; at most 64, the nearest ones."""
    client: Decided
    scheme: Decided
    host: Decided
    """The host without port, in lower case, IPv6 in brackets; None when nothing names one."""
    port: Decided
    prefix: Decided
    """``""`` or ``/x``: what a proxy cut off the front of the path."""
    findings: tuple[Finding, ...] = ()

    @property
    def base_url(self) -> str:
        """``scheme://host[:port]`` and the prefix, without a final slash."""
        return url_of(self, "")


def url_of(verdict: Verdict, target: str) -> str:
    """The URL that the client asked for, from the verdict and the request target as it arrived.

    The target may be in any of the four forms of RFC 9112 section 3.2; the authority of an absolute-form
    one has already been weighed in the verdict's host and is dropped here.
    """
    scheme, port = verdict.scheme.value, verdict.port.value
    authority = str(verdict.host.value or "localhost")
    if port is not None and port != DEFAULT_PORTS.get(str(scheme)):
        authority = f"{authority}:{port}"
    return f"{scheme}://{authority}{verdict.prefix.value}{path_and_query(target)}"


def path_and_query(target: str) -> str:
    """The origin-form of a request target; empty for ``*`` and for CONNECT's authority-form."""
    if target.startswith("/"):
        return target.partition("#")[0]
    scheme, separator, rest = target.partition("://")
    if not separator or not scheme.isalnum():
        return ""
    slash = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    found = rest[slash:].partition("#")[0]
    return found if found.startswith("/") else f"/{found}"
