"""Findings: when each speaks, when all are silent, and that the fix of each makes it go away."""

from __future__ import annotations

import re
from typing import Any

import pytest

from yourl.proxies import FINDING_CODES, Connection, Finding, TrustedProxies, Verdict, evaluate
from yourl.proxies.chain import MAX_HOPS
from yourl.proxies.fixes import PRODUCTS as PRODUCT_TABLE
from yourl.proxies.fixes import TOPICS, at_proxy

from .test_verdict import DIRECT, INSIDE, TEN, UNIX, verdict

LOCAL = Connection("127.0.0.1", 50000, "127.0.0.1", 8080)
CLOUD = Connection("169.254.1.1", 50000, "169.254.1.2", 8080)


def codes(found: Verdict) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in found.findings}


def grave(found: Verdict) -> list[Finding]:
    """Findings above info."""
    return [finding for finding in found.findings if finding.severity != "info"]


CHROME = """
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0
    Upgrade-Insecure-Requests: 1
    Accept: text/html
    Accept-Encoding: gzip, deflate, br
"""
SECURE = """
    Sec-Fetch-Site: none
    Sec-Fetch-Mode: navigate
    sec-ch-ua: "Chromium";v="130"
"""
DIRECT_REQUESTS = [
    pytest.param("User-Agent: curl/8.0\nAccept: */*", DIRECT, {}, id="curl"),
    pytest.param("Host: localhost:8080\nUser-Agent: curl/8.0", LOCAL, {}, id="curl-localhost"),
    pytest.param(f"Host: localhost:8080{CHROME}{SECURE}", LOCAL, {}, id="browser-localhost"),
    pytest.param(f"Host: 127.0.0.1:8080{CHROME}{SECURE}", LOCAL, {}, id="browser-loopback"),
    pytest.param(f"Host: app.localhost:8080{CHROME}{SECURE}", INSIDE, {}, id="browser-below-localhost"),
    pytest.param(f"Host: [::1]:8080{CHROME}{SECURE}", LOCAL, {}, id="browser-ipv6-loopback"),
    pytest.param(f"Host: 192.168.1.5:8080{CHROME}", INSIDE, {}, id="browser-in-the-lan"),
    pytest.param(
        "Host: localhost:8080\nOrigin: https://localhost:3000\nSec-Fetch-Site: same-site",
        LOCAL,
        {},
        id="other-origin-https",
    ),
    pytest.param("Host: localhost\nOrigin: http://localhost:3000", LOCAL, {}, id="other-origin-port"),
    pytest.param("Host: a.example\nReferer: https://search.example/", DIRECT, {}, id="referer-elsewhere"),
    pytest.param(
        "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMA", DIRECT, {}, id="curl-h2c"
    ),
    pytest.param("Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Key: x", DIRECT, {}, id="websocket"),
    pytest.param("Connection: keep-alive\nKeep-Alive: timeout=5\nTE: gzip", DIRECT, {}, id="own-hop-by-hop"),
    pytest.param(
        "Host: shop.example:443", Connection("203.0.113.7", 1, "192.0.2.1", 443), {}, id="plain-http-on-443"
    ),
    pytest.param("Host: a.example", DIRECT, {"allowed_hosts": ("*.example",)}, id="host-allowed"),
    pytest.param("Host: 10.0.0.9:8080", INSIDE, {"trusted": TEN}, id="probe-from-a-trusted-network"),
    pytest.param(
        "Host: 10.0.0.9:8080\nUser-Agent: kube-probe/1.31\nConnection: close",
        INSIDE,
        {"trusted": TEN},
        id="kubernetes-probe-from-a-trusted-network",
    ),
    pytest.param(
        "Host: shop.example:8080\nUser-Agent: curl/8.0",
        INSIDE,
        {"trusted": TEN},
        id="colleague-on-a-trusted-network",
    ),
    pytest.param(
        f"Host: localhost{CHROME}{SECURE}", INSIDE, {"trusted": TEN}, id="browser-through-a-mapped-port"
    ),
]


@pytest.mark.parametrize(("headers", "connection", "options"), DIRECT_REQUESTS)
def test_a_direct_request_has_no_finding(
    headers: str, connection: Connection, options: dict[str, Any]
) -> None:
    """Nothing is odd about a client that talks to us itself."""
    assert () == verdict(headers, connection=connection, **options).findings


WELL_CONFIGURED = [
    pytest.param(
        f"""Host: shop.example
        X-Real-IP: 203.0.113.7
        X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Host: shop.example
        X-Forwarded-Port: 443
        Connection: close {CHROME}{SECURE}""",
        id="nginx",
    ),
    pytest.param("X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https", id="haproxy"),
    pytest.param(
        "X-Forwarded-For: 6.6.6.6\nX-Forwarded-Proto: http\nX-Forwarded-For: 203.0.113.7",
        id="haproxy-forged-list",
    ),
    pytest.param(
        """Host: shop.example:18443
        X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Host: shop.example:18443
        Via: 1.1 Caddy
        Referer: https://shop.example:18443/a""",
        id="caddy-other-port",
    ),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Host: shop.example
        X-Forwarded-Server: edge.internal
        Connection: Keep-Alive""",
        id="apache",
    ),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Real-Ip: 203.0.113.7
        X-Forwarded-Host: shop.example
        X-Forwarded-Port: 443
        X-Forwarded-Proto: wss
        X-Forwarded-Server: traefik-1
        Connection: Upgrade
        Upgrade: websocket
        Sec-WebSocket-Key: x""",
        id="traefik-websocket",
    ),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Envoy-External-Address: 203.0.113.7
        X-Envoy-Expected-Rq-Timeout-Ms: 15000
        TE: trailers""",
        id="envoy",
    ),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        Forwarded: for="203.0.113.7";proto=https
        X-Cloud-Trace-Context: 105445aa7843bc8bf206b12000100000/1;o=1""",
        id="cloud-run",
    ),
    pytest.param(
        """Host: app:8080
        X-Forwarded-For: 203.0.113.7, 10.0.0.2
        X-Real-IP: 10.0.0.2
        X-Forwarded-Proto: https
        X-Forwarded-Host: shop.example""",
        id="two-deep",
    ),
    pytest.param('Forwarded: for="[2001:db8::7]:4711";host=shop.example;proto=https', id="forwarded-only"),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Prefix: /shop
        X-Forwarded-Uri: /shop/""",
        id="announced-prefix",
    ),
    pytest.param("X-Forwarded-For: 10.0.0.77\nX-Forwarded-Proto: http", id="visitor-from-inside"),
    pytest.param(
        "X-Forwarded-For: 203.0.113.7, 192.168.7.7\nX-Forwarded-Proto: https",
        id="visitor-from-inside-who-forges",
    ),
    pytest.param(
        """Host: origin.example
        X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Host: shop.example""",
        id="host-replaced-and-announced",
    ),
    pytest.param(
        """X-Forwarded-For: 203.0.113.7
        X-Forwarded-Proto: https
        X-Forwarded-Prefix: /a
        X-Original-URI: /a/""",
        id="prefix-announced-and-shown",
    ),
]
SILENT = [
    pytest.param("X-Forwarded-For: 192.168.1.9\nX-Forwarded-Proto: https", id="visitor-from-inside"),
    pytest.param("X-Forwarded-For: unknown, 203.0.113.7\nX-Forwarded-Proto: https", id="hides-its-machines"),
    pytest.param("X-Forwarded-For: 10.9.8.7, 203.0.113.7\nX-Forwarded-Proto: https", id="names-its-machines"),
]


@pytest.mark.parametrize("headers", SILENT)
def test_an_ordinary_visitor_is_nothing_to_speak_about(headers: str) -> None:
    """A visitor from inside, or from behind a company's own forward proxy, makes no noise."""
    assert () == verdict(headers, "10.0.0.3").findings


@pytest.mark.parametrize("headers", WELL_CONFIGURED)
def test_a_well_configured_proxy_has_nothing_above_info(headers: str) -> None:
    """Behind the usual right configuration, trusted, there is nothing to warn about."""
    assert [] == grave(verdict(headers, TEN))


# code, severity, headers, trusted, options, a text of the fix
FOUND = [
    pytest.param(
        "forwarded-by-untrusted",
        "warning",
        "X-Forwarded-For: 203.0.113.7",
        "",
        {},
        "YOURL_TRUSTED_PROXIES=10.0.0.3",
        id="untrusted",
    ),
    pytest.param(
        "forwarded-by-untrusted",
        "warning",
        "X-Forwarded-For: 203.0.113.7",
        "192.168.0.0/16,1",
        {"connection": DIRECT, "trusted": "192.168.0.0/16"},
        "YOURL_TRUSTED_PROXIES=192.168.0.0/16,198.51.100.4",
        id="untrusted-keeps-the-setting",
    ),
    pytest.param(
        "forwarded-by-untrusted",
        "warning",
        "X-Forwarded-For: 1.2.3.4",
        "",
        {"connection": UNIX},
        "=unix",
        id="untrusted-unix",
    ),
    pytest.param(
        "forwarded-by-untrusted",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Cloud-Trace-Context: 1/1",
        "",
        {"connection": CLOUD},
        "=cloud-run",
        id="untrusted-cloud-run",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        "X-Forwarded-Proto: https",
        "",
        {},
        "=10.0.0.3",
        id="loop-proxy-not-trusted",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "warning",
        "X-Forwarded-Proto: https",
        "",
        {"connection": DIRECT},
        "=198.51.100.4",
        id="loop-perhaps-forged",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        f"X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http\nX-Real-IP: 203.0.113.7{SECURE}",
        TEN,
        {},
        "$http_x_forwarded_proto",
        id="loop-inner-nginx-overwrote",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        'X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http\nCf-Visitor: {"scheme": "https"}',
        TEN,
        {},
        "X-Forwarded-Proto",
        id="loop-cloudflare-flexible",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        "X-Forwarded-For: 203.0.113.7, 172.16.0.2\nX-Forwarded-Proto: https, http",
        TEN,
        {},
        "X-Forwarded-Proto",
        id="loop-outer-proxy-not-trusted",
    ),
    pytest.param(
        "tls-unannounced",
        "warning",
        CHROME + SECURE,
        "",
        {"connection": DIRECT},
        "X-Forwarded-Proto",
        id="tls-bare",
    ),
    pytest.param(
        "tls-unannounced",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Port: 443",
        "",
        {},
        "Proto",
        id="tls-port-443",
    ),
    pytest.param(
        "tls-unannounced",
        "warning",
        "Host: shop.example:443\nX-Forwarded-For: 203.0.113.7",
        "",
        {},
        "Proto",
        id="tls-host-443",
    ),
    pytest.param(
        "tls-unannounced",
        "warning",
        "Origin: https://shop.example\nX-Real-IP: 203.0.113.7",
        "",
        {},
        "X-Forwarded-Proto $scheme",
        id="tls-origin",
    ),
    pytest.param(
        "missing-proto", "warning", "X-Forwarded-For: 203.0.113.7", TEN, {}, "ssl_fc", id="missing-proto"
    ),
    pytest.param(
        "missing-client",
        "warning",
        "X-Forwarded-Proto: https",
        TEN,
        {},
        "option forwardfor",
        id="missing-client",
    ),
    pytest.param(
        "missing-client",
        "warning",
        "Via: 1.1 Caddy",
        TEN,
        {},
        "header_up X-Forwarded-For",
        id="missing-client-via",
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: 10.0.0.9:8080\nX-Real-IP: 203.0.113.7",
        TEN,
        {},
        "proxy_set_header Host $http_host;",
        id="missing-host-our-address",
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: app:8080\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        "Host",
        id="missing-host-our-name",
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: upstream.internal\nX-Original-Host: shop.example\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        "Host",
        id="missing-host-named-elsewhere",
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: up.internal\nReferer: https://a.example/\nSec-Fetch-Site: same-origin\nX-Real-IP: 203.0.113.7",
        TEN,
        {},
        "Host",
        id="missing-host-by-the-page",
    ),
    pytest.param("invalid-host", "warning", "Host: a b", "", {}, "Host: 10.0.0.9", id="invalid-host"),
    pytest.param("invalid-host", "warning", "Host: a\nHost: b", "", {}, "Host: ", id="two-hosts"),
    pytest.param(
        "target-host-disagreement",
        "warning",
        "",
        "",
        {"target": "http://a.example/api"},
        "Host: a.example",
        id="target-host-disagreement",
    ),
    pytest.param(
        "target-host-disagreement",
        "warning",
        "Host: a.example:8080\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {"target": "http://a.example/api"},
        "proxy_set_header Host $http_host;",
        id="target-host-disagreement-behind-a-proxy",
    ),
    pytest.param(
        "host-not-allowed",
        "error",
        "",
        "",
        {"allowed_hosts": ("a.example",)},
        "=a.example,shop.example",
        id="host-not-allowed",
    ),
    pytest.param(
        "host-not-allowed",
        "error",
        "Host: app:8080\nX-Forwarded-Host: a.example",
        "",
        {"allowed_hosts": ("a.example",)},
        "YOURL_TRUSTED_PROXIES=10.0.0.3",
        id="host-not-allowed-trust-missing",
    ),
    pytest.param(
        "host-not-allowed",
        "error",
        "Host: app:8080\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {"allowed_hosts": ("a.example",)},
        "$http_host",
        id="host-not-allowed-rewritten",
    ),
    pytest.param(
        "scheme-disagreement",
        "warning",
        "X-Forwarded-Proto: https\nX-Forwarded-Ssl: off",
        TEN,
        {},
        "X-Forwarded-Ssl",
        id="scheme-disagreement",
    ),
    pytest.param(
        "host-disagreement",
        "warning",
        "X-Forwarded-Host: a.example\nX-Original-Host: b.example",
        TEN,
        {},
        "X-Original-Host",
        id="host-disagreement",
    ),
    pytest.param(
        "host-disagreement",
        "warning",
        "X-Forwarded-Host: shop.example\nX-Original-Host: b.example",
        TEN,
        {},
        "X-Original-Host",
        id="host-disagreement-with-host-as-it-came",
    ),
    pytest.param(
        "port-disagreement",
        "warning",
        "X-Forwarded-Host: a.example:8443\nX-Forwarded-Port: 9443",
        TEN,
        {},
        "X-Forwarded-Port",
        id="port-disagreement",
    ),
    pytest.param(
        "port-disagreement",
        "warning",
        "X-Forwarded-Proto: https\nX-Forwarded-Port: 80",
        TEN,
        {},
        "X-Forwarded-Port",
        id="port-of-the-other-scheme",
    ),
    pytest.param(
        "port-lost",
        "info",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\nX-Forwarded-Port: 8443",
        TEN,
        {},
        "$http_host",
        id="port-lost-from-host",
    ),
    pytest.param(
        "port-lost",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\nOrigin: https://shop.example:8443",
        TEN,
        {},
        "X-Forwarded-Port",
        id="port-lost-everywhere",
    ),
    pytest.param(
        "prefix-not-announced",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Uri: /shop/a?b=1",
        TEN,
        {"target": "/a?b=1"},
        "X-Forwarded-Prefix /shop",
        id="prefix",
    ),
    pytest.param(
        "prefix-not-announced",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Original-URI: /a;return$x;/a",
        TEN,
        {"target": "/a"},
        "/your-prefix",
        id="prefix-that-must-not-be-pasted",
    ),
    pytest.param(
        "forwarded-contradiction",
        "warning",
        "Forwarded: for=203.0.113.7;proto=http\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https",
        TEN,
        {},
        "Forwarded",
        id="contradiction-proto",
    ),
    pytest.param(
        "forwarded-contradiction",
        "warning",
        "Forwarded: for=6.6.6.6\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        'proxy_set_header Forwarded "";',
        id="contradiction-client",
    ),
    pytest.param(
        "forwarded-contradiction",
        "warning",
        "Forwarded: host=evil.example\nX-Forwarded-Host: a.example",
        TEN,
        {},
        "Forwarded",
        id="contradiction-host",
    ),
    pytest.param(
        "duplicate-forwarding-header",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\nX-Forwarded-Proto: http",
        TEN,
        {},
        "set-header X-Forwarded-Proto",
        id="duplicate-lines",
    ),
    pytest.param(
        "duplicate-forwarding-header",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Host: evil.example, shop.example\nX-Forwarded-Server: x",
        TEN,
        {},
        "RequestHeader unset X-Forwarded-Host early",
        id="duplicate-apache",
    ),
    pytest.param(
        "duplicate-forwarding-header",
        "warning",
        "X-Real-IP: 1.2.3.4, 5.6.7.8",
        TEN,
        {},
        "X-Real-IP",
        id="duplicate-ip",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "X-Forwarded-Proto: htps",
        TEN,
        {},
        "Proto",
        id="malformed-scheme",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "X-Forwarded-Host: a/b",
        TEN,
        {},
        "Host",
        id="malformed-host",
    ),
    pytest.param(
        "malformed-forwarding-header", "warning", "X-Forwarded-Port: 0", TEN, {}, "Port", id="malformed-port"
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "X-Forwarded-Prefix: //x",
        TEN,
        {},
        "Prefix",
        id="malformed-prefix",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "X-Forwarded-For: localhost",
        TEN,
        {},
        "For",
        id="malformed-for",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "Forwarded: for=[::1",
        TEN,
        {},
        "Forwarded",
        id="malformed-node",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        'Forwarded: for="',
        TEN,
        {},
        "Forwarded",
        id="malformed-forwarded",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "warning",
        "X-Real-IP: me",
        "",
        {},
        "X-Real-IP",
        id="malformed-untrusted",
    ),
    pytest.param(
        "malformed-forwarding-header",
        "info",
        "X-Forwarded-For: junk, 6.6.6.6, 203.0.113.7",
        TEN,
        {},
        "X-Forwarded-For",
        id="malformed-by-the-client",
    ),
    pytest.param(
        "private-client",
        "info",
        "X-Forwarded-For: 192.168.1.9\nCf-Ray: 1",
        TEN,
        {},
        "# Only if 192.168.1.9 is a proxy of yours",
        id="private-client-behind-an-edge",
    ),
    pytest.param(
        "private-client",
        "info",
        "X-Forwarded-For: 100.64.3.4\nX-Original-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        "# Only if 100.64.3.4 is a proxy of yours",
        id="carrier-grade",
    ),
    pytest.param(
        "private-client",
        "warning",
        "X-Forwarded-For: 203.0.113.7, 172.16.0.2\nX-Real-IP: 203.0.113.7",
        TEN,
        {},
        "YOURL_TRUSTED_PROXIES=10.0.0.0/8,172.16.0.2",
        id="one-more-proxy",
    ),
    pytest.param(
        "private-client",
        "info",
        "X-Forwarded-For: 203.0.113.7, 172.16.0.2\nX-Forwarded-Proto: https",
        TEN,
        {},
        "# Only if 172.16.0.2 is a proxy of yours and no visitor:",
        id="one-more-proxy-or-forged",
    ),
    pytest.param(
        "client-hidden", "info", "X-Forwarded-For: unknown", TEN, {}, "X-Forwarded-For", id="client-hidden"
    ),
    pytest.param(
        "client-disagreement",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nTrue-Client-IP: 6.6.6.6",
        TEN,
        {},
        "True-Client-IP",
        id="client-disagreement",
    ),
    pytest.param(
        "client-disagreement",
        "warning",
        "X-Forwarded-For: 203.0.113.7, 172.68.1.2\nCF-Connecting-IP: 203.0.113.7\nCf-Ray: 1",
        TEN,
        {},
        ",172.64.0.0/13,",
        id="cloudflare-not-trusted",
    ),
    pytest.param(
        "client-disagreement",
        "warning",
        "X-Forwarded-For: 203.0.113.7, 8.8.8.8\nX-Real-IP: 203.0.113.7",
        TEN,
        {},
        "YOURL_TRUSTED_PROXIES=10.0.0.0/8,8.8.8.8",
        id="outer-proxy-not-trusted",
    ),
    pytest.param(
        "spoofable-leftmost",
        "info",
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7",
        TEN,
        {},
        "%[src]",
        id="spoofable-leftmost",
    ),
    pytest.param(
        "chain-longer-than-hop-count",
        "info",
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7",
        "1",
        {},
        "%[src]",
        id="longer-forged",
    ),
    pytest.param(
        "chain-longer-than-hop-count",
        "warning",
        "X-Forwarded-For: 203.0.113.7, 10.0.0.2\nX-Forwarded-Proto: https, http",
        "1",
        {},
        "YOURL_TRUSTED_PROXIES=2",
        id="longer-than-count",
    ),
    pytest.param(
        "chain-shorter-than-hop-count",
        "warning",
        "X-Forwarded-For: 203.0.113.7",
        "3",
        {},
        "YOURL_TRUSTED_PROXIES=1",
        id="shorter-than-count",
    ),
    pytest.param(
        "nothing-forwarded",
        "info",
        "Host: yourl",
        TEN,
        {},
        "# Only if 10.0.0.3 is a proxy:",
        id="nothing-forwarded",
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: backend",
        TEN,
        {"http_version": "1.0"},
        "$http_host",
        id="silent-nginx",
    ),
    pytest.param(
        "missing-client",
        "warning",
        "Host: backend\nConnection: close",
        TEN,
        {"http_version": "1.0"},
        "$proxy_add_x_forwarded_for",
        id="silent-nginx-client",
    ),
    pytest.param(
        "missing-proto",
        "warning",
        "Host: 10.0.0.9:8080\nConnection: close",
        TEN,
        {},
        "X-Forwarded-Proto",
        id="silent-with-our-own-address",
    ),
    pytest.param(
        "missing-client",
        "warning",
        "Host: shop.example:8443\nOrigin: https://shop.example:8443\nSec-Fetch-Site: same-origin",
        TEN,
        {},
        "X-Forwarded-For",
        id="silent-with-a-browser",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        "Host: backend\nOrigin: https://shop.example\nSec-Fetch-Site: same-origin",
        TEN,
        {"http_version": "1.0"},
        "proxy_set_header X-Forwarded-Proto $scheme;",
        id="loop-silent-nginx",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        f"Host: shop.example{CHROME}{SECURE}",
        TEN,
        {},
        "YOURL_PROXY_PROTOCOL=on",
        id="loop-silent-tls-terminator",
    ),
    pytest.param(
        "redirect-loop-ahead",
        "error",
        "Via: https/2 edge (ApacheTrafficServer/9.2.9)\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        "# Traffic Server, in header_rewrite.config",
        id="loop-by-via",
    ),
    *(
        pytest.param(
            "redirect-loop-ahead",
            "error",
            f"X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http\n{header}",
            TEN,
            {},
            "X-Forwarded-Proto",
            id=f"loop-by-{header.partition(':')[0]}",
        )
        for header in (
            "X-ARR-SSL: 2048|256|CN=x",
            "X-AppService-Proto: https",
            "Fastly-SSL: 1",
            "X-Forwarded-Scheme: https",
            "Front-End-Https: on",
            "X-Forwarded-Https: on",
            "CloudFront-Forwarded-Proto: https",
            "X-Amzn-Tls-Version: TLSv1.3",
        )
    ),
    pytest.param(
        "missing-host",
        "warning",
        "Host: backend.internal\nX-Envoy-Original-Host: shop.example\nX-Forwarded-For: 203.0.113.7",
        TEN,
        {},
        "append_action: OVERWRITE_IF_EXISTS_OR_ADD",
        id="missing-host-envoy",
    ),
    pytest.param(
        "host-disagreement",
        "warning",
        "Via: 1.1 shop.example\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Host: evil.example",
        TEN,
        {},
        "proxy.header.unset: X-Forwarded-Host",
        id="host-forged-through-h2o",
    ),
    pytest.param(
        "host-disagreement",
        "warning",
        "Host: shop.example:8443\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Host: evil.example:8443",
        TEN,
        {},
        "http-request del-header X-Forwarded-Host",
        id="host-forged-beside-the-clients-port",
    ),
    pytest.param(
        "host-disagreement",
        "info",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Host: other.example",
        TEN,
        {},
        "# Only if no proxy of yours sets X-Forwarded-Host:",
        id="host-forged-or-replaced",
    ),
    pytest.param(
        "port-lost",
        "warning",
        "Via: 1.1 google\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\nX-Forwarded-Port: 81",
        TEN,
        {},
        "passes X-Forwarded-Port on",
        id="port-forged-through-a-platform",
    ),
    pytest.param(
        "unexpected-prefix",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Prefix: /evil\nX-Original-URI: /api",
        TEN,
        {"target": "/api"},
        "X-Forwarded-Prefix",
        id="prefix-forged",
    ),
    pytest.param(
        "unexpected-prefix",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Prefix: /evil\nX-Amzn-Trace-Id: Root=1",
        TEN,
        {},
        "# AWS ALB passes X-Forwarded-Prefix on",
        id="prefix-forged-through-a-platform",
    ),
    pytest.param(
        "path-changed",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Original-URI: /a%2Fb?c",
        TEN,
        {"target": "/a/b?c", "http_version": "1.0"},
        "# nginx",
        id="path-decoded",
    ),
    pytest.param(
        "path-changed",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nX-Envoy-Original-Path: /shop/a//b",
        TEN,
        {"target": "/a/b"},
        "normalize_path: false",
        id="path-normalised",
    ),
    pytest.param(
        "client-disagreement",
        "warning",
        "X-Forwarded-For: 198.51.100.66, 8.8.8.8\nX-Envoy-External-Address: 198.51.100.77",
        TEN,
        {},
        "# Only if 8.8.8.8 is a proxy of yours and no visitor:",
        id="true-witness-is-kept",
    ),
    pytest.param(
        "too-many-hops",
        "warning",
        f"X-Forwarded-For: {', '.join(['10.0.0.1'] * MAX_HOPS)}",
        TEN,
        {},
        "%[src]",
        id="too-many",
    ),
    pytest.param(
        "websocket-not-passed",
        "warning",
        "X-Real-IP: 203.0.113.7\nSec-WebSocket-Key: x\nConnection: close",
        TEN,
        {"http_version": "1.0"},
        "proxy_set_header Upgrade $http_upgrade;",
        id="websocket",
    ),
    pytest.param(
        "websocket-not-passed",
        "warning",
        "Sec-WebSocket-Key: x\nUpgrade: websocket",
        "",
        {},
        "Upgrade",
        id="websocket-half",
    ),
    pytest.param(
        "hop-by-hop-passed-on",
        "warning",
        "X-Forwarded-For: 203.0.113.7\nProxy-Connection: keep-alive",
        TEN,
        {},
        "del-header Proxy-Connection",
        id="hop-by-hop",
    ),
    pytest.param(
        "hop-by-hop-passed-on",
        "warning",
        "Via: 1.1 x\nUpgrade: h2c\nHTTP2-Settings: A",
        TEN,
        {},
        "Upgrade",
        id="h2c-passed-on",
    ),
]


@pytest.mark.parametrize(("code", "severity", "headers", "trusted", "options", "fix"), FOUND)
def test_finding(
    code: str, severity: str, headers: str, trusted: str, options: dict[str, Any], fix: str
) -> None:
    """The finding speaks where its evidence is, with that severity and that fix."""
    found = verdict(headers, **{"trusted": trusted, **options}).findings
    (finding,) = [one for one in found if one.code == code]
    assert severity == finding.severity
    assert fix in finding.fix
    assert finding.message
    assert finding.evidence


@pytest.mark.parametrize(("code", "severity", "headers", "trusted", "options", "fix"), FOUND)
def test_our_own_setting_as_a_fix_works(
    code: str, severity: str, headers: str, trusted: str, options: dict[str, Any], fix: str
) -> None:
    """Where the fix is a setting of ours alone, pasting it makes the finding go away."""
    given = {"trusted": trusted, **options}
    (finding,) = [one for one in verdict(headers, **given).findings if one.code == code]
    setting = re.fullmatch(r"YOURL_(TRUSTED_PROXIES|ALLOWED_HOSTS)=(\S*)\n# Check: .*", finding.fix)
    if setting is None:
        assert re.search(r"[a-z]", finding.fix)
        return
    if setting[1] == "TRUSTED_PROXIES":
        given["trusted"] = setting[2]
    else:
        given["allowed_hosts"] = tuple(setting[2].split(","))
    assert code not in codes(verdict(headers, **given))


# code, what a proxy sent with the mistake, what it sends after the fix
FIXED_AT_THE_PROXY = [
    pytest.param(
        "redirect-loop-ahead",
        f"X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http{SECURE}",
        f"X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https{SECURE}",
        id="redirect-loop-ahead",
    ),
    pytest.param(
        "redirect-loop-ahead",
        f"X-Forwarded-For: 203.0.113.7{SECURE}",
        f"X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https{SECURE}",
        id="no-scheme-at-all",
    ),
    pytest.param(
        "missing-proto",
        "X-Forwarded-For: 203.0.113.7",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http",
        id="missing-proto",
    ),
    pytest.param(
        "missing-client",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Proto: https\nX-Forwarded-For: 203.0.113.7",
        id="missing-client",
    ),
    pytest.param(
        "missing-host",
        "Host: app:8080\nX-Forwarded-For: 203.0.113.7",
        "Host: shop.example\nX-Forwarded-Host: shop.example\nX-Forwarded-For: 203.0.113.7",
        id="missing-host",
    ),
    pytest.param(
        "scheme-disagreement",
        "X-Forwarded-Proto: https\nX-Forwarded-Ssl: off",
        "X-Forwarded-Proto: https",
        id="scheme-disagreement",
    ),
    pytest.param(
        "port-lost",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Port: 8443",
        "Host: shop.example:8443\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Port: 8443",
        id="port-lost",
    ),
    pytest.param(
        "prefix-not-announced",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Uri: /shop/",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Uri: /shop/\nX-Forwarded-Prefix: /shop",
        id="prefix-not-announced",
    ),
    pytest.param(
        "spoofable-leftmost",
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7",
        "X-Forwarded-For: 203.0.113.7",
        id="spoofable-leftmost",
    ),
    pytest.param(
        "duplicate-forwarding-header",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https, http",
        "X-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: http",
        id="duplicate-forwarding-header",
    ),
    pytest.param(
        "websocket-not-passed",
        "Sec-WebSocket-Key: x",
        "Sec-WebSocket-Key: x\nUpgrade: websocket\nConnection: upgrade",
        id="websocket-not-passed",
    ),
]


@pytest.mark.parametrize(("code", "wrong", "right"), FIXED_AT_THE_PROXY)
def test_a_fix_at_the_proxy_works(code: str, wrong: str, right: str) -> None:
    """What the repaired proxy sends has the finding no more."""
    assert code in codes(verdict(wrong, TEN))
    assert code not in codes(verdict(right, TEN))


def test_every_code_is_tested_and_described() -> None:
    """The table of codes is whole, and every code in it has a case above."""
    assert set(FINDING_CODES) == {str(case.values[0]) for case in FOUND}
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", code) for code in FINDING_CODES)
    assert all(meaning.endswith(".") for meaning in FINDING_CODES.values())


PRODUCTS = [
    # what shows the product, version, heading of the fix for a missing scheme
    ("nginx", "X-Real-IP: 203.0.113.7", "1.0", "# nginx, in the location that has proxy_pass"),
    ("nginx-before-caddy", "Via: 1.1 Caddy", "1.0", "# nginx"),
    ("nginx-behind-envoy", "X-Envoy-Expected-Rq-Timeout-Ms: 1", "1.0", "# nginx"),
    ("caddy", "Via: 1.1 Caddy", "1.1", "# Caddy, inside reverse_proxy"),
    (
        "caddy-behind-envoy",
        "Via: 1.1 Caddy\nX-Envoy-Attempt-Count: 1",
        "1.1",
        "# Caddy, inside reverse_proxy",
    ),
    ("apache", "X-Forwarded-Server: a", "1.1", "# Apache httpd, in the VirtualHost"),
    ("traefik", "X-Forwarded-Server: a\nX-Real-IP: 203.0.113.7", "1.1", "# Traefik"),
    ("envoy", "X-Envoy-Internal: true", "1.1", "# Envoy, in the HttpConnectionManager"),
    ("istio", "X-Envoy-Decorator-Operation: a", "1.1", "# Istio, in meshConfig.defaultConfig"),
    ("squid-named-apache", "Via: 1.1 apache01 (squid/5.7)", "1.1", "# Squid, in squid.conf"),
    ("trafficserver", "Via: http/1.1 e (ApacheTrafficServer/9.2)", "1.1", "# Traffic Server"),
    ("varnish", "X-Varnish: 32771", "1.1", "# Varnish, at the top of the VCL"),
    ("varnish-via", "Via: 1.1 v (Varnish/7.1)", "1.1", "# Varnish"),
    ("h2o", "Via: 1.1 shop.example", "1.1", "# h2o, in h2o.conf"),
    ("lighttpd", "X-Host: shop.example", "1.1", "# lighttpd"),
    ("fastly", "X-Forwarded-Server: cache-1\nFastly-FF: x\nX-Varnish: 1", "1.1", "# Fastly, in VCL"),
    ("cloudfront", "Via: 2.0 d.cloudfront.net (CloudFront)", "1.1", "# CloudFront"),
    ("alb-behind-cloudfront", "Via: 2.0 d (CloudFront)\nX-Amzn-Trace-Id: 1", "1.1", "# AWS ALB"),
    ("google", "Via: 1.1 google", "1.1", "# Google Cloud load balancer"),
    ("heroku", "Via: 1.1 vegur", "1.1", "# Heroku"),
    ("akamai", "Via: 1.1 akamai.net(ghost) (AkamaiGHost)", "1.1", "# Akamai"),
    ("fly", "Fly-Request-Id: 1", "1.1", "# Fly"),
    ("kong", "X-Kong-Request-Id: 1", "1.1", "# Kong, in kong.conf"),
    ("app-gateway", "X-Appgw-Trace-Id: 1", "1.1", "# Azure Application Gateway"),
]


@pytest.mark.parametrize(
    ("headers", "http_version", "heading"), [pytest.param(*case[1:], id=case[0]) for case in PRODUCTS]
)
def test_the_fix_is_in_the_proxys_own_words(headers: str, http_version: str, heading: str) -> None:
    """The evidence tells which proxy is next to us, and the fix names that one and no other."""
    found = verdict(f"X-Forwarded-For: 203.0.113.7\n{headers}", TEN, http_version=http_version)
    (finding,) = [one for one in found.findings if one.code == "missing-proto"]
    assert finding.fix.startswith(heading)
    product = heading.removeprefix("# ").partition(",")[0]
    titles = [one.title for one in PRODUCT_TABLE.values() if f"# {one.title}" in finding.fix]
    assert [product] == titles


def test_where_nothing_tells_the_usual_four_are_named() -> None:
    """Without a mark, the fix has a block for each of the proxies that people run most."""
    (finding,) = verdict("X-Forwarded-For: 203.0.113.7", TEN).findings
    for heading in ("# nginx, ", "# HAProxy, ", "# Caddy, ", "# Apache httpd, "):
        assert heading in finding.fix


@pytest.mark.parametrize("product", PRODUCT_TABLE)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_product_has_words_for_every_topic(product: str, topic: str) -> None:
    """Each block has a heading with the product's name, and nothing is left to fill in."""
    fix = at_proxy(topic, product, name="X-Real-IP", value="/shop")
    assert fix.startswith(f"# {PRODUCT_TABLE[product].title}")
    assert not re.search(r"\{(name|key|value)\}", fix)


def test_evidence_is_bounded_and_printable() -> None:
    """What is shown to people is short and holds no control character, whatever came."""
    found = evaluate(
        INSIDE, [("Host", "\x1b[2J" * 9999), ("X-Forwarded-For", "\x00" * 9999)], TrustedProxies()
    )
    for finding in found.findings:
        assert len(finding.evidence) < 2000
        assert finding.evidence.isprintable()
        assert finding.message.isprintable()


@pytest.mark.parametrize(("code", "severity", "headers", "trusted", "options", "fix"), FOUND)
def test_each_fix_says_how_to_see_that_it_worked(
    code: str, severity: str, headers: str, trusted: str, options: dict[str, Any], fix: str
) -> None:
    """The last line of each fix is a comment with a request that expects the finding gone."""
    found = verdict(headers, **{"trusted": trusted, **options}).findings
    (finding,) = [one for one in found if one.code == code]
    last = finding.fix.split("\n")[-1]
    assert re.fullmatch(
        rf"# Check: curl --fail-with-body (-H '[^']+' )*'https?://\S+/api\S*\?expect=!finding:{code}\S*'",
        last,
    )
    assert 1 == finding.fix.count("# Check: ")


@pytest.mark.parametrize(("code", "severity", "headers", "trusted", "options", "fix"), FOUND)
def test_one_cause_is_told_once(
    code: str, severity: str, headers: str, trusted: str, options: dict[str, Any], fix: str
) -> None:
    """What is wrong with the scheme has one finding."""
    told = codes(verdict(headers, **{"trusted": trusted, **options}))
    assert len(told & {"redirect-loop-ahead", "tls-unannounced", "missing-proto", "scheme-disagreement"}) < 2


def test_findings_come_gravest_first() -> None:
    """Whoever reads only the first line reads the most important one."""
    found = verdict(
        "X-Forwarded-For: 6.6.6.6, 203.0.113.7\nX-Forwarded-Proto: http\nX-Forwarded-Ssl: on\nTE: gzip", TEN
    )
    assert ["error", "warning", "info"] == list(dict.fromkeys(one.severity for one in found.findings))
