"""The PROXY protocol in the verdict: a load balancer says on the connection itself who connected to it.

That is no header field that a client could write, so where the peer is trusted it is taken for the truth: the
verdict is reached as if the load balancer's client had connected to us, and the load balancer becomes one
more hop.
"""

from __future__ import annotations

from dataclasses import replace

from .addresses import parse_node
from .trust import TrustedProxies
from .verdict import Connection, Decided, Hop, Verdict

SOURCE = "PROXY protocol"


def peer_rule(trusted: TrustedProxies, peer: str) -> str | None:
    """Why the peer of our socket may speak for others, or None when it may not; empty for a Unix socket."""
    return trusted.rule_for(parse_node(peer), 0, over_unix=not peer)


def behind(connection: Connection, trusted: TrustedProxies) -> tuple[Connection, TrustedProxies]:
    """The connection as the load balancer saw it, and whom to trust from there on.

    The load balancer was the first of the proxies that are trusted by their number, if any are.
    """
    header = connection.proxy_header
    if header is None or header.source is None:
        return connection, trusted
    source, port = header.source
    outer = replace(connection, peer=source, peer_port=port)
    if header.is_tls is not None:
        outer = replace(outer, scheme="https" if header.is_tls else "http")
    return outer, trusted.beyond_nearest()


def with_load_balancer(verdict: Verdict, connection: Connection, trusted: TrustedProxies) -> Verdict:
    """The verdict about the outer connection, with the load balancer in it that passed the connection on."""
    header = connection.proxy_header
    if header is None or header.source is None:
        return verdict
    name = connection.peer or "the peer at our Unix socket"
    rule = peer_rule(trusted, connection.peer) or "its PROXY header was read"
    client, scheme = verdict.client, verdict.scheme
    if client.source == "connection":
        why = f"{name} ({rule}) says in its PROXY header that {client.value} connected to it"
        client = Decided(client.value, SOURCE, "proxy", why)
    if scheme.source == "connection" and header.is_tls is not None:
        by = "by TLS" if header.is_tls else "without TLS"
        why = f"{name} ({rule}) says in its PROXY header that the client connected {by}"
        scheme = Decided(scheme.value, SOURCE, "proxy", why)
    *outer, nearest = verdict.hops
    nearest = replace(nearest, source=SOURCE, why=f"connected to {name}, by its PROXY header")
    own = Hop(name, connection.peer_port, name, "connection", True, f"connected to us; {rule}", "proxy")
    return replace(verdict, trusted=True, hops=(*outer, nearest, own), client=client, scheme=scheme)
