"""One request in, its verdict out: the steps in their order."""

from __future__ import annotations

from collections.abc import Sequence

from yourl.http1.target import RequestTarget

from .case import Case
from .chain import chain_of
from .decision import believed, decide_host, decide_port, decide_prefix, decide_scheme, statements_of
from .fields import Fields
from .findings import HEADERS_READ, findings_in
from .hops import hops_of
from .trust import TrustedProxies
from .verdict import Connection, Headers, Verdict

_ROOT = RequestTarget("/", "origin", "/")


def evaluate(
    connection: Connection,
    headers: Headers,
    trusted: TrustedProxies,
    *,
    target: RequestTarget = _ROOT,
    allowed_hosts: Sequence[str] = (),
    http_version: str = "1.1",
) -> Verdict:
    """Decide client, scheme, host, port and prefix of one request, and say what is odd about its way here.

    ``allowed_hosts`` are the names that the server answers to (empty: any), ``http_version`` is what our
    socket spoke. Never raises for any text.
    """
    fields = Fields(headers, HEADERS_READ)
    chain = chain_of(connection, fields, trusted)
    stated = statements_of(fields, chain)
    scheme = decide_scheme(connection, chain, believed(stated.scheme, stated, chain))
    host, authority = decide_host(connection, chain, believed(stated.host, stated, chain), fields, target)
    port = decide_port(chain, scheme, host, authority, believed(stated.port, stated, chain))
    prefix = decide_prefix(chain, believed(stated.prefix, stated, chain))
    hops = hops_of(connection, fields, chain)
    case = Case(
        connection,
        fields,
        trusted,
        chain,
        stated,
        scheme,
        host,
        port,
        prefix,
        target,
        tuple(allowed_hosts),
        http_version,
    )
    findings = findings_in(case)
    return Verdict(chain.peer_rule is not None, hops, chain.client, scheme, host, port, prefix, findings)
