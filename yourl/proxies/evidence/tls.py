"""Evidence that TLS was in use between the client and a proxy, although the decided scheme is http.

Each function returns the text for a finding's ``evidence``, or None. None of them decides a value; they say
when the decided one cannot be the whole truth. Headers that are read here are named in ``*_HEADERS``, for
the findings to declare.
"""

from __future__ import annotations

from typing import NamedTuple

from yourl.http1.grammar import Authority, parse_authority
from yourl.text import excerpt

from ..addresses import parse_node
from ..case import Case, header_line, host_header, hosts_named
from ..fields import elements
from ..verdict import DEFAULT_PORTS

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
        or _via_https(case)
        or _visitor_https(case)
        or _page_is_https(case)
        or secure_context(case)
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


def _via_https(case: Case) -> str | None:
    """Traffic Server writes the protocol that its client used: ``https/2 name (ApacheTrafficServer/9.2)``."""
    via = elements(case.fields["via"]) if "via" in case.fields else []
    depth = max(1, case.chain.reporters)
    if any(element[:6].lower() == "https/" for element in via[-depth:]):
        return header_line(case, "via", "Via")
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
    if "sec-fetch-site" in case.fields or any(
        (other.host, other.port or 443) == (page.authority.host, page.port) for other in hosts_named(case)
    ):
        return page.evidence
    return None


def secure_context(case: Case) -> str | None:
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
    if any(may_be_localhost(other.host) for other in hosts_named(case)):
        return None
    name = {"sec-fetch-site": "Sec-Fetch-Site", "sec-fetch-mode": "Sec-Fetch-Mode"}.get(key, "Sec-CH-UA")
    return header_line(case, key, name)


def may_be_localhost(host: str) -> bool:
    """Whether a browser, or a proxy beside it, may mean its own machine by this host."""
    address = parse_node(host)
    if address is not None:
        return address.kind in ("loopback", "unspecified")
    name = host.rstrip(".")
    return "." not in name or name.endswith(".localhost")
