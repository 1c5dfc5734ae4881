"""Real proxies in front of the real yourl.pyz: what is decided, what is found, and that the fixes fix.

The configurations are those in docs/proxies, right as they are; a mistake is an exact change of their text.
Every proxy connects from 127.0.0.1 or ::1; the client has an IPv4 loopback address of its own.
"""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.functional.certificates import NAME, Certificate, make_certificate
from tests.functional.harness import Answer, require_program
from tests.functional.proxies import (
    CLIENT,
    DOCUMENTS,
    FILES,
    Backends,
    Changes,
    Proxy,
    has_ipv6,
    lines_for,
    setting_in,
    upstream_of,
)
from yourl.proxies import FORWARDING_HEADERS

TRUSTED = "127.0.0.1/32"
PRODUCTS = list(FILES)
ON_LOOPBACK = {"private-client"}  # true of every client here, an "info", and beside the point
Json = dict[str, Any]

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
paths = pytest.mark.parametrize(
    ("path", "prefix"),
    [
        pytest.param("/api/a%20b%2Fc?x=1&x=%41", "", id="root"),
        pytest.param("/yourl/api/a%20b%2Fc?x=1&x=%41", "/yourl", id="prefix"),
    ],
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For every edge of this module."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def backends(pyz: Path) -> Iterator[Backends]:
    """yourl.pyz under several settings."""
    with Backends(pyz) as started:
        yield started


@pytest.fixture(scope="module", params=PRODUCTS)
def edge(request: pytest.FixtureRequest, backends: Backends, certificate: Certificate) -> Iterator[Proxy]:
    """Each proxy alone, as its file has it."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with Proxy(FILES[request.param], upstream, certificate) as started:
        yield started


@contextlib.contextmanager
def chain(outer: str, inner: str, upstream: str, certificate: Certificate) -> Iterator[Proxy]:
    """The edge of two proxies, one behind the other, as their files have it."""
    with (
        Proxy(f"inner/{FILES[inner]}", upstream, certificate) as behind,
        Proxy(FILES[outer], behind.address, certificate) as started,
    ):
        yield started


def decided(document: Json) -> Json:
    """What was decided, without the reasons."""
    slots = ("client", "scheme", "host", "port", "prefix")
    return {slot: document["proxy"][slot]["value"] for slot in slots}


def codes(document: Json) -> dict[str, str]:
    """Severity by code of each finding that says something about the set-up."""
    return {one["code"]: one["severity"] for one in document["findings"] if one["code"] not in ON_LOOPBACK}


def right(edge: Proxy, prefix: str = "", client: str = CLIENT) -> Json:
    """What has to be decided behind this edge."""
    return {"client": client, "scheme": "https", "host": NAME, "port": edge.port, "prefix": prefix}


@paths
def test_alone(edge: Proxy, path: str, prefix: str) -> None:
    """Behind one proxy the client's URL and address are known, and nothing is wrong."""
    answer = edge.get(path).json
    assert right(edge, prefix) == decided(answer)
    assert f"https://{edge.authority}{path}" == answer["url"]
    assert answer["url"].partition("?")[0] == answer["base_url"]
    assert (CLIENT, NAME) == (answer["remote_addr"], answer["hostname"])
    assert [CLIENT, "127.0.0.1"] == [hop["address"] for hop in answer["proxy"]["hops"]]
    assert [False, True] == [hop["trusted"] for hop in answer["proxy"]["hops"]]
    assert {} == codes(answer)


def test_forged_headers_die_at_the_edge(edge: Proxy) -> None:
    """Whatever forwarding header a client makes up, behind a right proxy it decides nothing."""
    values = {
        "client": "203.0.113.7",
        "scheme": "http",
        "host": "evil.example",
        "port": "81",
        "prefix": "/evil",
    }
    forged = {
        header.name: values.get(header.about, "for=203.0.113.7;proto=http;host=evil.example")
        for header in FORWARDING_HEADERS.values()
        if header.about != "other"
    }
    assert right(edge) == decided(edge.get(headers=forged).json)


def test_websocket(edge: Proxy) -> None:
    """A WebSocket handshake arrives whole."""
    handshake = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
    }
    answer = edge.get(headers=handshake)
    assert 200 == answer.status, answer.text
    assert "websocket" == answer.json["headers"]["Upgrade"].lower()
    assert {} == codes(answer.json)


def test_no_other_upgrade(edge: Proxy) -> None:
    """Only WebSocket is passed on: an h2c upgrade would be a tunnel around the proxy's rules."""
    headers = {
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": "h2c",
        "HTTP2-Settings": "AAMAAABkAAQAAP__",
    }
    answer = edge.get(headers=headers).json
    assert {} == codes(answer)
    assert "Upgrade" not in answer["headers"]


def test_expectations(edge: Proxy) -> None:
    """``?expect=`` asks through the proxy: 200 for the right set-up, 417 with the reason for another."""
    wanted = f"expect=client:{CLIENT}&expect=scheme:https&expect=host:{NAME}&expect=port:{edge.port}"
    assert 200 == edge.get(f"/api?{wanted}&expect=prefix:&expect=!finding:missing-proto").status
    refused = edge.get("/api?expect=scheme:http")
    assert (417, "expectation_failed") == (refused.status, refused.json["error"])
    assert "X-Forwarded-Proto says https" in refused.json["message"]


@pytest.mark.parametrize("product", ["haproxy", "caddy"])
def test_http2(product: str, backends: Backends, certificate: Certificate) -> None:
    """A client that speaks HTTP/2 to the edge is told from its URL as any other."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with Proxy(FILES[product], upstream, certificate) as edge:
        url = f"https://{edge.authority}/yourl/api?x=1"
        command = [require_program("curl"), "--silent", "--http2", "--cacert", str(certificate.certificate)]
        command += ["--resolve", f"{edge.authority}:127.0.0.1", "--interface", CLIENT, "--noproxy", "*"]
        asked = subprocess.run(
            [*command, "--write-out", "\n%{http_version}", url], capture_output=True, text=True
        )
    body, _, version = asked.stdout.rpartition("\n")
    answer = json.loads(body)
    assert ("2", url, right(edge, "/yourl"), {}) == (version, answer["url"], decided(answer), codes(answer))


@pytest.mark.parametrize("product", PRODUCTS)
def test_hop_count(product: str, backends: Backends, certificate: Certificate) -> None:
    """Trust in one proxy, whatever its address, decides the same."""
    with Proxy(FILES[product], upstream_of(backends.trusting("1")), certificate) as edge:
        answer = edge.get("/yourl/api").json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))
    assert "trusted by count" in answer["proxy"]["client"]["why"]


@needs_ipv6
@pytest.mark.parametrize("product", PRODUCTS)
def test_ipv6(product: str, backends: Backends, certificate: Certificate) -> None:
    """The same over IPv6 on both sides; there is one loopback address only, so trust goes by count."""
    with Proxy(FILES[product], upstream_of(backends.trusting("1", host="::1")), certificate) as edge:
        answer = edge.get("/yourl/api", ipv6=True).json
        forged = edge.get("/yourl/api", {"X-Forwarded-For": "2001:db8::7"}, ipv6=True).json
    assert (right(edge, "/yourl", client="::1"), {}) == (decided(answer), codes(answer))
    assert "X-Forwarded-For[0]" == answer["proxy"]["client"]["source"]
    assert ("::1", "::1") == (answer["connection"]["peer"], forged["remote_addr"])


@pytest.mark.parametrize("inner", PRODUCTS)
@pytest.mark.parametrize("outer", PRODUCTS)
def test_two_deep(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """Behind two proxies of any two products, all that the edge saw is known."""
    path = "/yourl/api/a%20b%2Fc?x=1"
    with chain(outer, inner, upstream_of(backends.trusting(TRUSTED)), certificate) as edge:
        answer = edge.get(path).json
        forged = edge.get(path, {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}).json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))
    assert f"https://{edge.authority}{path}" == answer["url"]
    assert [CLIENT, "127.0.0.1", "127.0.0.1"] == [hop["address"] for hop in answer["proxy"]["hops"]]
    assert (right(edge, "/yourl"), {}) == (decided(forged), codes(forged))


@pytest.mark.parametrize(
    ("outer", "inner"),
    [("nginx", "haproxy"), ("haproxy", "apache"), ("apache", "caddy"), ("caddy", "nginx")],
    ids="-".join,
)
def test_two_deep_by_hop_count(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """Two proxies trusted by count decide as two trusted by address."""
    with chain(outer, inner, upstream_of(backends.trusting("2")), certificate) as edge:
        answer = edge.get("/yourl/api").json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))


@needs_ipv6
@pytest.mark.parametrize(
    ("outer", "inner"),
    [("nginx", "caddy"), ("haproxy", "nginx"), ("apache", "haproxy"), ("caddy", "apache")],
    ids="-".join,
)
def test_two_deep_over_ipv6(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """A client on IPv6, an inner proxy on IPv4 and yourl on IPv6: the chain is the same."""
    with chain(outer, inner, upstream_of(backends.trusting("2", host="::1")), certificate) as edge:
        answer = edge.get("/yourl/api", ipv6=True).json
    assert (right(edge, "/yourl", client="::1"), {}) == (decided(answer), codes(answer))
    assert ["::1", "127.0.0.1", "::1"] == [hop["address"] for hop in answer["proxy"]["hops"]]


@dataclass(frozen=True)
class Mistake:
    """A change that makes a right configuration wrong, and what has to be said of it.

    ``file`` is the configuration that is changed; ``behind`` is the edge before it when it is an inner one.
    ``found`` holds every code with its severity, the one whose fix is applied first. ``wrong`` is what is
    decided while it is wrong, other than ``right``. Where a request cannot show the cause, it is not
    ``is_fixable``.
    """

    file: str
    changes: Changes
    found: dict[str, str]
    wrong: Json = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()
    path: str = "/api"
    prefix: str = ""
    behind: str = ""
    is_fixable: bool = True


# What a browser sends with a form of a page of the same site; EDGE stands for the edge's own host and port.
FROM_OWN_PAGE = (("Origin", "https://EDGE"), ("Sec-Fetch-Site", "same-origin"))
FORGED_LIST = (("X-Forwarded-For", "10.66.66.66"),)
H2C = (
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "h2c"),
    ("HTTP2-Settings", "AAMAAABkAAQAAP__"),
)
WEBSOCKET = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)

NGINX_PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
NGINX_FOR = "proxy_set_header X-Forwarded-For $remote_addr;"
NGINX_REAL_IP = "proxy_set_header X-Real-IP $remote_addr;"
NGINX_HOST = "proxy_set_header Host $http_host;"
NGINX_X_HOST = "proxy_set_header X-Forwarded-Host $http_host;"
NGINX_PORT = "proxy_set_header X-Forwarded-Port $server_port;"
NGINX_PREFIX = "proxy_set_header X-Forwarded-Prefix $yourl_prefix;"
HAPROXY_HTTPS = "http-request set-header X-Forwarded-Proto https if { ssl_fc }"
HAPROXY_HTTP = "http-request set-header X-Forwarded-Proto http if !{ ssl_fc }"
HAPROXY_DELETE = "http-request del-header X-Forwarded- -m beg"
HAPROXY_X_HOST = "http-request set-header X-Forwarded-Host %[req.hdr(Host)]"
HAPROXY_PORT = "http-request set-header X-Forwarded-Port %[dst_port]"
HAPROXY_PREFIX = "http-request set-header X-Forwarded-Prefix /yourl if { path_beg /yourl/ }"
CADDY_PLACE = "transport http {"
APACHE_PROTO = 'RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"'

MISTAKES = {
    "nginx says no scheme": Mistake(
        "nginx.conf", {NGINX_PROTO: ""}, {"missing-proto": "warning"}, {"scheme": "http"}
    ),
    "haproxy says no scheme": Mistake(
        "haproxy.cfg", {HAPROXY_HTTPS: "", HAPROXY_HTTP: ""}, {"missing-proto": "warning"}, {"scheme": "http"}
    ),
    "caddy says no scheme": Mistake(
        "Caddyfile",
        {CADDY_PLACE: f"header_up -X-Forwarded-Proto\n{CADDY_PLACE}"},
        {"missing-proto": "warning"},
        {"scheme": "http"},
    ),
    "apache says no scheme": Mistake(
        "apache.conf", {APACHE_PROTO: ""}, {"missing-proto": "warning"}, {"scheme": "http"}
    ),
    "nginx says no scheme to a browser": Mistake(
        "nginx.conf",
        {NGINX_PROTO: ""},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "haproxy says no scheme to a browser": Mistake(
        "haproxy.cfg",
        {HAPROXY_HTTPS: "", HAPROXY_HTTP: ""},
        {"tls-unannounced": "warning", "redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "apache says no scheme to a browser": Mistake(
        "apache.conf",
        {APACHE_PROTO: ""},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "nginx always says http": Mistake(
        "nginx.conf",
        {NGINX_PROTO: "proxy_set_header X-Forwarded-Proto http;"},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "nginx says on for https": Mistake(
        "nginx.conf",
        {NGINX_PROTO: "proxy_set_header X-Forwarded-Proto $https;"},
        {"malformed-forwarding-header": "warning"},
        {"scheme": "http"},
    ),
    "haproxy says 1 for https": Mistake(
        "haproxy.cfg",
        {HAPROXY_HTTPS: "http-request set-header X-Forwarded-Proto %[ssl_fc]", HAPROXY_HTTP: ""},
        {"malformed-forwarding-header": "warning"},
        {"scheme": "http"},
    ),
    "nginx without Host": Mistake(
        "nginx.conf",
        {NGINX_HOST: "", NGINX_X_HOST: "", "http://yourl$yourl_path": "http://127.0.0.1:8080$yourl_path"},
        {"missing-host": "warning"},
        {"host": "127.0.0.1"},
    ),
    "haproxy with the server's Host": Mistake(
        "haproxy.cfg",
        {HAPROXY_X_HOST: "", "http-reuse always": "http-request set-header Host 127.0.0.1:8080"},
        {"missing-host": "warning"},
        {"host": "127.0.0.1"},
    ),
    "nginx loses the port": Mistake(
        "nginx.conf",
        {"$http_host": "$host", NGINX_PORT: ""},
        {"port-lost": "warning"},
        {"port": 443},
        headers=FROM_OWN_PAGE,
    ),
    "nginx loses the port of Host": Mistake(
        "nginx.conf",
        {NGINX_HOST: "proxy_set_header Host $host;", NGINX_X_HOST: 'proxy_set_header X-Forwarded-Host "";'},
        {"port-lost": "info"},
    ),
    "nginx loses the port of X-Forwarded-Host": Mistake(
        "nginx.conf", {"$http_host": "$host"}, {"port-lost": "info"}
    ),
    "haproxy loses the port": Mistake(
        "haproxy.cfg",
        {
            HAPROXY_PORT: "",
            HAPROXY_X_HOST: "http-request set-header X-Forwarded-Host %[req.hdr(Host),host_only]",
        },
        {"port-lost": "warning"},
        {"port": 443},
        headers=FROM_OWN_PAGE,
    ),
    "nginx says port 80": Mistake(
        "nginx.conf",
        {NGINX_PORT: "proxy_set_header X-Forwarded-Port 80;"},
        {"port-disagreement": "warning"},
        {"port": 80},
    ),
    "haproxy says port 80": Mistake(
        "haproxy.cfg",
        {HAPROXY_PORT: "http-request set-header X-Forwarded-Port 80"},
        {"port-disagreement": "warning"},
        {"port": 80},
    ),
    "nginx strips a prefix in silence": Mistake(
        "nginx.conf",
        {NGINX_PREFIX: "proxy_set_header X-Original-URI $request_uri;"},
        {"prefix-not-announced": "warning"},
        {"prefix": ""},
        path="/yourl/api",
        prefix="/yourl",
    ),
    "haproxy strips a prefix in silence": Mistake(
        "haproxy.cfg",
        {HAPROXY_PREFIX: "http-request set-header X-Original-URI %[pathq]"},
        {"prefix-not-announced": "warning"},
        {"prefix": ""},
        path="/yourl/api",
        prefix="/yourl",
    ),
    "nginx names no client": Mistake(
        "nginx.conf",
        {NGINX_FOR: "", NGINX_REAL_IP: ""},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "haproxy names no client": Mistake(
        "haproxy.cfg", {"option forwardfor": ""}, {"missing-client": "warning"}, {"client": "127.0.0.1"}
    ),
    "apache names no client": Mistake(
        "apache.conf",
        {"ProxyPreserveHost On": "ProxyPreserveHost On\nProxyAddHeaders Off"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "caddy names no client": Mistake(
        "Caddyfile",
        {CADDY_PLACE: f"header_up -X-Forwarded-For\n{CADDY_PLACE}"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "nginx appends to a forged list": Mistake(
        "nginx.conf",
        {NGINX_FOR: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "haproxy appends to a forged list": Mistake(
        "haproxy.cfg", {HAPROXY_DELETE: ""}, {"spoofable-leftmost": "info"}, headers=FORGED_LIST
    ),
    "apache appends to a forged list": Mistake(
        "apache.conf",
        {"RequestHeader unset X-Forwarded-For early": ""},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "caddy appends to a forged list": Mistake(
        "Caddyfile",
        {
            "request_header -X-Forwarded-*": "",
            CADDY_PLACE: f"trusted_proxies private_ranges\n{CADDY_PLACE}",
        },
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "nginx passes Forwarded on": Mistake(
        "nginx.conf",
        {'proxy_set_header Forwarded "";': ""},
        {"forwarded-contradiction": "warning"},
        headers=(("Forwarded", "for=203.0.113.7;proto=http;host=evil.example"),),
    ),
    "haproxy passes Forwarded on": Mistake(
        "haproxy.cfg",
        {"http-request del-header Forwarded": ""},
        {"forwarded-contradiction": "warning"},
        headers=(("Forwarded", "for=203.0.113.7;proto=http;host=evil.example"),),
    ),
    "nginx passes X-Forwarded-Ssl on": Mistake(
        "nginx.conf",
        {'proxy_set_header X-Forwarded-Ssl "";': ""},
        {"scheme-disagreement": "warning"},
        headers=(("X-Forwarded-Ssl", "off"),),
    ),
    "haproxy passes Front-End-Https on": Mistake(
        "haproxy.cfg",
        {"http-request del-header Front-End-Https": ""},
        {"scheme-disagreement": "warning"},
        headers=(("Front-End-Https", "off"),),
    ),
    "nginx passes CF-Connecting-IP on": Mistake(
        "nginx.conf",
        {},
        {"client-disagreement": "warning"},
        headers=(("CF-Connecting-IP", "203.0.113.7"),),
    ),
    "haproxy passes X-Real-IP on": Mistake(
        "haproxy.cfg",
        {"http-request del-header X-Real-IP": ""},
        {"client-disagreement": "warning"},
        headers=(("X-Real-IP", "203.0.113.7"),),
    ),
    "haproxy adds to a forged scheme": Mistake(
        "haproxy.cfg",
        {HAPROXY_DELETE: "", HAPROXY_HTTPS: HAPROXY_HTTPS.replace("set-header", "add-header")},
        {"duplicate-forwarding-header": "warning"},
        headers=(("X-Forwarded-Proto", "http"),),
    ),
    "nginx passes every upgrade on": Mistake(
        "nginx.conf",
        {
            "Upgrade $yourl_upgrade": "Upgrade $http_upgrade",
            "Connection $yourl_connection": 'Connection "upgrade"',
        },
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "haproxy passes every upgrade on": Mistake(
        "haproxy.cfg",
        {
            "http-request del-header Upgrade if !{ req.hdr(Upgrade) -i websocket }": "",
            "http-request del-header HTTP2-Settings": "",
        },
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "caddy passes every upgrade on": Mistake(
        "Caddyfile",
        {"request_header @not_websocket -Upgrade": "", "request_header -HTTP2-Settings": ""},
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "nginx drops the WebSocket upgrade": Mistake(
        "nginx.conf",
        {
            "proxy_http_version 1.1;": "",
            "proxy_set_header Upgrade $yourl_upgrade;": "",
            "proxy_set_header Connection $yourl_connection;": "",
        },
        {"websocket-not-passed": "warning"},
        headers=WEBSOCKET,
    ),
    "an inner nginx says http over the edge's https": Mistake(
        "inner/nginx.conf",
        {NGINX_HOST: f"{NGINX_HOST}\n{NGINX_PROTO}"},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy.cfg",
    ),
    "an inner haproxy says http over the edge's https": Mistake(
        "inner/haproxy.cfg",
        {"option forwardfor": f"option forwardfor\n{HAPROXY_HTTPS}\n{HAPROXY_HTTP}"},
        {"tls-unannounced": "warning", "redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="nginx.conf",
    ),
    "an inner apache says http over the edge's https": Mistake(
        "inner/apache.conf",
        {"ProxyPreserveHost On": f"ProxyPreserveHost On\n{APACHE_PROTO}"},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy.cfg",
    ),
    "an inner nginx replaces the list": Mistake(
        "inner/nginx.conf",
        {"$proxy_add_x_forwarded_for": "$remote_addr"},
        {},
        {"client": "127.0.0.1"},
        behind="haproxy.cfg",
    ),
    "an inner caddy that does not trust the edge": Mistake(
        "inner/Caddyfile",
        {"trusted_proxies 127.0.0.1": ""},
        {"redirect-loop-ahead": "error", "tls-unannounced": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy.cfg",
        is_fixable=False,  # it looks like an edge that asks itself
    ),
}
mistakes = pytest.mark.parametrize(
    "mistake", [pytest.param(mistake, id=name) for name, mistake in MISTAKES.items()]
)


@contextlib.contextmanager
def set_up(mistake: Mistake, backends: Backends, certificate: Certificate, fix: str = "") -> Iterator[Proxy]:
    """The edge of a wrong set-up; with ``fix`` pasted into the file that is wrong."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with contextlib.ExitStack() as stack:
        wrong = Proxy(mistake.file, upstream, certificate, changes=mistake.changes, fix=fix)
        stack.enter_context(wrong)
        if mistake.behind:
            wrong = stack.enter_context(Proxy(mistake.behind, wrong.address, certificate))
        yield wrong


def asked(mistake: Mistake, edge: Proxy) -> Json:
    """The inspection of the request that shows the mistake."""
    headers = [(name, value.replace("EDGE", edge.authority)) for name, value in mistake.headers]
    answer = edge.get(mistake.path, headers)
    assert 200 == answer.status, answer.text
    document: Json = answer.json
    return document


def product_of(file: str) -> str:
    """Which proxy a configuration is for."""
    return next(product for product, known in FILES.items() if file.endswith(known))


@mistakes
def test_a_mistake_is_named(mistake: Mistake, backends: Backends, certificate: Certificate) -> None:
    """A usual mistake has its usual consequence, and the findings name it and nothing else."""
    with set_up(mistake, backends, certificate) as edge:
        answer = asked(mistake, edge)
    told = decided(answer)
    if "host" in mistake.wrong:
        told["port"] = edge.port  # goes with the host
    assert (mistake.found, {**right(edge, mistake.prefix), **mistake.wrong}) == (codes(answer), told)


@pytest.mark.parametrize(
    "mistake",
    [
        pytest.param(mistake, id=name)
        for name, mistake in MISTAKES.items()
        if mistake.found and mistake.is_fixable
    ],
)
def test_its_fix_fixes_it(mistake: Mistake, backends: Backends, certificate: Certificate) -> None:
    """What a finding offers to paste takes away the finding and the wrong decision."""
    code = next(iter(mistake.found))
    with set_up(mistake, backends, certificate) as edge:
        fix = next(one["fix"] for one in asked(mistake, edge)["findings"] if one["code"] == code)
        lines = lines_for(product_of(mistake.file), fix)
    with set_up(mistake, backends, certificate, fix=lines) as edge:
        answer = asked(mistake, edge)
    assert code not in codes(answer)
    assert right(edge, mistake.prefix) == decided(answer)


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_proxy_that_nobody_trusts(product: str, backends: Backends, certificate: Certificate) -> None:
    """By default no proxy is believed; the findings say so, and their setting makes all right."""
    with Proxy(FILES[product], upstream_of(backends.trusting("")), certificate) as edge:
        answer = edge.get("/yourl/api").json
    told = {"client": "127.0.0.1", "scheme": "http", "host": NAME, "port": edge.port, "prefix": ""}
    found = {"forwarded-by-untrusted": "warning", "redirect-loop-ahead": "error"}
    assert (told, found) == (decided(answer), codes(answer))
    fixes = [setting_in(one["fix"]) for one in answer["findings"] if one["code"] in found]
    assert [{"YOURL_TRUSTED_PROXIES": "127.0.0.1"}] * 2 == fixes
    trusting = backends.trusting(fixes[0]["YOURL_TRUSTED_PROXIES"])
    with Proxy(FILES[product], upstream_of(trusting), certificate) as edge:
        answer = edge.get("/yourl/api").json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))


def test_a_hop_count_too_high(backends: Backends, certificate: Certificate) -> None:
    """One proxy where two are counted: nothing is believed, and the fix is the right count."""
    with Proxy("haproxy.cfg", upstream_of(backends.trusting("2")), certificate) as edge:
        answer = edge.get().json
    assert "127.0.0.1" == answer["remote_addr"]
    assert {"chain-shorter-than-hop-count": "warning"} == codes(answer)
    (fix,) = (one["fix"] for one in answer["findings"] if one["code"] not in ON_LOOPBACK)
    assert {"YOURL_TRUSTED_PROXIES": "1"} == setting_in(fix)
    with Proxy("haproxy.cfg", upstream_of(backends.trusting("1")), certificate) as edge:
        answer = edge.get().json
    assert (right(edge), {}) == (decided(answer), codes(answer))


def test_a_hop_count_too_low(backends: Backends, certificate: Certificate) -> None:
    """Two proxies where one is counted: the outer one counts as the client."""
    with chain("nginx", "haproxy", upstream_of(backends.trusting("1")), certificate) as edge:
        answer = edge.get().json
    assert "127.0.0.1" == answer["remote_addr"]
    assert "chain-longer-than-hop-count" in codes(answer)


def refusal(answer: Answer) -> tuple[int, str, set[str]]:
    """Status, error and codes of an answer to a host that is not ours."""
    return answer.status, answer.json["error"], set(codes(answer.json))


def test_a_host_that_is_not_allowed(backends: Backends, certificate: Certificate) -> None:
    """A host that YOURL_ALLOWED_HOSTS lacks is refused with the finding, whose setting lets it in."""
    strict = backends.trusting(TRUSTED, allowed_hosts="other.example")
    with Proxy("haproxy.cfg", upstream_of(strict), certificate) as edge:
        refused = edge.get()
    assert (400, "host_not_allowed", {"host-not-allowed"}) == refusal(refused)
    fix = next(one["fix"] for one in refused.json["findings"] if one["code"] == "host-not-allowed")
    names = setting_in(fix)["YOURL_ALLOWED_HOSTS"]
    assert {"other.example", NAME} == set(names.split(","))
    with Proxy(
        "haproxy.cfg", upstream_of(backends.trusting(TRUSTED, allowed_hosts=names)), certificate
    ) as edge:
        assert 200 == edge.get().status


def test_a_lost_host_is_not_allowed(backends: Backends, certificate: Certificate) -> None:
    """Where the proxy loses Host, an allowed host is refused, and the findings say whose fault that is."""
    strict = backends.trusting(TRUSTED, allowed_hosts=NAME)
    mistake = MISTAKES["nginx without Host"]
    with Proxy("nginx.conf", upstream_of(strict), certificate, changes=mistake.changes) as edge:
        refused = edge.get()
    assert (400, "host_not_allowed", {"host-not-allowed", "missing-host"}) == refusal(refused)
    fix = next(one["fix"] for one in refused.json["findings"] if one["code"] == "missing-host")
    with Proxy(
        "nginx.conf", upstream_of(strict), certificate, changes=mistake.changes, fix=lines_for("nginx", fix)
    ) as edge:
        assert right(edge) == decided(edge.get().json)


def test_the_page_names_every_file() -> None:
    """docs/proxies/README.md links to each configuration, and each is one that is run here."""
    page = (DOCUMENTS / "README.md").read_text(encoding="utf-8")
    known = {place + file for place in ("", "inner/") for file in FILES.values()}
    assert known == set(re.findall(r"\]\(([^)]+)\)", page))
    there = {str(path.relative_to(DOCUMENTS)) for path in DOCUMENTS.rglob("*") if path.is_file()}
    assert known | {"README.md"} == there
