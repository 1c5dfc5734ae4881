"""One request with everything decided about it: what evidence, findings and fixes look at.

A value with a few short questions to it; decides nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from yourl.http1.grammar import Authority, parse_authority
from yourl.http1.target import RequestTarget
from yourl.text import excerpt

from .chain import Chain
from .decision import Statements
from .fields import Fields
from .fixes.products import nearest_product
from .trust import TrustedProxies
from .verdict import Connection, Decided

_TRACE = "x-cloud-trace-context"
CASE_HEADERS = (_TRACE,)
"""What a case reads, apart from Host, Via and the forwarding headers."""


class Case(NamedTuple):
    """One request with everything decided about it, for the findings to look at."""

    connection: Connection
    fields: Fields
    trusted: TrustedProxies
    chain: Chain
    stated: Statements
    scheme: Decided
    host: Decided
    port: Decided
    prefix: Decided
    target: RequestTarget
    allowed_hosts: tuple[str, ...]
    http_version: str

    @property
    def proxied(self) -> bool:
        """True when a forwarding header or Via shows that a proxy is, or claims to be, on the way."""
        return bool(self.fields.named) or "via" in self.fields

    @property
    def platform(self) -> str | None:
        """The platform whose front end is our peer.

        Cloud Run's connects from 169.254.0.0/16 and adds a header; that alone any client could send.
        """
        if self.trusted.platform is not None:
            return self.trusted.platform
        peer = self.chain.peer.address
        is_near = peer is not None and peer.kind == "link-local"
        return "cloud-run" if is_near and _TRACE in self.fields else None

    @property
    def peer_name(self) -> str:
        """The peer as it is written in YOURL_TRUSTED_PROXIES."""
        peer = self.chain.peer
        return self.platform or peer.name if peer.value else "unix"

    @property
    def product(self) -> str | None:
        """The proxy program next to us, as far as the request shows it."""
        return nearest_product(self.fields, self.chain, self.http_version, self.platform)


def header_line(case: Case, key: str, name: str) -> str:
    """``Name: value`` as it arrived, fit to be shown."""
    return f"{name}: {excerpt(', '.join(case.fields.get(key, ())))}"


def host_header(case: Case) -> Authority | None:
    """The one Host line, parsed."""
    lines = case.fields.get("host", ())
    return parse_authority(lines[0].strip()) if len(lines) == 1 else None


def hosts_named(case: Case) -> list[Authority]:
    """Every authority that Host or a forwarding header names."""
    named = [statement.value for statement in case.stated.host if statement.value is not None]
    host = host_header(case)
    return [*named, host] if host is not None else named
