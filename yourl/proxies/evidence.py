"""What a request shows beyond the forwarding headers: that TLS was in use, or that host or path were changed.

Each function returns the text for a finding's ``evidence``, or None. None of them decides a value; they say
when the decided one cannot be the whole truth. Headers that are read here are named in ``*_HEADERS``, for
the findings to declare.
"""

from __future__ import annotations

from typing import NamedTuple

from yourl.http1.grammar import Authority, parse_authority
from yourl.http1.target import parse_target
from yourl.text import excerpt

from .addresses import parse_node
from .case import Case, header_line, host_header, hosts_named
from .fields import ORIGINAL_PATH_HEADERS, parse_prefix
from .verdict import DEFAULT_PORTS

PAGE_HEADERS = ("origin", "referer", "sec-fetch-site")
"""What ``page_of`` reads."""
TLS_HEADERS = ("cf-visitor", "sec-fetch-mode", "sec-ch-ua", *PAGE_HEADERS)
"""What ``tls_evidence`` reads, apart from Host and the forwarding headers."""


class Page(NamedTuple):
    """Scheme, host and port of the page that the request came from, by Origin or Referer."""

    scheme: str
    authority: Authority
    evidence: str

    @property
    def port(self) -> int:
        """The port, the scheme's own where none is written."""
        return self.authority.port or DEFAULT_PORTS[self.scheme]


def page_of(case: Case) -> Page | None:
    """The page, when the browser says that it belongs to the very origin that is asked.

    Without Sec-Fetch-Site an Origin or Referer may name another site on purpose, so it counts only where a
    proxy is known to be on the way and the caller compares the host.
    """
    fetch = case.fields.get("sec-fetch-site")
    if fetch is not None and fetch != ["same-origin"]:
        return None
    for key, name in (("origin", "Origin"), ("referer", "Referer")):
        if key in case.fields:
            value = case.fields[key][0].strip()
            scheme, separator, rest = value[:2048].partition("://")
            authority = parse_authority(rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0])
            if separator and scheme in DEFAULT_PORTS and authority is not None:
                return Page(scheme, authority, f"{name}: {excerpt(value)}")
    return None


def tls_evidence(case: Case) -> str | None:
    """Evidence that the client's side speaks TLS although the decided scheme is http."""
    return (
        _stated_https(case)
        or _port_443(case)
        or _visitor_https(case)
        or _page_is_https(case)
        or _secure_context(case)
    )


def _stated_https(case: Case) -> str | None:
    for statement in case.stated.scheme:
        if statement.value == "https":
            return f"{statement.source}: {excerpt(statement.text)}"
    # An outer proxy that we do not trust yet may have said so further left; so may a forging client, so this
    # counts only while the decided client is an internal machine.
    address = case.chain.client_address
    if (
        address is not None
        and not address.is_public
        and "https" in "".join(case.fields.get("x-forwarded-proto", ()))
    ):
        return header_line(case, "x-forwarded-proto", "X-Forwarded-Proto")
    return None


def _port_443(case: Case) -> str | None:
    for statement in case.stated.port:
        if statement.value == 443:
            return f"{statement.source}: 443"
    for statement in case.stated.host:
        if statement.value is not None and statement.value.port == 443:
            return f"{statement.source}: {excerpt(statement.text)}"
    host = host_header(case)
    if host is not None and host.port == 443 and case.connection.server_port != 443:
        return header_line(case, "host", "Host")
    return None


def _visitor_https(case: Case) -> str | None:
    visitor = case.fields.get("cf-visitor")
    if visitor and '"scheme":"https"' in visitor[0][:200].replace(" ", ""):
        return header_line(case, "cf-visitor", "Cf-Visitor")
    return None


def _page_is_https(case: Case) -> str | None:
    page = page_of(case)
    if page is None or page.scheme != "https":
        return None
    if any(
        (other.host, other.port or 443) == (page.authority.host, page.port) for other in hosts_named(case)
    ):
        return page.evidence
    return None


def _secure_context(case: Case) -> str | None:
    """Browsers send Sec-Fetch-* and Sec-CH-UA only to trustworthy origins: https, or this very machine.

    (W3C Fetch Metadata section 3; Secure Contexts section 3.1.) Where the host may be a stand-in for
    localhost, because a proxy rewrote it, nothing is concluded.
    """
    key = next((key for key in ("sec-fetch-site", "sec-fetch-mode", "sec-ch-ua") if key in case.fields), None)
    if key is None or not case.host.value:
        return None
    address = case.chain.client_address
    if address is not None and address.kind == "loopback":
        return None
    if any(_may_be_localhost(other.host) for other in hosts_named(case)):
        return None
    name = {"sec-fetch-site": "Sec-Fetch-Site", "sec-fetch-mode": "Sec-Fetch-Mode"}.get(key, "Sec-CH-UA")
    return header_line(case, key, name)


def _may_be_localhost(host: str) -> bool:
    address = parse_node(host)
    if address is not None:
        return address.kind in ("loopback", "unspecified")
    name = host.rstrip(".")
    return "." not in name or name.endswith(".localhost")


def _is_bare_name(host: str) -> bool:
    """True for a name without a dot that people do not ask for: an upstream, a container."""
    return "." not in host and ":" not in host and host != "localhost" and parse_node(host) is None


def host_was_rewritten(case: Case) -> str | None:
    """Evidence that a proxy replaced the client's Host by a name of its own for us."""
    host = host_header(case)
    if host is None:
        return None
    line = header_line(case, "host", "Host")
    server = parse_node(case.connection.server)
    ours = case.connection.server_port
    if host.port == ours and ours is not None:
        node = parse_node(host.host)
        if node is not None and server is not None and node.text == server.text:
            return f"{line} (the address of our own socket)"
        if node is None and "." not in host.host and ours not in (80, 443):
            return f"{line} (a bare name with the port of our own socket)"
    if case.chain.peer_rule is not None and host.port is None and _is_bare_name(host.host):
        return f"{line} (a bare name, as nginx sends its upstream's where no Host is set)"
    for key, name in (("x-original-host", "X-Original-Host"), ("x-host", "X-Host")):
        other = parse_authority(case.fields[key][0].strip()) if key in case.fields else None
        if other is not None and other.host != host.host:
            return f"{line}; {header_line(case, key, name)}"
    page = page_of(case) if case.fields.get("sec-fetch-site") == ["same-origin"] else None
    if page is not None and page.authority.host != host.host:
        return f"{line}; {page.evidence}"
    return None


def stripped_prefix(case: Case) -> tuple[str, str] | None:
    """The prefix that a proxy cut off the path, and the header that still shows the whole path.

    Referer proves nothing: a page at /blog/about that links to /about looks the same.
    """
    path = case.target.path
    for key in ORIGINAL_PATH_HEADERS:
        if key in case.fields:
            original = case.fields[key][0].strip()[:4096]
            prefix = _prefix_cut_off(parse_target(original).path, path)
            if prefix:
                told = f"{key.title()}: {excerpt(original)}"
                return prefix, f"{told}; the path that arrived: {excerpt(path)}"
    return None


def _prefix_cut_off(whole: str, path: str) -> str | None:
    if not path.startswith("/") or len(whole) <= len(path) or not whole.endswith(path):
        return None
    return parse_prefix(whole[: len(whole) - len(path)])
