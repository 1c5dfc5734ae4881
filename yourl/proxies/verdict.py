"""The types that this room takes and gives. Plain values: no logic beyond building a URL from a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from yourl.http1.proxy_protocol import ProxyHeader

Headers = Sequence[tuple[str, str]]
"""Field lines, as many as arrived, with names in any case."""

Basis = Literal["socket", "client", "proxy", "default"]
"""What a decided value rests on: our own socket, what the client itself sent, the statement of a trusted
proxy, or a default."""

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
    proxy_header: ProxyHeader | None = None
    """What a trusted peer said by the PROXY protocol about who connected to it."""


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
    """``client`` (the decided one), ``proxy`` (trusted) or ``claim`` (no trusted proxy confirms it)."""
    also: tuple[str, ...] = ()
    """What else names this hop: ``X-Real-IP``, ``Via[0]: 1.1 Caddy`` …"""


@dataclass(frozen=True, slots=True)
class Decided:
    """One decided value, where it came from, what it rests on and why it is believed."""

    value: str | int | None
    source: str
    """``connection``, ``request target``, or a header, with its position in a list."""
    basis: Basis
    why: str

    @property
    def trusted(self) -> bool:
        """True when a trusted proxy states the value."""
        return self.basis == "proxy"


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

    @property
    def more(self) -> str:
        """Where the documentation explains it, relative to the root of the repository."""
        return f"docs/findings.md#{self.code}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything decided about one request."""

    trusted: bool
    """True when our socket's peer may speak for others."""
    hops: tuple[Hop, ...]
    """Outermost first, our socket's peer last; at most ``MAX_HOPS``, the nearest ones."""
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


def url_of(verdict: Verdict, origin_form: str) -> str:
    """The URL that the client asked for.

    :param origin_form: path and query, as ``RequestTarget.origin_form`` has them; ``*`` adds nothing
    """
    scheme, port = verdict.scheme.value, verdict.port.value
    authority = str(verdict.host.value or "localhost")
    if port is not None and port != DEFAULT_PORTS.get(str(scheme)):
        authority = f"{authority}:{port}"
    path = "" if origin_form == "*" else origin_form
    return f"{scheme}://{authority}{verdict.prefix.value}{path}"
