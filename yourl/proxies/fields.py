"""Header fields that proxies write: the table of their names, and parsers for their values.

Knows text and grammar, not trust. Every parser takes any text, never raises, and runs in time linear in
its length. To teach yourl another vendor's header, add one line to ``FORWARDING_HEADERS``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .addresses import Address, parse_node

MAX_SHOWN = 120
"""Characters of a value that are shown to people; the rest is cut with an ellipsis."""
MAX_PREFIX = 255


class Header(NamedTuple):
    """What a forwarding header speaks about, and how.

    ``about`` is client, scheme, host, port, prefix or other. A ``shape`` of ``list`` means that each proxy
    may append to it. ``believed`` says that a trusted proxy's word in it can decide something; the others
    are compared with the decision only.
    """

    name: str
    about: str
    shape: str = "single"
    believed: bool = False


FORWARDING_HEADERS: dict[str, Header] = {
    header.name.lower(): header
    for header in (
        # Within one subject the first believed header in this table wins, see decision.py.
        Header("X-Forwarded-For", "client", "list", believed=True),
        Header("Forwarded", "all", "list", believed=True),
        Header("X-Real-IP", "client", believed=True),
        Header(
            "X-Original-Forwarded-For", "client", "list"
        ),  # ingress-nginx: the list before it was replaced
        Header("CF-Connecting-IP", "client"),
        Header("CF-Connecting-IPv6", "client"),
        Header("CF-Pseudo-IPv4", "client"),
        Header("True-Client-IP", "client"),  # Akamai, Cloudflare Enterprise
        Header("Fly-Client-IP", "client"),
        Header("Fastly-Client-IP", "client"),
        Header("X-Client-IP", "client"),
        Header("X-Cluster-Client-IP", "client"),  # Rackspace, Zeus
        Header("X-Azure-ClientIP", "client"),
        Header("X-Azure-SocketIP", "client"),
        Header("X-Envoy-External-Address", "client"),
        Header("X-Appengine-User-IP", "client"),
        Header("DO-Connecting-IP", "client"),
        Header("X-Nf-Client-Connection-IP", "client"),  # Netlify
        Header("X-Vercel-Forwarded-For", "client", "list"),
        Header("CloudFront-Viewer-Address", "client"),
        Header("X-Remote-IP", "client"),
        Header("X-Remote-Addr", "client"),
        Header("X-Originating-IP", "client"),
        Header("Client-IP", "client"),
        Header("X-Forwarded-Proto", "scheme", "list", believed=True),
        Header("X-Forwarded-Scheme", "scheme", believed=True),  # ingress-nginx
        Header("X-Forwarded-Protocol", "scheme", believed=True),
        Header("X-Url-Scheme", "scheme", believed=True),
        Header("X-Scheme", "scheme", believed=True),
        Header("X-Forwarded-Ssl", "scheme", believed=True),
        Header("Front-End-Https", "scheme", believed=True),  # Microsoft
        Header("X-Original-Proto", "scheme"),  # ASP.NET Core moves X-Forwarded-Proto here
        Header("CloudFront-Forwarded-Proto", "scheme"),
        Header("X-Forwarded-Host", "host", "list", believed=True),
        Header("X-Original-Host", "host"),
        Header("X-Host", "host"),
        Header("X-Forwarded-Port", "port", "list", believed=True),
        Header("X-Forwarded-Prefix", "prefix", "list", believed=True),
        Header("X-Script-Name", "prefix", believed=True),
        Header("X-Forwarded-Server", "other", "list"),  # Apache, Traefik: the proxy's own name
        Header("X-Forwarded-By", "other", "list"),
        Header("X-Original-URL", "other"),
        Header("X-Original-URI", "other"),
        Header("X-Rewrite-URL", "other"),
        Header("X-Forwarded-Uri", "other"),
        Header("X-Forwarded-Path", "other"),
        Header("X-Forwarded-Method", "other"),
        Header("X-Replaced-Path", "other"),  # Traefik's ReplacePath
        Header("X-Envoy-Original-Path", "other"),
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
)
# Headers that are no proxy's report, yet show who is in front of us or that TLS was in use.
WITNESS_HEADERS = frozenset(
    [
        "host",
        "connection",
        "upgrade",
        "keep-alive",
        "proxy-connection",
        "proxy-authorization",
        "te",
        "http2-settings",
        "via",
        "origin",
        "referer",
        "sec-fetch-site",
        "sec-fetch-mode",
        "sec-ch-ua",
        "sec-websocket-key",
        "cf-ray",
        "cf-visitor",
        "x-cloud-trace-context",
        "x-amzn-trace-id",
        "x-amz-cf-id",
        "x-envoy-expected-rq-timeout-ms",
        "x-envoy-attempt-count",
        "x-envoy-internal",
        "x-envoy-decorator-operation",
    ]
)
_WANTED = WITNESS_HEADERS | FORWARDING_HEADERS.keys()


class Fields(dict[str, list[str]]):
    """Values of the headers that matter here, by name in lower case, in the order of arrival."""

    __slots__ = ("named",)

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self.named: list[str] = []
        """Names of the forwarding headers among them."""
        for name, value in headers:
            key = name.lower()
            if key in _WANTED:
                if key in self:
                    self[key].append(value)
                else:
                    self[key] = [value]
                    if key in FORWARDING_HEADERS:
                        self.named.append(key)


def elements(values: list[str]) -> list[str]:
    """The comma-separated elements of all lines together; empty ones do not count (RFC 9110 5.6.1.2)."""
    if len(values) == 1 and "," not in values[0]:
        only = values[0].strip()
        return [only] if only else []
    return [text for value in values for part in value.split(",") if (text := part.strip())]


def shown(text: str, limit: int = MAX_SHOWN) -> str:
    """The text fit for a message: cut to ``limit``, and what cannot be printed written as an escape."""
    if len(text) > limit:
        text = f"{text[:limit]}…"
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text
    )


class Element(NamedTuple):
    """One element of ``Forwarded``: what one proxy reported (RFC 7239 section 4)."""

    text: str
    node: str | None
    by: str | None
    host: str | None
    proto: str | None
    malformed: bool


_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A bare value may hold ":" "[" "]" and the like: not allowed by the grammar, but seen, and unmistakable.
# No two runs of blanks can match the same text, so a failing match costs one pass and no more.
_PAIR = re.compile(
    rf"""[ \t]*(?:({_NAME})=(?:"([^"\\]*(?:\\.[^"\\]*)*)"|([^\s",;]*))[ \t]*)?(?:;|\Z)""", re.DOTALL
)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
_COMMA_OR_QUOTE = re.compile(r'[",]')


def forwarded_elements(values: list[str]) -> list[Element]:
    """All elements of the ``Forwarded`` lines, leftmost first."""
    return [_element(text) for value in values for text in _split_from_right(value)]


def _split_from_right(value: str) -> list[str]:
    """Split at the commas outside quotes, reading from the right.

    Whoever forges the left part can leave a quote open. Read from the left, that quote would swallow what
    our own proxies appended; read from the right, it can spoil only what stands to its left.
    """
    if '"' not in value:
        parts = value.split(",")
    else:
        parts, end, quoted = [], len(value), False
        for mark in reversed([match.start() for match in _COMMA_OR_QUOTE.finditer(value)]):
            if value[mark] == '"':
                quoted = not quoted if not (quoted and _is_escaped(value, mark)) else quoted
            elif not quoted:
                parts.append(value[mark + 1 : end])
                end = mark
        parts.append(value[:end])
        parts.reverse()
    return [text for part in parts if (text := part.strip(" \t"))]


def _is_escaped(value: str, at: int) -> bool:
    # Runs of backslashes lie between quotes, so all calls together look at each character once.
    start = at
    while start and value[start - 1] == "\\":
        start -= 1
    return (at - start) % 2 == 1


def _element(text: str) -> Element:
    found: dict[str, str] = {}
    position, malformed = 0, False
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            malformed = True
            break
        name, quoted, bare = match.groups()
        if name is not None:
            key = name.lower()
            malformed = malformed or key in found or bare == ""
            found[key] = _QUOTED_PAIR.sub(r"\1", quoted) if quoted is not None else bare
        position = match.end()
    if malformed:
        return Element(text, None, None, None, None, True)
    return Element(text, found.get("for"), found.get("by"), found.get("host"), found.get("proto"), not found)


def is_hidden_node(text: str) -> bool:
    """True for ``unknown`` and for obfuscated identifiers such as ``_proxy1`` (RFC 7239 section 6)."""
    name = text.partition(":")[0]
    return name.lower() == "unknown" or name.startswith("_")


def client_address(key: str, text: str) -> Address | None:
    """The address in the single-valued client header ``key``."""
    if key == "cloudfront-viewer-address":
        # Address and port, and IPv6 without brackets: 2001:db8::1:4711.
        return parse_node(text.rpartition(":")[0])
    return parse_node(text)


_SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
_SWITCHES = {"on": "https", "1": "https", "true": "https", "yes": "https", "https": "https"}
_OFF = {"off": "http", "0": "http", "false": "http", "no": "http", "http": "http"}


def parse_scheme(text: str) -> str | None:
    """``http`` or ``https``; Traefik's ``ws`` and ``wss`` are the same schemes before the upgrade."""
    return _SCHEMES.get(text.lower()) if len(text) <= 5 else None


def parse_switch(text: str) -> str | None:
    """``https`` or ``http`` from the on/off of X-Forwarded-Ssl and Front-End-Https."""
    word = text.lower() if len(text) <= 5 else ""
    return _SWITCHES.get(word) or _OFF.get(word)


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
