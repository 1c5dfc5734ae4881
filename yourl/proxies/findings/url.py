"""Findings about port and path: what of them got lost, or contradicts itself, on the way."""

from __future__ import annotations

import re

from yourl.text import excerpt

from ..case import Case, host_header
from ..decision import BELIEVED, Statement, said
from ..evidence import PAGE_HEADERS, host_was_rewritten, page_of, stripped_prefix
from ..fields import ORIGINAL_PATH_HEADERS
from ..fixes import at_proxy
from ..verdict import DEFAULT_PORTS
from .kind import Problem, When, finding

_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]+")


@finding(
    "port-disagreement",
    "warning",
    "Trusted headers name different ports, or one that belongs to the other scheme.",
    topic="port",
    when=When.FROM_TRUSTED | When.PORT_STATED,
    headers=PAGE_HEADERS,
)
def port_disagreement(case: Case) -> Problem | None:
    """X-Forwarded-Port against the port beside the host, or against the scheme."""
    stated = _stated_port(case)
    if stated is None:
        return None
    source, port = _port_beside_host(case)
    if case.scheme.value == "https" and stated.value == 80:
        return Problem(
            f"{stated.source} says 80, the port of http, but {case.scheme.source} says https.",
            f"{said(stated)}; https from {case.scheme.source}",
            at_proxy("remove", case.product, name=stated.header),
        )
    if port is None or port == stated.value or host_was_rewritten(case) is not None:
        return None
    return Problem(
        f"{stated.source} says {stated.value} but {source} says {port}; {stated.value} was taken.",
        f"{said(stated)}; port {port} in {source}",
    )


@finding(
    "port-lost",
    "warning",
    "The port that the client used is missing from the host.",
    topic="port",
    when=When.PORT_MAY_BE_LOST,
    headers=PAGE_HEADERS,
)
def port_lost(case: Case) -> Problem | None:
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
    return Problem(
        f"{source} has no port, while {stated.source} says {stated.value}, which was taken. An app that "
        f"reads {source} alone builds links without it.",
        f"{said(stated)}; no port in {source}",
        severity="info",
    )


def _port_of_page_lost(case: Case) -> Problem | None:
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
    return Problem(
        f"The client's page is on port {page.port}, but no header that we may believe names it.",
        page.evidence,
    )


def _stated_port(case: Case) -> Statement | None:
    return next((one for one in case.stated.port if one.value is not None), None)


def _port_beside_host(case: Case) -> tuple[str, int | None]:
    for one in case.stated.host:
        if one.value is not None and one.header in BELIEVED:
            return one.source, one.value.port
    host = host_header(case)
    return "Host", host.port if host is not None else None


@finding(
    "prefix-not-announced",
    "warning",
    "A proxy cut a prefix off the path and does not say so.",
    topic="prefix",
    when=When.FROM_TRUSTED | When.NO_PREFIX,
    any_of=ORIGINAL_PATH_HEADERS,
)
def prefix_not_announced(case: Case) -> Problem | None:
    """The path was longer when it reached the proxy."""
    found = None if case.stated.prefix else stripped_prefix(case)
    if found is None:
        return None
    prefix, evidence = found
    return Problem(
        f"A proxy cut {excerpt(prefix)} off the path and does not say so: links that an app builds miss it.",
        evidence,
        # The prefix came from a header: what a configuration language could run is not put up for pasting.
        value=prefix if _PLAIN_PATH.fullmatch(prefix) else "/your-prefix",
    )
