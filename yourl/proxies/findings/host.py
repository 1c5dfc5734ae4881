"""Findings about the host: which one was asked for, and who replaced it."""

from __future__ import annotations

from yourl.hosts import host_is_allowed
from yourl.http1.grammar import Authority, parse_authority
from yourl.text import excerpt

from ..case import Case, header_line, host_header
from ..decision import BELIEVED, said
from ..evidence.host import SILENCE_HEADERS, host_was_rewritten, silent_proxy
from ..evidence.tls import PAGE_HEADERS
from ..fields import FORWARDING_HEADERS
from ..fixes import at_proxy, commented, trusting
from ..fixes.check import Request, forged
from ..fixes.products import NEVER_SET_HOST, vendor_is_there
from .kind import Problem, When, finding
from .scheme import first_two_apart


@finding(
    "host-not-allowed",
    "error",
    "The decided host is not among the names that this server answers to.",
    topic="host",
    when=When.HOSTS_ARE_LIMITED,
    headers=PAGE_HEADERS,
)
def host_not_allowed(case: Case) -> Problem | None:
    """The decided host is none of ours."""
    host = case.host.value
    if isinstance(host, str) and host_is_allowed(host, case.allowed_hosts):
        return None
    return Problem(
        f"The host {host} (from {case.host.source}) is none of those that this server answers to.",
        f"allowed: {excerpt(', '.join(case.allowed_hosts))}; {case.host.source}: {host}",
        _allowed_host_fix(case),
    )


def _allowed_host_fix(case: Case) -> str:
    if case.chain.peer_rule is None:
        for one in case.stated.host:
            if one.value is not None and host_is_allowed(one.value.host, case.allowed_hosts):
                return trusting(case.trusted, case.peer_name)
    elif not case.stated.host and host_was_rewritten(case) is not None:
        return at_proxy("host", case.product)
    return f"YOURL_ALLOWED_HOSTS={','.join((*case.allowed_hosts, str(case.host.value or 'localhost')))}"


@finding(
    "invalid-host",
    "warning",
    "Host is missing, doubled or no valid name.",
    topic="host",
    when=When.HOST_IS_NOT_FROM_HOST,
)
def invalid_host(case: Case) -> Problem | None:
    """RFC 9112 section 3.2: exactly one valid Host on HTTP/1.1."""
    lines = case.fields.get("host", ())
    if len(lines) == 1 and parse_authority(lines[0].strip()) is not None:
        return None
    if not lines and case.http_version in ("1.0", "0.9"):
        return None
    told = "Host is not one valid name" if lines else "There is no Host header"
    return Problem(
        f"{told}, which HTTP/1.1 demands (RFC 9112 section 3.2). {case.host.value} from {case.host.source} "
        "is used.",
        header_line(case, "host", "Host") if lines else "no Host",
        "" if case.proxied else f"Host: {case.host.value or 'localhost'}",
    )


@finding(
    "target-host-disagreement",
    "warning",
    "The request target names another host than Host.",
    topic="host",
    when=When.TARGET_HAS_HOST,
)
def target_host_disagreement(case: Case) -> Problem | None:
    """RFC 9112 section 3.2.2: a client sends the target's own authority as Host, and the target counts."""
    named, host = case.target.authority, host_header(case)
    if named is None or host is None or _same_place(case, named.host, named.port, host.host, host.port):
        return None
    return Problem(
        f"The request target names {named} but Host says {host}. The target counts (RFC 9112 section 3.2.2); "
        f"an app or a proxy that reads Host alone sees {host}.",
        f"request target: {excerpt(case.target.raw)}; {header_line(case, 'host', 'Host')}",
        "" if case.proxied else f"Host: {named}",
    )


def _same_place(case: Case, host: str, port: int | None, other: str, other_port: int | None) -> bool:
    default = 443 if case.target.scheme == "https" else 80
    return (host, port or default) == (other, other_port or default)


@finding(
    "missing-host",
    "warning",
    "A trusted proxy replaced Host and does not say what it was.",
    topic="host",
    when=When.FROM_TRUSTED | When.HOST_IS_NOT_STATED,
    headers=PAGE_HEADERS,
)
def missing_host(case: Case) -> Problem | None:
    """A trusted proxy replaced Host and does not name the old one."""
    evidence = host_was_rewritten(case)
    if evidence is None:
        return None
    return Problem(
        "The proxy put a name of its own in place of the Host that the client sent, and no header that we "
        "may believe says what it was.",
        evidence,
    )


@finding(
    "nothing-forwarded",
    "info",
    "A trusted machine asked for another port than ours and forwarded nothing: it may be a silent proxy.",
    topic="client",
    when=When.PERHAPS_SILENT,
    headers=SILENCE_HEADERS,
)
def nothing_forwarded(case: Case) -> Problem | None:
    """It looks like a proxy that says nothing, and like a client behind a port that is mapped."""
    silence = silent_proxy(case)
    if silence is None:
        return None
    name = case.chain.peer.name
    return Problem(
        f"{name} is trusted to speak for others and forwarded nothing. If it is a proxy, client, scheme and "
        "host are its own; if it is a client itself, nothing is wrong.",
        silence.evidence,
        f"# Only if {name} is a proxy:\n{commented(at_proxy('client', case.product))}",
    )


@finding(
    "host-disagreement",
    "warning",
    "Trusted headers name different hosts.",
    topic="remove",
    when=When.FROM_TRUSTED | When.HOST_MAY_DIFFER,
    headers=PAGE_HEADERS,
)
def host_disagreement(case: Case) -> Problem | None:
    """X-Forwarded-Host against X-Original-Host and the like, or against a Host that is the client's own."""
    pair = first_two_apart(case.stated.host)
    if pair is None or pair[0].header not in BELIEVED:
        return _other_than_host(case)
    first, other = pair
    return Problem(
        f"{first.source} says {first.value.host} but {other.source} says {other.value.host}; "
        f"{case.host.value} was taken from {case.host.source}, which ranks before the others.",
        f"{said(first)}; {said(other)}",
        _removal(case, other.header),
        request=Request(send=forged(other.header)),
    )


def _removal(case: Case, header: str) -> str:
    """Remove a header that a client can have sent; as a comment where a vendor's proxies seem to set it."""
    vendor, removal = FORWARDING_HEADERS[header.lower()].vendor, at_proxy("remove", case.product, name=header)
    if vendor and vendor_is_there(vendor, case.fields):
        return f"# Only if no {vendor} of yours sets {header}:\n{commented(removal)}"
    return removal


def _other_than_host(case: Case) -> Problem | None:
    """X-Forwarded-Host names one host, and a Host that no proxy has replaced names another."""
    host = host_header(case)
    if host is None or host.host == case.host.value or host_was_rewritten(case) is not None:
        return None
    stated = case.stated.host[0]
    is_made_up = _host_is_the_clients(case, host) or case.product in NEVER_SET_HOST
    removal = at_proxy("remove", case.product, name=stated.header)
    return Problem(
        f"{stated.source} says {stated.value.host} but Host says {host.host}. "
        + (
            "The proxy seems to pass on what a client made up."
            if is_made_up
            else "That is right where a proxy replaced Host, and wrong where a client sent the other header."
        ),
        f"{said(stated)}; {header_line(case, 'host', 'Host')}",
        removal if is_made_up else f"# Only if no proxy of yours sets {stated.header}:\n{commented(removal)}",
        "warning" if is_made_up else "info",
        request=Request(send=forged(stated.header)),
    )


def _host_is_the_clients(case: Case, host: Authority) -> bool:
    """Whether Host holds the port that the client used, and not that of our own socket."""
    if host.port is None or host.port == case.connection.server_port:
        return False
    stated = [one.value for one in case.stated.port] + [
        one.value.port for one in case.stated.host if one.value
    ]
    return host.port in stated
