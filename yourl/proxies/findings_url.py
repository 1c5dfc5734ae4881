"""Findings about the URL: scheme, host, port and prefix as decided, and what speaks against them."""

from __future__ import annotations

import re

from .addresses import parse_authority
from .decision import BELIEVED, Statement
from .fields import shown
from .fixes import at_proxy, trusting
from .verdict import DEFAULT_PORTS, Finding
from .witnesses import (
    Case,
    has_original_path,
    header_line,
    host_header,
    host_was_rewritten,
    page_of,
    stripped_prefix,
    tls_witness,
)

_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]+")


def redirect_loop_ahead(case: Case) -> Finding | None:
    """What an app that forces HTTPS would do here."""
    if case.scheme.value != "http" or (witness := tls_witness(case)) is None:
        return None
    return Finding(
        "redirect-loop-ahead",
        "warning" if _is_hearsay(case, witness) else "error",
        "The client seems to use https, but an app here sees http. If it forces HTTPS, it redirects "
        f"https://{case.host.value} to itself again and again.",
        witness,
        _scheme_fix(case),
    )


def _is_hearsay(case: Case, witness: str) -> bool:
    """True for the mere claim of a stranger from the Internet, who may have made it up."""
    peer = case.chain.peer.address
    is_stranger = case.chain.peer_rule is None and peer is not None and peer.is_public
    return is_stranger and witness.startswith(("X-", "Forwarded", "Front-", "CloudFront", "Cf-"))


def _scheme_fix(case: Case) -> str:
    product = case.product
    trust = trusting(case.trusted, case.peer_word, product)
    if case.chain.peer_rule is None and any(one.value == "https" for one in case.stated.scheme):
        return trust
    # Where one proxy only has reported, it is the one that ends TLS and has to say so itself.
    is_inner = bool(case.stated.scheme) and case.chain.reporters > 1
    announce = at_proxy("scheme-pass" if is_inner else "scheme", product, value=case.peer_word)
    return announce if case.chain.peer_rule is not None else f"{announce}\n# yourl\n{trust}"


def tls_unannounced(case: Case) -> Finding | None:
    """TLS ends before us and no header has told."""
    if case.scheme.value != "http" or any(statement.value == "https" for statement in case.stated.scheme):
        return None
    witness = tls_witness(case)
    if witness is None:
        return None
    said = f"{case.stated.scheme[0].source} says http" if case.stated.scheme else "no header says so"
    return Finding(
        "tls-unannounced", "warning", f"TLS seems to end before us, and {said}.", witness, _scheme_fix(case)
    )


def missing_proto(case: Case) -> Finding | None:
    """A trusted proxy that does not name the scheme."""
    if case.stated.scheme or case.connection.scheme == "https" or tls_witness(case) is not None:
        return None
    return Finding(
        "missing-proto",
        "warning",
        f"{case.chain.peer.name} does not say whether its client used http or https, so http is assumed.",
        "none of X-Forwarded-Proto, Forwarded proto=, X-Forwarded-Ssl and the like came",
        at_proxy("scheme", case.product, value=case.peer_word),
    )


def scheme_disagreement(case: Case) -> Finding | None:
    """X-Forwarded-Proto against X-Forwarded-Ssl and their kin."""
    pair = _first_two_apart(case.stated.scheme)
    if pair is None:
        return None
    first, other = pair
    return Finding(
        "scheme-disagreement",
        "warning",
        f"{first.source} says {first.value} but {other.source} says {other.value}; {case.scheme.value} was "
        f"taken from {case.scheme.source}, which ranks before the others.",
        f"{said(first)}; {said(other)}",
        at_proxy("remove", case.product, name=other.header),
    )


def host_disagreement(case: Case) -> Finding | None:
    """X-Forwarded-Host against X-Original-Host and their kin."""
    pair = _first_two_apart(case.stated.host)
    if pair is None or pair[0].header not in BELIEVED:
        return None
    first, other = pair
    return Finding(
        "host-disagreement",
        "warning",
        f"{first.source} says {first.value.host} but {other.source} says {other.value.host}; "
        f"{case.host.value} was taken from {case.host.source}, which ranks before the others.",
        f"{said(first)}; {said(other)}",
        at_proxy("remove", case.product, name=other.header),
    )


def _first_two_apart(listed: list[Statement]) -> tuple[Statement, Statement] | None:
    """The first statement and the first that says otherwise; Forwarded has a finding of its own."""
    if len(listed) < 2:
        return None
    understood = [one for one in listed if one.value is not None and one.header != "Forwarded"]
    for other in understood[1:]:
        if _bare(other) != _bare(understood[0]):
            return understood[0], other
    return None


def _bare(statement: Statement) -> object:
    return statement.value[0] if isinstance(statement.value, tuple) else statement.value


def host_not_allowed(case: Case) -> Finding | None:
    """The decided host is none of ours."""
    host = case.host.value
    if not case.allowed_hosts or (isinstance(host, str) and host_is_allowed(host, case.allowed_hosts)):
        return None
    return Finding(
        "host-not-allowed",
        "error",
        f"The host {host} (from {case.host.source}) is none of those that this server answers to.",
        f"allowed: {shown(', '.join(case.allowed_hosts))}; {case.host.source}: {host}",
        _allowed_host_fix(case),
    )


def _allowed_host_fix(case: Case) -> str:
    if case.chain.peer_rule is None:
        for one in case.stated.host:
            if one.value is not None and host_is_allowed(one.value.host, case.allowed_hosts):
                return trusting(case.trusted, case.peer_word, case.product)
    elif not case.stated.host and host_was_rewritten(case) is not None:
        return at_proxy("host", case.product)
    return f"YOURL_ALLOWED_HOSTS={','.join((*case.allowed_hosts, str(case.host.value or 'localhost')))}"


def host_is_allowed(host: str, allowed: tuple[str, ...]) -> bool:
    """True when a pattern covers the host: ``*``, a name, or ``*.example.com`` / ``.example.com``."""
    name = host.rstrip(".").lower()
    return any(_covers(pattern.strip().rstrip(".").lower(), name) for pattern in allowed)


def _covers(pattern: str, name: str) -> bool:
    if pattern.startswith(("*.", ".")):
        ending = pattern.lstrip("*")
        return name.endswith(ending) and len(name) > len(ending)
    if pattern in ("*", name):
        return True
    authority = parse_authority(pattern if pattern.count(":") < 2 or pattern[:1] == "[" else f"[{pattern}]")
    return authority is not None and authority.host == name


def invalid_host(case: Case) -> Finding | None:
    """RFC 9112 section 3.2: exactly one valid Host on HTTP/1.1."""
    lines = case.fields.get("host", ())
    if len(lines) == 1 and parse_authority(lines[0].strip()) is not None:
        return None
    if not lines and case.http_version in ("1.0", "0.9"):
        return None
    told = "Host is not one valid name" if lines else "There is no Host header"
    return Finding(
        "invalid-host",
        "warning",
        f"{told}, which HTTP/1.1 demands (RFC 9112 section 3.2). {case.host.value} from {case.host.source} "
        "is used.",
        header_line(case, "host", "Host") if lines else "no Host",
        at_proxy("host", case.product) if case.proxied else f"Host: {case.host.value or 'localhost'}",
    )


def missing_host(case: Case) -> Finding | None:
    """A trusted proxy replaced Host and does not name the old one."""
    for one in case.stated.host:
        if one.value is not None and one.header in BELIEVED:
            return None
    witness = host_was_rewritten(case)
    if witness is None:
        return None
    return Finding(
        "missing-host",
        "warning",
        "The proxy put a name of its own in place of the Host that the client sent, and no header that we "
        "may believe says what it was.",
        witness,
        at_proxy("host", case.product),
    )


def port_disagreement(case: Case) -> Finding | None:
    """X-Forwarded-Port against the port beside the host, or against the scheme."""
    stated = _stated_port(case)
    if stated is None:
        return None
    source, port = _port_beside_host(case)
    if case.scheme.value == "https" and stated.value == 80:
        return Finding(
            "port-disagreement",
            "warning",
            f"{stated.source} says 80, the port of http, but {case.scheme.source} says https.",
            f"{said(stated)}; https from {case.scheme.source}",
            at_proxy("remove", case.product, name=stated.header),
        )
    if port is None or port == stated.value or host_was_rewritten(case) is not None:
        return None
    return Finding(
        "port-disagreement",
        "warning",
        f"{stated.source} says {stated.value} but {source} says {port}; {stated.value} was taken.",
        f"{said(stated)}; port {port} in {source}",
        at_proxy("port", case.product),
    )


def port_lost(case: Case) -> Finding | None:
    """The page's port, or X-Forwarded-Port's, is missing from the host."""
    lost = _port_of_page_lost(case)
    if lost is not None or case.chain.peer_rule is None:
        return lost
    stated = _stated_port(case)
    if stated is None or stated.value in (80, 443):
        return None
    source, port = _port_beside_host(case)
    if port is not None:
        return None
    return Finding(
        "port-lost",
        "info",
        f"{source} has no port, while {stated.source} says {stated.value}, which was taken. An app that "
        f"reads {source} alone builds links without it.",
        f"{said(stated)}; no port in {source}",
        at_proxy("port", case.product),
    )


def _port_of_page_lost(case: Case) -> Finding | None:
    if case.port.value != DEFAULT_PORTS.get(str(case.scheme.value)):
        return None
    if not ("origin" in case.fields or "referer" in case.fields):
        return None
    if not (case.proxied or "sec-fetch-site" in case.fields):
        return None
    page = page_of(case)
    if page is None or page.port == case.port.value:
        return None
    if page.authority.host != case.host.value or page.scheme != case.scheme.value:
        return None
    return Finding(
        "port-lost",
        "warning",
        f"The client's page is on port {page.port}, but no header that we may believe names it.",
        page.evidence,
        at_proxy("port", case.product),
    )


def _stated_port(case: Case) -> Statement | None:
    for one in case.stated.port:
        if one.value is not None:
            return one
    return None


def _port_beside_host(case: Case) -> tuple[str, int | None]:
    for one in case.stated.host:
        if one.value is not None and one.header in BELIEVED:
            return one.source, one.value.port
    host = host_header(case)
    return "Host", host.port if host is not None else None


def prefix_not_announced(case: Case) -> Finding | None:
    """The path was longer when it reached the proxy."""
    if case.prefix.value or case.stated.prefix or not has_original_path(case):
        return None
    found = stripped_prefix(case)
    if found is None:
        return None
    prefix, evidence = found
    return Finding(
        "prefix-not-announced",
        "warning",
        f"A proxy cut {shown(prefix)} off the path and does not say so: links that an app builds miss it.",
        evidence,
        # The prefix came from a header: what a configuration language could run is not put up for pasting.
        at_proxy("prefix", case.product, value=prefix if _PLAIN_PATH.fullmatch(prefix) else "/your-prefix"),
    )


def said(statement: Statement) -> str:
    """``X-Forwarded-Proto[1]: https``."""
    return f"{statement.source}: {shown(statement.text)}"
