"""Client, scheme, host, port and prefix: tables of cases for the decision and the chain."""

from __future__ import annotations

from typing import Any

import pytest

from yourl.http1.target import parse_target
from yourl.proxies import FORWARDING_HEADERS, Connection, TrustedProxies, Verdict, evaluate, url_of
from yourl.proxies.chain import MAX_HOPS
from yourl.proxies.fields import MAX_ELEMENTS

DIRECT = Connection("198.51.100.4", 50000, "192.0.2.1", 8080)
INSIDE = Connection("10.0.0.3", 50000, "10.0.0.9", 8080)
UNIX = Connection("", None, "", None)
TEN = "10.0.0.0/8"


def verdict(
    headers: str,
    trusted: str = "",
    connection: Connection = INSIDE,
    *,
    method: str = "GET",
    target: str = "/",
    **options: Any,
) -> Verdict:
    """The verdict about a request head written as lines; a Host is added where none is given."""
    lines = [line.strip().partition(":") for line in headers.strip().splitlines() if line.strip()]
    fields = [(name, value.strip()) for name, _, value in lines]
    if all(name.lower() != "host" for name, _ in fields):
        fields.insert(0, ("Host", "shop.example"))
    platform = options.pop("platform", None)
    options["target"] = parse_target(target, method)
    return evaluate(connection, fields, TrustedProxies.parse(trusted, platform), **options)


CLIENTS = [
    # headers, trusted, client, source, trusted because a proxy vouches
    pytest.param("", "", "10.0.0.3", "connection", id="direct"),
    pytest.param("X-Forwarded-For: 203.0.113.7", "", "10.0.0.3", "connection", id="nobody-trusted"),
    pytest.param("X-Forwarded-For: 203.0.113.7", TEN, "203.0.113.7", "X-Forwarded-For[0]", id="one-proxy"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7", "192.168.0.0/16", "10.0.0.3", "connection", id="other-trusted"
    ),
    pytest.param(
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.2",
        TEN,
        "203.0.113.7",
        "X-Forwarded-For[1]",
        id="rightmost",
    ),
    pytest.param(
        "X-Forwarded-For: 6.6.6.6\nX-Forwarded-For: 203.0.113.7",
        TEN,
        "203.0.113.7",
        "X-Forwarded-For[1]",
        id="two-lines-are-one-list",
    ),
    pytest.param(
        "X-Forwarded-For: 10.0.0.7, 10.0.0.2", TEN, "10.0.0.7", "X-Forwarded-For[0]", id="all-trusted"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, unknown", TEN, "10.0.0.3", "connection", id="unknown-ends-the-walk"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, _hid, 10.0.0.2",
        TEN,
        "10.0.0.2",
        "X-Forwarded-For[2]",
        id="obfuscated-ends-the-walk",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, <script>, 10.0.0.2",
        TEN,
        "10.0.0.2",
        "X-Forwarded-For[2]",
        id="garbage-ends-the-walk",
    ),
    pytest.param(
        "X-Forwarded-For: ,, 203.0.113.7 ,,", TEN, "203.0.113.7", "X-Forwarded-For[0]", id="empty-elements"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7:4711", TEN, "203.0.113.7", "X-Forwarded-For[0]", id="with-port"
    ),
    pytest.param(
        "X-Forwarded-For: 2001:db8::7, ::ffff:10.0.0.2",
        TEN,
        "2001:db8::7",
        "X-Forwarded-For[0]",
        id="mapped-hop",
    ),
    pytest.param("X-Forwarded-For: 203.0.113.7", "1", "203.0.113.7", "X-Forwarded-For[0]", id="count-one"),
    pytest.param(
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7", "1", "203.0.113.7", "X-Forwarded-For[1]", id="count-forged"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 8.8.8.8", "2", "203.0.113.7", "X-Forwarded-For[0]", id="count-two"
    ),
    pytest.param("X-Forwarded-For: 203.0.113.7", "2", "10.0.0.3", "connection", id="count-larger-than-list"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, _p",
        "2",
        "203.0.113.7",
        "X-Forwarded-For[0]",
        id="count-hidden-between",
    ),
    pytest.param(
        "X-Forwarded-For: nobody, 8.8.8.8", "2", "8.8.8.8", "X-Forwarded-For[1]", id="count-hits-garbage"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 172.16.0.9, 10.0.0.2",
        "172.16.0.0/12,2",
        "203.0.113.7",
        "X-Forwarded-For[0]",
        id="count-and-network",
    ),
    pytest.param(
        'Forwarded: for="203.0.113.9:_p1"', TEN, "203.0.113.9", "Forwarded[0].for", id="forwarded-hidden-port"
    ),
    pytest.param("Forwarded: for=203.0.113.7", TEN, "203.0.113.7", "Forwarded[0].for", id="forwarded"),
    pytest.param(
        'Forwarded: for="[2001:db8::7]:4711";by=10.0.0.2, for=10.0.0.2',
        TEN,
        "2001:db8::7",
        "Forwarded[0].for",
        id="forwarded-ipv6",
    ),
    pytest.param(
        "Forwarded: for=203.0.113.7\nForwarded: for=10.0.0.2",
        TEN,
        "203.0.113.7",
        "Forwarded[0].for",
        id="forwarded-lines",
    ),
    pytest.param(
        "Forwarded: FOR=203.0.113.7; pRoTo=https", TEN, "203.0.113.7", "Forwarded[0].for", id="forwarded-case"
    ),
    pytest.param(
        "Forwarded: for=_gazonk, for=10.0.0.2", TEN, "10.0.0.2", "Forwarded[1].for", id="forwarded-obfuscated"
    ),
    pytest.param(
        'Forwarded: for="6.6.6.6, for=203.0.113.7',
        TEN,
        "203.0.113.7",
        "Forwarded[1].for",
        id="open-quote-forged",
    ),
    pytest.param(
        'Forwarded: for="x\\", for="[2001:db8::7]"',
        TEN,
        "2001:db8::7",
        "Forwarded[1].for",
        id="open-quote-before-quoted",
    ),
    pytest.param(
        "Forwarded: for=6.6.6.6\nX-Forwarded-For: 203.0.113.7",
        TEN,
        "203.0.113.7",
        "X-Forwarded-For[0]",
        id="x-forwarded-for-before-forwarded",
    ),
    pytest.param("X-Real-IP: 203.0.113.7", TEN, "203.0.113.7", "X-Real-IP", id="real-ip-alone"),
    pytest.param(
        "X-Real-IP: 6.6.6.6\nX-Forwarded-For: 203.0.113.7",
        TEN,
        "203.0.113.7",
        "X-Forwarded-For[0]",
        id="real-ip-after",
    ),
    pytest.param(
        "CF-Connecting-IP: 203.0.113.7", TEN, "10.0.0.3", "connection", id="vendor-header-never-decides"
    ),
    pytest.param("X-Forwarded-Proto: https", TEN, "10.0.0.3", "connection", id="nobody-named"),
]


@pytest.mark.parametrize(("headers", "trusted", "expected", "source"), CLIENTS)
def test_client(headers: str, trusted: str, expected: str, source: str) -> None:
    """The client is the rightmost address that no trusted proxy has; it says where it came from and why."""
    client = verdict(headers, trusted).client
    assert (expected, source) == (client.value, client.source)
    assert (source != "connection") == client.trusted
    assert expected in client.why


@pytest.mark.parametrize("peer", [INSIDE, UNIX, Connection("::ffff:169.254.1.1", 1, "::1", 8080)])
def test_client_on_cloud_run(peer: Connection) -> None:
    """Cloud Run's front end is trusted as exactly one hop, whatever its internal address."""
    found = verdict("X-Forwarded-For: 6.6.6.6, 203.0.113.7", connection=peer, platform="cloud-run")
    assert "203.0.113.7" == found.client.value
    assert "Cloud Run's front end" in found.client.why


@pytest.mark.parametrize(
    ("trusted", "expected"), [("", None), ("unix", "203.0.113.7"), ("1", "203.0.113.7"), (TEN, None)]
)
def test_client_over_a_unix_socket(trusted: str, expected: str | None) -> None:
    """A Unix socket's peer has no address; it is trusted by its name or by count."""
    assert expected == verdict("X-Forwarded-For: 203.0.113.7", trusted, UNIX).client.value


VALUES = [
    # headers, trusted, attribute, value, source
    pytest.param("", "", "scheme", "http", "connection", id="scheme-direct"),
    pytest.param("X-Forwarded-Proto: https", "", "scheme", "http", "connection", id="scheme-untrusted"),
    pytest.param("X-Forwarded-Proto: https", TEN, "scheme", "https", "X-Forwarded-Proto", id="scheme"),
    pytest.param("X-Forwarded-Proto: HTTPS", TEN, "scheme", "https", "X-Forwarded-Proto", id="scheme-case"),
    pytest.param("X-Forwarded-Proto: wss", TEN, "scheme", "https", "X-Forwarded-Proto", id="scheme-wss"),
    pytest.param("X-Forwarded-Proto: javascript", TEN, "scheme", "http", "connection", id="scheme-nonsense"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https, http",
        TEN,
        "scheme",
        "http",
        "X-Forwarded-Proto[1]",
        id="scheme-list-one-proxy",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 10.0.0.2\nX-Forwarded-Proto: https, http",
        TEN,
        "scheme",
        "https",
        "X-Forwarded-Proto[0]",
        id="scheme-list-two-proxies",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 10.0.0.1, 10.0.0.2\nX-Forwarded-Proto: https, http",
        TEN,
        "scheme",
        "https",
        "X-Forwarded-Proto[0]",
        id="scheme-list-shorter-than-chain",
    ),
    pytest.param("X-Forwarded-Ssl: on", TEN, "scheme", "https", "X-Forwarded-Ssl", id="scheme-ssl-on"),
    pytest.param("Front-End-Https: off", TEN, "scheme", "http", "Front-End-Https", id="scheme-front-end-off"),
    pytest.param(
        "Forwarded: for=203.0.113.7;proto=https",
        TEN,
        "scheme",
        "https",
        "Forwarded[0].proto",
        id="scheme-forwarded",
    ),
    pytest.param(
        "Forwarded: proto=https\nX-Forwarded-Proto: http",
        TEN,
        "scheme",
        "http",
        "X-Forwarded-Proto",
        id="scheme-x-before-forwarded",
    ),
    pytest.param(
        "Forwarded: proto=https\nX-Forwarded-Ssl: off",
        TEN,
        "scheme",
        "https",
        "Forwarded[0].proto",
        id="scheme-forwarded-before-ssl",
    ),
    pytest.param(
        "X-Forwarded-Ssl: on\nX-Forwarded-Proto: http",
        TEN,
        "scheme",
        "http",
        "X-Forwarded-Proto",
        id="scheme-proto-before-ssl",
    ),
    pytest.param("", "", "host", "shop.example", "Host", id="host"),
    pytest.param("Host: SHOP.example:8080", "", "host", "shop.example", "Host", id="host-case-and-port"),
    pytest.param("X-Forwarded-Host: evil.example", "", "host", "shop.example", "Host", id="host-untrusted"),
    pytest.param(
        "X-Forwarded-Host: a.example", TEN, "host", "a.example", "X-Forwarded-Host", id="host-forwarded"
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Host: evil.example, a.example",
        TEN,
        "host",
        "a.example",
        "X-Forwarded-Host[1]",
        id="host-list",
    ),
    pytest.param("X-Forwarded-Host: a b", TEN, "host", "shop.example", "Host", id="host-invalid-forwarded"),
    pytest.param(
        'Forwarded: host="a.example:8443"', TEN, "host", "a.example", "Forwarded[0].host", id="host-rfc7239"
    ),
    pytest.param("Host: [2001:DB8::1]:80", "", "host", "[2001:db8::1]", "Host", id="host-ipv6"),
    pytest.param("Host: a b", "", "host", "10.0.0.9", "connection", id="host-invalid"),
    pytest.param("Host: user@evil.example", "", "host", "10.0.0.9", "connection", id="host-userinfo"),
    pytest.param("Host:", "", "host", "10.0.0.9", "connection", id="host-empty"),
    pytest.param("Host: a\nHost: b", "", "host", "10.0.0.9", "connection", id="host-twice"),
    pytest.param("", "", "port", 80, "connection", id="port-default"),
    pytest.param("Host: shop.example:8080", "", "port", 8080, "Host", id="port-of-host"),
    pytest.param("Host: a b", "", "port", 8080, "connection", id="port-of-socket"),
    pytest.param("X-Forwarded-Port: 8443", "", "port", 80, "connection", id="port-untrusted"),
    pytest.param("X-Forwarded-Proto: https", TEN, "port", 443, "X-Forwarded-Proto", id="port-of-scheme"),
    pytest.param("X-Forwarded-Port: 8443", TEN, "port", 8443, "X-Forwarded-Port", id="port-forwarded"),
    pytest.param("X-Forwarded-Port: 0", TEN, "port", 80, "connection", id="port-nonsense"),
    pytest.param(
        "X-Forwarded-Host: a.example:8443", TEN, "port", 8443, "X-Forwarded-Host", id="port-of-forwarded-host"
    ),
    pytest.param(
        "X-Forwarded-Host: a.example:1\nX-Forwarded-Port: 2",
        TEN,
        "port",
        2,
        "X-Forwarded-Port",
        id="port-before-host",
    ),
    pytest.param(
        "Host: app:8080\nX-Forwarded-Host: a.example",
        TEN,
        "port",
        80,
        "connection",
        id="port-not-of-rewritten-host",
    ),
    pytest.param("", "", "prefix", "", "connection", id="prefix-none"),
    pytest.param("X-Forwarded-Prefix: /shop", "", "prefix", "", "connection", id="prefix-untrusted"),
    pytest.param("X-Forwarded-Prefix: /shop/", TEN, "prefix", "/shop", "X-Forwarded-Prefix", id="prefix"),
    pytest.param("X-Forwarded-Prefix: /", TEN, "prefix", "", "X-Forwarded-Prefix", id="prefix-root"),
    pytest.param(
        "X-Forwarded-Prefix: //evil.example", TEN, "prefix", "", "connection", id="prefix-other-host"
    ),
    pytest.param("X-Forwarded-Prefix: /a/../b", TEN, "prefix", "", "connection", id="prefix-dots"),
    pytest.param("X-Forwarded-Prefix: shop", TEN, "prefix", "", "connection", id="prefix-relative"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 10.0.0.2\nX-Forwarded-Prefix: /a\nX-Forwarded-Prefix: /b/",
        TEN,
        "prefix",
        "/a/b",
        "X-Forwarded-Prefix[0]",
        id="prefixes-of-two-proxies",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 10.0.0.2\nX-Forwarded-Prefix: /evil, /a, /",
        TEN,
        "prefix",
        "/a",
        "X-Forwarded-Prefix[1]",
        id="prefixes-of-two-proxies-and-a-forged-one",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Prefix: /a, /b",
        TEN,
        "prefix",
        "/b",
        "X-Forwarded-Prefix[1]",
        id="prefixes-of-one-proxy",
    ),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 10.0.0.2\nX-Forwarded-Prefix: /a, //x",
        TEN,
        "prefix",
        "",
        "connection",
        id="prefixes-one-unsafe",
    ),
    pytest.param("X-Script-Name: /shop", TEN, "prefix", "/shop", "X-Script-Name", id="prefix-script-name"),
]


@pytest.mark.parametrize(("headers", "trusted", "attribute", "expected", "source"), VALUES)
def test_value(headers: str, trusted: str, attribute: str, expected: Any, source: str) -> None:
    """Scheme, host, port and prefix come from trusted headers only, and say which."""
    decided = getattr(verdict(headers, trusted), attribute)
    assert (expected, source) == (decided.value, decided.source)
    assert decided.why


def test_own_tls() -> None:
    """Where this process ended TLS itself, the scheme is https without any header."""
    found = verdict("", connection=Connection("203.0.113.7", 1, "192.0.2.1", 443, "https"))
    assert ("https", 443) == (found.scheme.value, found.port.value)
    assert () == found.findings


URLS = [
    pytest.param("", "", "/a?b=1", "http://shop.example/a?b=1", id="plain"),
    pytest.param("Host: shop.example:8080", "", "/", "http://shop.example:8080/", id="port"),
    pytest.param("Host: [::1]:8080", "", "/", "http://[::1]:8080/", id="ipv6"),
    pytest.param("X-Forwarded-Proto: https", TEN, "/", "https://shop.example/", id="default-port-is-silent"),
    pytest.param(
        "X-Forwarded-Proto: https\nX-Forwarded-Port: 8443\nX-Forwarded-Prefix: /shop",
        TEN,
        "/a",
        "https://shop.example:8443/shop/a",
        id="all",
    ),
    pytest.param("", "", "http://other.example:81/a?b", "http://other.example:81/a?b", id="absolute-form"),
    pytest.param("", "", "http://other.example", "http://other.example/", id="absolute-form-without-path"),
    pytest.param("", "", "http://other.example?q", "http://other.example/?q", id="absolute-form-query"),
    pytest.param("", "", "*", "http://shop.example", id="asterisk-form"),
    pytest.param("", "", "/a#b", "http://shop.example/a", id="fragment"),
]


@pytest.mark.parametrize(("headers", "trusted", "target", "expected"), URLS)
def test_url(headers: str, trusted: str, target: str, expected: str) -> None:
    """The URL is the one that the client asked for."""
    assert expected == url_of(verdict(headers, trusted, target=target), parse_target(target).origin_form)


def test_connect_names_the_host_in_its_target() -> None:
    """CONNECT has an authority for a target (RFC 9112 section 3.2.3)."""
    target = parse_target("other.example:8443", "CONNECT")
    found = verdict("", method="CONNECT", target=target.raw)
    assert ("other.example", 8443) == (found.host.value, found.port.value)
    assert "http://other.example:8443" == url_of(found, target.origin_form)


TARGETS = [
    # target, host, port, URL, whether a finding names the disagreement
    pytest.param("http://a.example/api/x", "a.example", 80, "http://a.example/api/x", True, id="other-host"),
    pytest.param("http://shop.example/api", "shop.example", 80, "http://shop.example/api", False, id="same"),
    pytest.param(
        "http://SHOP.example:80/", "shop.example", 80, "http://shop.example/", False, id="same-port"
    ),
    pytest.param("http://shop.example:81/", "shop.example", 81, "http://shop.example:81/", True, id="port"),
    pytest.param("https://shop.example", "shop.example", 80, "http://shop.example/", False, id="no-tls-here"),
]


@pytest.mark.parametrize(("target", "host", "port", "url", "is_found"), TARGETS)
def test_the_target_goes_before_host(target: str, host: str, port: int, url: str, is_found: bool) -> None:
    """RFC 9112 section 3.2.2: an absolute-form target's authority counts; a finding names another Host."""
    found = verdict("", target=target)
    assert (host, "request target", "client") == (found.host.value, found.host.source, found.host.basis)
    assert (port, url) == (found.port.value, url_of(found, parse_target(target).origin_form))
    assert is_found == ("target-host-disagreement" in [finding.code for finding in found.findings])


BASES = [
    # headers, trusted, bases of client, scheme, host, port, prefix
    pytest.param("", "", "socket socket client default default", id="direct"),
    pytest.param("Host: a.example:81", "", "socket socket client client default", id="port-beside-host"),
    pytest.param("Host: a b", "", "socket socket socket socket default", id="own-address"),
    pytest.param("X-Forwarded-For: 203.0.113.7", "", "socket socket client default default", id="untrusted"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\nX-Forwarded-Prefix: /a",
        TEN,
        "proxy proxy client proxy proxy",
        id="proxy",
    ),
]


@pytest.mark.parametrize(("headers", "trusted", "expected"), BASES)
def test_basis(headers: str, trusted: str, expected: str) -> None:
    """Each value says what it rests on; it is trusted exactly where that is a trusted proxy."""
    found = verdict(headers, trusted)
    values = (found.client, found.scheme, found.host, found.port, found.prefix)
    assert expected.split() == [value.basis for value in values]
    assert [value.trusted for value in values] == [value.basis == "proxy" for value in values]


def test_base_url() -> None:
    """The base URL has the prefix and no path."""
    found = verdict("X-Forwarded-Prefix: /shop\nX-Forwarded-Port: 81", TEN)
    assert "http://shop.example:81/shop" == found.base_url


def shape(found: Verdict) -> list[tuple[str | None, str, bool, str]]:
    """What of the hops matters for the picture."""
    return [(hop.address, hop.source, hop.trusted, hop.role) for hop in found.hops]


def test_hops_run_from_the_client_to_us() -> None:
    """Outermost first, our peer last; each says who named it and whether it is trusted."""
    expected = [
        ("6.6.6.6", "X-Forwarded-For[0]", False, "claim"),
        ("203.0.113.7", "X-Forwarded-For[1]", False, "client"),
        ("10.0.0.2", "X-Forwarded-For[2]", True, "proxy"),
        ("10.0.0.3", "connection", True, "proxy"),
    ]
    assert expected == shape(verdict("X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.2", TEN))


def test_hops_of_an_untrusted_peer_are_claims() -> None:
    """What a stranger says is shown, but as hearsay."""
    found = verdict("X-Forwarded-For: 203.0.113.7", "", DIRECT)
    expected = [
        ("203.0.113.7", "X-Forwarded-For[0]", False, "claim"),
        ("198.51.100.4", "connection", False, "client"),
    ]
    assert expected == shape(found)
    assert "only claimed: 198.51.100.4, which sent it, is not trusted" == found.hops[0].why


def test_hop_keeps_what_arrived() -> None:
    """The identifier is the text as it came, the address its canonical form."""
    hop = verdict("X-Forwarded-For: [2001:DB8:0:0::7]:4711", TEN).hops[0]
    assert ("[2001:DB8:0:0::7]:4711", "2001:db8::7", 4711) == (hop.identifier, hop.address, hop.port)


def test_other_headers_join_the_hop_they_name() -> None:
    """X-Real-IP, Via and Forwarded's by add to a hop; they do not make a second one."""
    found = verdict(
        """X-Forwarded-For: 203.0.113.7
        X-Real-IP: 203.0.113.7
        Forwarded: for=203.0.113.7;by=10.0.0.3
        Via: 1.1 Caddy""",
        TEN,
    )
    assert [("X-Real-IP", "Forwarded[0].for"), ("Forwarded[0].by=10.0.0.3", "Via[0]: 1.1 Caddy")] == [
        hop.also for hop in found.hops
    ]


def test_via_joins_our_peer_behind_a_list_that_the_client_began() -> None:
    """A forged address does not move the one proxy's Via to a hop of its own; its product is not cut off."""
    via = "1.1 a-long-name-of-a-cache.internal.example.com:3128 (squid/5.7)"
    found = verdict(f"X-Forwarded-For: 192.0.2.1, 203.0.113.7\nVia: {via}", TEN)
    assert [(), (), (f"Via[0]: {via}",)] == [hop.also for hop in found.hops]


def test_every_named_machine_is_in_the_picture() -> None:
    """An address that only a vendor's header names, or a proxy only in Via, is shown, never trusted."""
    found = verdict("X-Forwarded-For: 203.0.113.7\nCF-Connecting-IP: 192.0.2.55\nVia: 1.1 a, 1.1 b", TEN)
    expected = [
        (None, "Via[0]", False, "claim"),
        (None, "Via[1]", False, "claim"),
        ("192.0.2.55", "CF-Connecting-IP", False, "claim"),
        ("203.0.113.7", "X-Forwarded-For[0]", False, "client"),
        ("10.0.0.3", "connection", True, "proxy"),
    ]
    assert expected == shape(found)


@pytest.mark.parametrize(
    "header",
    [header for header in FORWARDING_HEADERS.values() if header.about == "client"],
    ids=lambda header: header.name,
)
def test_every_client_header_is_in_the_picture(header: Any) -> None:
    """Every header of the table that names a client makes a hop that names the header."""
    value = "203.0.113.7:4711" if header.name == "CloudFront-Viewer-Address" else "203.0.113.7"
    hop = verdict(f"{header.name}: {value}", "", DIRECT).hops[0]
    assert "203.0.113.7" == hop.address
    assert hop.source.startswith(header.name)


def test_what_is_looked_at_is_bounded() -> None:
    """Of 10,000 hops the nearest 256 are looked at: one head may not cost what thirty others do."""
    claims = ["203.0.113.7", *(f"10.1.{n // 256}.{n % 256}" for n in range(9_999))]
    found = verdict(f"X-Forwarded-For: {', '.join(claims)}", TEN)
    assert claims[-MAX_ELEMENTS] == found.client.value
    assert MAX_HOPS == len(found.hops)
    lines = "X-Forwarded-For: 203.0.113.7" + "\nX-Forwarded-For: 10.1.1.1, 10.1.1.2" * 600
    assert "10.1.1.1" == verdict(lines, TEN).client.value
    longer = "X-Forwarded-For: 203.0.113.7" + ", 10.1.1.1" * (MAX_ELEMENTS - 1)
    assert "203.0.113.7" == verdict(longer, TEN).client.value


def test_of_a_long_forwarded_the_end_is_read() -> None:
    """What our own proxies append is read, whatever stands in front of it, and no more than is bounded."""
    for forged in ('for="', "a,", ";", "for=10.1.1.1,", '"', "\\"):
        found = verdict(f"Forwarded: {forged * 8000}, for=203.0.113.7", TEN)
        assert "203.0.113.7" == found.client.value
    lines = "Forwarded: for=6.6.6.6\nForwarded: for=203.0.113.7" + "\nForwarded: for=10.1.1.1" * 100
    assert "203.0.113.7" == verdict(lines, TEN).client.value
    lines += "\nForwarded: for=10.1.1.1" * 400
    assert "10.1.1.1" == verdict(lines, TEN).client.value


def test_picture_is_bounded_and_the_decision_goes_further() -> None:
    """Of 250 hops the nearest are shown; the client is found behind all of them."""
    claims = ["203.0.113.7", *(f"10.1.{n // 256}.{n % 256}" for n in range(249))]
    found = verdict(f"X-Forwarded-For: {', '.join(claims)}", TEN)
    assert "203.0.113.7" == found.client.value
    assert MAX_HOPS == len(found.hops)
    assert "10.0.0.3" == found.hops[-1].address
    assert "too-many-hops" in [finding.code for finding in found.findings]


def test_why_is_for_a_tired_person() -> None:
    """The sentence names the client, the header, the proxy and the rule."""
    expected = (
        "203.0.113.7 is the rightmost address in X-Forwarded-For that no trusted proxy has; "
        "10.0.0.2 (10.0.0.0/8 is trusted) reported it"
    )
    assert expected == verdict("X-Forwarded-For: 203.0.113.7, 10.0.0.2", TEN).client.why
