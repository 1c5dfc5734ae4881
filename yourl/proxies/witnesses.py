"""What a request betrays beyond the forwarding headers: that TLS was in use, or that Host was rewritten.

Each witness answers with its words for the ``evidence`` of a finding, or None. They never decide a value;
they only say when the decided one cannot be the whole truth.
"""

from __future__ import annotations

from typing import NamedTuple

from .addresses import Authority, parse_authority, parse_node
from .chain import Chain
from .decision import Statements
from .fields import ORIGINAL_PATH_HEADERS, Fields, parse_prefix, shown
from .fixes import nearest_product
from .trust import TrustedProxies
from .verdict import DEFAULT_PORTS, Connection, Decided, path_and_query


class Case(NamedTuple):
    """One request with everything decided about it, for the witnesses and the findings to look at."""

    connection: Connection
    fields: Fields
    trusted: TrustedProxies
    chain: Chain
    stated: Statements
    scheme: Decided
    host: Decided
    port: Decided
    prefix: Decided
    target: str
    allowed_hosts: tuple[str, ...]
    http_version: str

    @property
    def proxied(self) -> bool:
        """True when a forwarding header or Via shows that a proxy is, or claims to be, on the way."""
        return bool(self.fields.named) or "via" in self.fields

    @property
    def peer_word(self) -> str:
        """The peer as it is written in YOURL_TRUSTED_PROXIES."""
        return self.chain.peer.name if self.chain.peer.value else "unix"

    @property
    def product(self) -> str | None:
        """The proxy program next to us, as far as the request betrays it."""
        return nearest_product(self.fields, self.trusted, self.http_version)


class Page(NamedTuple):
    """Scheme, host and port of the page that the request came from, by Origin or Referer."""

    scheme: str
    authority: Authority
    evidence: str

    @property
    def port(self) -> int:
        """The port, the scheme's own where none is written."""
        return self.authority.port or DEFAULT_PORTS[self.scheme]


def header_line(case: Case, key: str, name: str) -> str:
    """``Name: value`` as it arrived, fit to be shown."""
    return f"{name}: {shown(', '.join(case.fields.get(key, ())))}"


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
                return Page(scheme, authority, f"{name}: {shown(value)}")
    return None


def tls_witness(case: Case) -> str | None:
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
            return f"{statement.source}: {shown(statement.text)}"
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
            return f"{statement.source}: {shown(statement.text)}"
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


def host_header(case: Case) -> Authority | None:
    """The one Host line, parsed."""
    lines = case.fields.get("host", ())
    return parse_authority(lines[0].strip()) if len(lines) == 1 else None


def hosts_named(case: Case) -> list[Authority]:
    """Every authority that Host or a forwarding header names."""
    named = [statement.value for statement in case.stated.host if statement.value is not None]
    host = host_header(case)
    return [*named, host] if host is not None else named


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


_PATH_HEADERS = frozenset(ORIGINAL_PATH_HEADERS)


def has_original_path(case: Case) -> bool:
    """True when a header came that may show the path before a proxy changed it."""
    return not _PATH_HEADERS.isdisjoint(case.fields)


def stripped_prefix(case: Case) -> tuple[str, str] | None:
    """The prefix that a proxy cut off the path, and the header that still shows the whole path.

    Referer is no witness: a page at /blog/about that links to /about looks the same.
    """
    path = path_and_query(case.target).partition("?")[0]
    if not path:
        return None
    for key in ORIGINAL_PATH_HEADERS:
        if key in case.fields:
            original = case.fields[key][0].strip()[:4096]
            whole = (path_and_query(original) or original).partition("?")[0]
            if len(whole) > len(path) and whole.endswith(path):
                prefix = parse_prefix(whole[: len(whole) - len(path)])
                if prefix:
                    return prefix, f"{key.title()}: {shown(original)}; the path that arrived: {shown(path)}"
    return None
