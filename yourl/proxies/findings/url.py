"""Findings about port and path: what of them got lost, or contradicts itself, on the way."""

from __future__ import annotations

import re

from yourl.text import excerpt

from ..case import Case, host_header
from ..decision import BELIEVED, Statement, said
from ..evidence.host import host_was_rewritten
from ..evidence.path import changed_path, stripped_prefix, uncut_path
from ..evidence.tls import PAGE_HEADERS, page_of
from ..fields import ORIGINAL_PATH_HEADERS
from ..fixes import at_proxy
from ..fixes.check import Request, forged
from ..fixes.products import NEVER_SET_PORT, NEVER_SET_PREFIX
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
    page = page_of(case) if "sec-fetch-site" in case.fields else None
    if page is not None and page.authority.host == case.host.value and page.port != stated.value:
        return Problem(
            f"{stated.source} says {stated.value}, but the client's page is on port {page.port}; "
            f"{stated.value} was taken.",
            f"{said(stated)}; {page.evidence}",
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
    if port is not None or _is_explained(case, source, stated):
        return None
    is_made_up = case.product in NEVER_SET_PORT
    return Problem(
        f"{source} has no port, while {stated.source} says {stated.value}, which was taken. "
        + (
            "The proxy seems to pass on what a client made up."
            if is_made_up
            else f"An app that reads {source} alone builds links without it."
        ),
        f"{said(stated)}; no port in {source}",
        at_proxy("remove", case.product, name=stated.header) if is_made_up else "",
        "warning" if is_made_up else "info",
        request=Request(send=forged(stated.header) if is_made_up else ()),
    )


def _is_explained(case: Case, source: str, stated: Statement) -> bool:
    """Whether another finding says why the port is missing: Host was replaced, or another host was forged."""
    if source == "Host":
        return host_was_rewritten(case) is not None
    host = host_header(case)
    is_other = host is not None and host.host != case.host.value and host.port == stated.value
    page = page_of(case) if "sec-fetch-site" in case.fields else None
    return is_other or (page is not None and page.port != stated.value)


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
        request=Request(expect=f"port:{page.port}"),
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
    # The prefix came from a header: what a configuration language could run is not put up for pasting.
    shown = prefix if _PLAIN_PATH.fullmatch(prefix) else "/your-prefix"
    return Problem(
        f"A proxy cut {excerpt(prefix)} off the path and does not say so: links that an app builds miss it.",
        evidence,
        value=shown,
        request=Request(expect=f"prefix:{shown}", path=f"{shown}/api"),
    )


@finding(
    "unexpected-prefix",
    "warning",
    "A prefix is announced that no proxy has cut off the path.",
    topic="remove",
    when=When.FROM_TRUSTED | When.PREFIX_STATED,
    headers=ORIGINAL_PATH_HEADERS,
)
def unexpected_prefix(case: Case) -> Problem | None:
    """The path came whole, or through a platform that cuts nothing off: a client can have sent the prefix."""
    evidence = uncut_path(case)
    stated = next((one for one in case.stated.prefix if one.value), None)
    if stated is None or (evidence is None and case.product not in NEVER_SET_PREFIX):
        return None
    return Problem(
        f"{stated.source} says {excerpt(str(stated.value))}, but nothing was cut off the path. Links that "
        "an app builds lead to a path that does not exist.",
        f"{said(stated)}; {evidence}" if evidence else said(stated),
        name=stated.header,
        request=Request(send=forged(stated.header)),
    )


@finding(
    "path-changed",
    "warning",
    "A proxy decoded or normalised the path.",
    topic="path",
    when=When.FROM_TRUSTED,
    any_of=ORIGINAL_PATH_HEADERS,
    request=Request(path="/api/a%2Fb"),
)
def path_changed(case: Case) -> Problem | None:
    """What was encoded for a reason, such as %2F, means something else now."""
    evidence = changed_path(case)
    if evidence is None:
        return None
    return Problem(
        "The path is not the one that the client sent: a proxy decoded or normalised it. A signature over it "
        "fails, and %2F has become a slash.",
        evidence,
    )
