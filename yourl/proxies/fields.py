"""Header fields that proxies write: the table of their names, and parsers for their values.

Knows text and grammar, not trust. Every parser takes any text, never raises, and runs in time linear in
its length. To teach yourl another vendor's header, add one line to ``FORWARDING_HEADERS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .addresses import Address, parse_node

MAX_PREFIX = 255


class Header(NamedTuple):
    """What a forwarding header speaks about, and how."""

    name: str
    about: str
    """client, scheme, host, port, prefix, all or other."""
    shape: str = "single"
    """``list`` where each proxy may append to it."""
    believed: bool = False
    """Whether a trusted proxy can decide something by it; the others are compared with the decision only."""
    reading: str = "value"
    """``switch`` for on and off, ``presence`` where the header alone shows that TLS was used."""
    vendor: str = ""
    """Who sets it, and replaces what a client sent: see ``fixes.products.VENDOR_MARKS``."""


FORWARDING_HEADERS: dict[str, Header] = {
    header.name.lower(): header
    for header in (
        # Within one subject the first believed header in this table wins, see decision.py.
        Header("X-Forwarded-For", "client", "list", believed=True),
        Header("Forwarded", "all", "list", believed=True),
        Header("X-Real-IP", "client", believed=True),
        # ingress-nginx: the list before it was replaced
        Header("X-Original-Forwarded-For", "client", "list", vendor="ingress-nginx"),
        Header("CF-Connecting-IP", "client", vendor="Cloudflare"),
        Header("CF-Connecting-IPv6", "client", vendor="Cloudflare"),
        Header("CF-Pseudo-IPv4", "client", vendor="Cloudflare"),
        Header("True-Client-IP", "client", vendor="Akamai"),  # and Cloudflare Enterprise
        Header("Fly-Client-IP", "client", vendor="Fly"),
        Header("Fastly-Client-IP", "client", vendor="Fastly"),
        Header("X-Client-IP", "client"),
        Header("X-Cluster-Client-IP", "client"),  # Rackspace, Zeus
        Header("X-Azure-ClientIP", "client", vendor="Azure"),
        Header("X-Azure-SocketIP", "client", vendor="Azure"),
        Header("X-Envoy-External-Address", "client", vendor="Envoy"),
        Header("X-Appengine-User-IP", "client"),
        Header("DO-Connecting-IP", "client"),
        Header("X-Nf-Client-Connection-IP", "client"),  # Netlify
        Header("X-Vercel-Forwarded-For", "client", "list", vendor="Vercel"),
        Header("CloudFront-Viewer-Address", "client", vendor="CloudFront"),
        Header("Incap-Client-IP", "client"),  # Imperva
        Header("X-Remote-IP", "client"),
        Header("X-Remote-Addr", "client"),
        Header("X-Originating-IP", "client"),
        Header("Client-IP", "client"),
        Header("X-Forwarded-Proto", "scheme", "list", believed=True),
        Header("X-Forwarded-Scheme", "scheme", believed=True),  # ingress-nginx
        Header("X-Forwarded-Protocol", "scheme", believed=True),
        Header("X-Url-Scheme", "scheme", believed=True),
        Header("X-Scheme", "scheme", believed=True),
        Header("X-Forwarded-Ssl", "scheme", believed=True, reading="switch"),
        Header("X-Forwarded-Https", "scheme", reading="switch"),
        Header("Front-End-Https", "scheme", believed=True, reading="switch"),  # Microsoft, Squid
        Header("Fastly-SSL", "scheme", reading="switch", vendor="Fastly"),
        Header("X-Original-Proto", "scheme"),  # ASP.NET Core moves X-Forwarded-Proto here
        Header("CloudFront-Forwarded-Proto", "scheme", vendor="CloudFront"),
        Header("CloudFront-Viewer-TLS", "scheme", reading="presence", vendor="CloudFront"),
        Header("X-AppService-Proto", "scheme", vendor="Azure"),
        Header("X-ARR-SSL", "scheme", reading="presence", vendor="Azure"),  # the server's certificate
        Header("X-Forwarded-TlsVersion", "scheme", reading="presence", vendor="Azure"),
        Header("X-Amzn-Tls-Version", "scheme", reading="presence", vendor="AWS"),
        Header("X-Forwarded-Host", "host", "list", believed=True),
        Header("X-Original-Host", "host"),
        Header("X-Envoy-Original-Host", "host", vendor="Envoy"),
        Header("X-Host", "host"),
        Header("Disguised-Host", "host", vendor="Azure"),
        Header("X-Forwarded-Port", "port", "list", believed=True),
        Header("X-Forwarded-Prefix", "prefix", "list", believed=True),
        Header("X-Script-Name", "prefix", believed=True),
        Header("X-Forwarded-Server", "other", "list"),  # Apache, Traefik: the proxy's own name
        Header("X-Forwarded-By", "other", "list"),
        Header("X-Original-URL", "other"),
        Header("X-Original-URI", "other"),
        Header("X-Rewrite-URL", "other"),
        Header("X-Forwarded-Uri", "other"),
        Header("X-Forwarded-Path", "other"),  # Kong
        Header("X-Forwarded-Method", "other"),
        Header("X-Replaced-Path", "other"),  # Traefik's ReplacePath
        Header("X-Envoy-Original-Path", "other", vendor="Envoy"),
    )
}
"""Every header by which a proxy passes on what it saw, by its name in lower case."""

CLIENT_HEADERS: dict[str, str] = {
    key: header.name
    for key, header in FORWARDING_HEADERS.items()
    if header.about == "client" and key != "x-forwarded-for"
}
ORIGINAL_PATH_HEADERS = (
    "x-forwarded-uri",
    "x-original-uri",
    "x-original-url",
    "x-envoy-original-path",
    "x-replaced-path",
    "x-rewrite-url",
    "x-forwarded-path",
)
ORIGINAL_HOST_HEADERS = ("x-envoy-original-host", "x-original-host", "disguised-host", "x-host")
"""Headers that hold the Host which came before a proxy replaced it."""


class Fields(dict[str, list[str]]):
    """Values of the headers that matter here, by name in lower case, in the order of arrival.

    :param wanted: the headers to keep, by name in lower case; each with the marks to set when it came
    """

    __slots__ = ("marks", "named")

    def __init__(self, headers: Iterable[tuple[str, str]], wanted: Mapping[str, int]) -> None:
        super().__init__()
        self.named: list[str] = []
        """Names of the forwarding headers among them."""
        self.marks = 0
        """The marks of all headers that came, in one number."""
        for name, value in headers:
            key = name.lower()
            if key in wanted:
                if key in self:
                    self[key].append(value)
                else:
                    self[key] = [value]
                    self.marks |= wanted[key]
                    if key in FORWARDING_HEADERS:
                        self.named.append(key)


MAX_ELEMENTS = 256
"""Elements of one field that are looked at, the nearest to us: ten times the longest real way."""


def elements(values: list[str]) -> list[str]:
    """The comma-separated elements of all lines together; empty ones do not count (RFC 9110 5.6.1.2).

    Of more than ``MAX_ELEMENTS`` only the last, which the machines nearest to us wrote.
    """
    if len(values) == 1 and "," not in values[0]:
        only = values[0].strip()
        return [only] if only else []
    if sum(value.count(",") for value in values) >= MAX_ELEMENTS:
        values = _nearest(values)
    return [text for value in values for part in value.split(",") if (text := part.strip())]


def _nearest(values: list[str]) -> list[str]:
    """The end of the lines, with ``MAX_ELEMENTS`` elements or empty places between commas."""
    kept: list[str] = []
    for value in reversed(values):
        parts = value.rsplit(",", MAX_ELEMENTS - len(kept))
        kept += reversed(parts[-(MAX_ELEMENTS - len(kept)) :])
        if len(kept) == MAX_ELEMENTS:
            break
    return kept[::-1]


def client_address(key: str, text: str) -> Address | None:
    """The address in the single-valued client header ``key``."""
    if key == "cloudfront-viewer-address":
        # Address and port, and IPv6 without brackets: 2001:db8::1:4711.
        return parse_node(text.rpartition(":")[0])
    return parse_node(text)


_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_SWITCHES = {
    **dict.fromkeys(("on", "1", "true", "yes", "https"), "https"),
    **dict.fromkeys(("off", "0", "false", "no", "http"), "http"),
}


def parse_scheme(text: str) -> str | None:
    """``http`` or ``https``; Traefik's ``ws`` and ``wss`` are the same schemes before the upgrade."""
    return _SCHEMES.get(text.lower()) if len(text) <= 5 else None


def parse_switch(text: str) -> str | None:
    """``https`` or ``http`` from the on/off of X-Forwarded-Ssl and Front-End-Https."""
    return _SWITCHES.get(text.lower()) if len(text) <= 5 else None


def parse_presence(text: str) -> str | None:
    """``https`` for whatever a header holds that comes with TLS only."""
    return "https" if text else None


_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+")


def parse_prefix(text: str) -> str | None:
    """The path prefix without its final slash, ``""`` for the root, or None when it is no safe path.

    ``//evil.example`` and ``/..`` are refused: put in front of a path, they would lead elsewhere.
    """
    if len(text) > MAX_PREFIX or not text.startswith("/"):
        return None
    trimmed = text[:-1] if text.endswith("/") else text
    if not trimmed:
        return ""
    segments = trimmed.split("/")
    if ".." in segments or "." in segments or not _PREFIX.fullmatch(trimmed):
        return None
    return trimmed
