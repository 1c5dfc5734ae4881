"""Real proxies in front of the real yourl.pyz, set up right: what is decided, and that nothing is found.

The configurations are those in docs/proxies. Every proxy connects from 127.0.0.1 or ::1; the client has an
IPv4 loopback address of its own.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.functional.certificates import NAME, Certificate
from tests.functional.harness import Answer, require_program
from tests.functional.proxies.all import FIRST_FOUR, HTTP_ONES, MISTAKES, OTHERS, PRODUCTS, TLS_ONLY
from tests.functional.proxies.fixes import blocks_for, setting_in
from tests.functional.proxies.mistake import H2C, WEBSOCKET
from tests.functional.proxies.product import DOCUMENTS, Changes, Product, has_ipv6
from tests.functional.proxies.running import CLIENT, Backends, Proxy, chain, edge_of, upstream_of
from tests.functional.proxies.verdicts import TRUSTED, codes, decided, right
from yourl.proxies import FORWARDING_HEADERS

FOUR = [product.name for product in FIRST_FOUR]
ALL = [product.name for product in HTTP_ONES]

# Each of the others before one of the first four and behind another.
PAIRS = [
    *((outer, inner) for outer in FOUR for inner in FOUR),
    *(("envoy", "nginx"), ("varnish", "haproxy"), ("squid", "caddy"), ("lighttpd", "apache")),
    *(("h2o", "nginx"), ("trafficserver", "haproxy"), ("http-proxy", "caddy")),
    *(("http-proxy-middleware", "apache"), ("haproxy", "envoy"), ("nginx", "varnish")),
    *(("apache", "squid"), ("haproxy", "lighttpd"), ("caddy", "h2o"), ("nginx", "trafficserver")),
    *(("apache", "http-proxy"), ("envoy", "envoy"), ("varnish", "varnish")),
]

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
paths = pytest.mark.parametrize(
    ("path", "prefix"),
    [
        pytest.param("/api/a%20b%2Fc?x=1&x=%41", "", id="root"),
        pytest.param("/yourl/api/a%20b%2Fc?x=1&x=%41", "/yourl", id="prefix"),
    ],
)


def pairs(*names: tuple[str, str]) -> pytest.MarkDecorator:
    """A test for each pair of an outer and an inner product."""
    return pytest.mark.parametrize(("outer", "inner"), names, ids=["-".join(pair) for pair in names])


@pytest.fixture(scope="module", params=ALL)
def edge(request: pytest.FixtureRequest, backends: Backends, certificate: Certificate) -> Iterator[Proxy]:
    """Each proxy alone, as its file has it."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with edge_of(PRODUCTS[request.param], upstream, certificate) as started:
        yield started


@paths
def test_alone(edge: Proxy, path: str, prefix: str) -> None:
    """Behind one proxy the client's URL and address are known, and nothing is wrong."""
    if prefix and not edge.cuts_prefix:
        path, prefix = path.removeprefix(prefix), ""
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
    """A WebSocket handshake arrives whole. (Some proxies send no content of an answer other than 101.)"""
    wanted = "expect=headers.upgrade:websocket&expect=!finding:websocket-not-passed"
    answer = edge.get(f"/api?{wanted}&expect=!finding:hop-by-hop-passed-on", WEBSOCKET)
    assert 200 == answer.status, answer.text


def test_no_other_upgrade(edge: Proxy) -> None:
    """Only WebSocket is passed on: an h2c upgrade would be a tunnel around the proxy's rules."""
    answer = edge.get(headers=H2C)
    if answer.status == 400 and not answer.body:
        return  # the proxy itself has refused it
    assert {} == codes(answer.json)
    assert "Upgrade" not in answer.json["headers"]


def test_expectations(edge: Proxy) -> None:
    """``?expect=`` asks through the proxy: 200 for the right set-up, 417 with the reason for another."""
    wanted = f"expect=client:{CLIENT}&expect=scheme:https&expect=host:{NAME}&expect=port:{edge.port}"
    assert 200 == edge.get(f"/api?{wanted}&expect=prefix:&expect=!finding:missing-proto").status
    refused = edge.get("/api?expect=scheme:http")
    assert (417, "expectation_failed") == (refused.status, refused.json["error"])
    assert "X-Forwarded-Proto says https" in refused.json["message"]


def test_stunnel_before_varnish(backends: Backends, certificate: Certificate) -> None:
    """Varnish reads the PROXY protocol of stunnel (version 1) as it does that of hitch (version 2)."""
    varnish = replace(PRODUCTS["varnish"], tls_by=PRODUCTS["stunnel"])
    with edge_of(varnish, upstream_of(backends.trusting(TRUSTED)), certificate) as edge:
        answer = edge.get("/yourl/api").json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))


def test_hitch_before_yourl_itself(backends: Backends, certificate: Certificate) -> None:
    """Version 2 of the PROXY protocol tells of the client and of TLS; no proxy that reads HTTP is needed."""
    reading = backends.trusting(TRUSTED, proxy_protocol="on")
    with edge_of(PRODUCTS["hitch"], upstream_of(reading), certificate) as edge:
        own_page = [("Origin", f"https://{edge.authority}"), ("Sec-Fetch-Site", "same-origin")]
        answer = edge.get(headers=own_page).json
        forged = edge.get(headers={"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}).json
    assert (right(edge), {}) == (decided(answer), codes(answer))
    assert right(edge) == decided(forged)


def test_stunnel_before_yourl_itself(backends: Backends, certificate: Certificate) -> None:
    """Version 1 tells of the client alone: that TLS was used is found where a browser shows it."""
    reading = backends.trusting(TRUSTED, proxy_protocol="on")
    with edge_of(PRODUCTS["stunnel"], upstream_of(reading), certificate) as edge:
        own_page = [("Origin", f"https://{edge.authority}"), ("Sec-Fetch-Site", "same-origin")]
        answer = edge.get(headers=own_page).json
    assert {**right(edge), "scheme": "http"} == decided(answer)
    assert {"tls-unannounced": "warning"} == codes(answer)


ALSO_RIGHT = {
    "apache with Via": ("apache", {"ProxyPreserveHost On": "ProxyPreserveHost On\nProxyVia Full"}),
    "http-proxy-middleware with changeOrigin": (
        "http-proxy-middleware",
        {"xfwd: true,": "xfwd: true,\n  changeOrigin: true,"},
    ),
    "lighttpd with Forwarded": (
        "lighttpd",
        {
            "proxy.server =": (
                'proxy.forwarded = ("for" => 1, "by" => 1, "proto" => 1, "host" => 1)\nproxy.server ='
            )
        },
    ),
    "squid without Via": ("squid", {"forwarded_for truncate": "forwarded_for truncate\nvia off"}),
    "h2o without Via": ("h2o", {"proxy.websocket: ON": "proxy.websocket: ON\nproxy.emit-via-header: OFF"}),
    "trafficserver with Client-IP": ("trafficserver", {"insert_client_ip INT 0": "insert_client_ip INT 1"}),
    "trafficserver with Forwarded": (
        "trafficserver",
        {
            "CONFIG proxy.config.http.cache.http INT 0": (
                "CONFIG proxy.config.http.cache.http INT 0\n"
                "CONFIG proxy.config.http.insert_forwarded STRING for|by=ip|proto|host|connection=compact"
            )
        },
    ),
    "envoy with Via": ("envoy", {"stat_prefix: edge": "stat_prefix: edge\n                via: envoy-1"}),
}


@pytest.mark.parametrize(
    ("product", "changes"), [pytest.param(*case, id=name) for name, case in ALSO_RIGHT.items()]
)
def test_also_right(product: str, changes: Changes, backends: Backends, certificate: Certificate) -> None:
    """Where a product says more, or less, than its file makes it, and says it right, nothing is wrong."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with edge_of(PRODUCTS[product], upstream, certificate, changes=changes) as edge:
        answer = edge.get().json
    assert (right(edge), {}) == (decided(answer), codes(answer)), answer["headers"]


@pytest.mark.parametrize("product", ["haproxy", "caddy", "envoy", "h2o"])
def test_http2(product: str, backends: Backends, certificate: Certificate) -> None:
    """A client that speaks HTTP/2 to the edge is told from its URL as any other."""
    upstream = upstream_of(backends.trusting(TRUSTED))
    with edge_of(PRODUCTS[product], upstream, certificate) as edge:
        url = f"https://{edge.authority}/yourl/api?x=1"
        command = [require_program("curl"), "--silent", "--http2", "--cacert", str(certificate.certificate)]
        command += ["--resolve", f"{edge.authority}:127.0.0.1", "--interface", CLIENT, "--noproxy", "*"]
        asked = subprocess.run(
            [*command, "--write-out", "\n%{http_version}", url], capture_output=True, text=True
        )
    body, _, version = asked.stdout.rpartition("\n")
    answer = json.loads(body)
    assert ("2", url, right(edge, "/yourl"), {}) == (version, answer["url"], decided(answer), codes(answer))


@pytest.mark.parametrize("product", ALL)
def test_hop_count(product: str, backends: Backends, certificate: Certificate) -> None:
    """Trust in one proxy, whatever its address, decides the same."""
    with edge_of(PRODUCTS[product], upstream_of(backends.trusting("1")), certificate) as edge:
        answer = edge.get().json
    assert (right(edge), {}) == (decided(answer), codes(answer))
    assert "trusted by count" in answer["proxy"]["client"]["why"]


@needs_ipv6
@pytest.mark.parametrize("product", FOUR)
def test_ipv6(product: str, backends: Backends, certificate: Certificate) -> None:
    """The same over IPv6 on both sides; there is one loopback address only, so trust goes by count."""
    with edge_of(PRODUCTS[product], upstream_of(backends.trusting("1", host="::1")), certificate) as edge:
        answer = edge.get("/yourl/api", ipv6=True).json
        forged = edge.get("/yourl/api", {"X-Forwarded-For": "2001:db8::7"}, ipv6=True).json
    assert (right(edge, "/yourl", client="::1"), {}) == (decided(answer), codes(answer))
    assert "X-Forwarded-For[0]" == answer["proxy"]["client"]["source"]
    assert ("::1", "::1") == (answer["connection"]["peer"], forged["remote_addr"])


@pairs(*PAIRS)
def test_two_deep(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """Behind two proxies of any two products, all that the edge saw is known."""
    # On one machine Envoy puts that machine's outer address in place of 127.0.0.1: only the number is known.
    trusted = "2" if inner == "envoy" else TRUSTED
    with chain(
        PRODUCTS[outer], PRODUCTS[inner], upstream_of(backends.trusting(trusted)), certificate
    ) as edge:
        prefix = "/yourl" if edge.cuts_prefix else ""
        path = f"{prefix}/api/a%20b%2Fc?x=1"
        answer = edge.get(path).json
        forged = edge.get(path, {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "http"}).json
    assert (right(edge, prefix), {}) == (decided(answer), codes(answer))
    assert f"https://{edge.authority}{path}" == answer["url"]
    hops = [hop["address"] for hop in answer["proxy"]["hops"] if not hop["source"].startswith("Via")]
    assert (3, CLIENT, "127.0.0.1") == (len(hops), hops[0], hops[-1])
    assert (right(edge, prefix), {}) == (decided(forged), codes(forged))


@pairs(
    *(("nginx", "haproxy"), ("haproxy", "apache"), ("apache", "caddy"), ("caddy", "nginx")),
    *(("varnish", "lighttpd"), ("h2o", "trafficserver"), ("http-proxy", "squid")),
)
def test_two_deep_by_hop_count(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """Two proxies trusted by count decide as two trusted by address."""
    with chain(PRODUCTS[outer], PRODUCTS[inner], upstream_of(backends.trusting("2")), certificate) as edge:
        answer = edge.get("/yourl/api").json
    assert (right(edge, "/yourl"), {}) == (decided(answer), codes(answer))


@needs_ipv6
@pairs(("nginx", "caddy"), ("haproxy", "nginx"), ("apache", "haproxy"), ("caddy", "apache"))
def test_two_deep_over_ipv6(outer: str, inner: str, backends: Backends, certificate: Certificate) -> None:
    """A client on IPv6, an inner proxy on IPv4 and yourl on IPv6: the chain is the same."""
    upstream = upstream_of(backends.trusting("2", host="::1"))
    with chain(PRODUCTS[outer], PRODUCTS[inner], upstream, certificate) as edge:
        answer = edge.get("/yourl/api", ipv6=True).json
    assert (right(edge, "/yourl", client="::1"), {}) == (decided(answer), codes(answer))
    assert ["::1", "127.0.0.1", "::1"] == [hop["address"] for hop in answer["proxy"]["hops"]]


@pytest.mark.parametrize("product", ALL)
def test_a_proxy_that_nobody_trusts(product: str, backends: Backends, certificate: Certificate) -> None:
    """By default no proxy is believed; the findings say so, and their setting makes all right."""
    with edge_of(PRODUCTS[product], upstream_of(backends.trusting("")), certificate) as edge:
        answer = edge.get().json
    told = {"client": "127.0.0.1", "scheme": "http", "host": NAME, "port": edge.port, "prefix": ""}
    found = {"forwarded-by-untrusted": "warning", "redirect-loop-ahead": "error"}
    assert (told, found) == (decided(answer), codes(answer))
    fixes = [setting_in(one["fix"]) for one in answer["findings"] if one["code"] in found]
    assert [{"YOURL_TRUSTED_PROXIES": "127.0.0.1"}] * 2 == fixes
    trusting = backends.trusting(fixes[0]["YOURL_TRUSTED_PROXIES"])
    with edge_of(PRODUCTS[product], upstream_of(trusting), certificate) as edge:
        answer = edge.get().json
    assert (right(edge), {}) == (decided(answer), codes(answer))


def test_a_hop_count_too_high(backends: Backends, certificate: Certificate) -> None:
    """One proxy where two are counted: nothing is believed, and the fix is the right count."""
    haproxy = PRODUCTS["haproxy"]
    with edge_of(haproxy, upstream_of(backends.trusting("2")), certificate) as edge:
        answer = edge.get().json
    assert "127.0.0.1" == answer["remote_addr"]
    assert {"chain-shorter-than-hop-count": "warning"} == codes(answer)
    (fix,) = (one["fix"] for one in answer["findings"] if one["code"] in codes(answer))
    assert {"YOURL_TRUSTED_PROXIES": "1"} == setting_in(fix)
    with edge_of(haproxy, upstream_of(backends.trusting("1")), certificate) as edge:
        answer = edge.get().json
    assert (right(edge), {}) == (decided(answer), codes(answer))


def test_a_hop_count_too_low(backends: Backends, certificate: Certificate) -> None:
    """Two proxies where one is counted: the outer one counts as the client."""
    with chain(
        PRODUCTS["nginx"], PRODUCTS["haproxy"], upstream_of(backends.trusting("1")), certificate
    ) as edge:
        answer = edge.get().json
    assert "127.0.0.1" == answer["remote_addr"]
    assert "chain-longer-than-hop-count" in codes(answer)


def refusal(answer: Answer) -> tuple[int, str, set[str]]:
    """Status, error and codes of an answer to a host that is not ours."""
    return answer.status, answer.json["error"], set(codes(answer.json))


def test_a_host_that_is_not_allowed(backends: Backends, certificate: Certificate) -> None:
    """A host that YOURL_ALLOWED_HOSTS lacks is refused with the finding, whose setting lets it in."""
    strict = backends.trusting(TRUSTED, allowed_hosts="other.example")
    with edge_of(PRODUCTS["haproxy"], upstream_of(strict), certificate) as edge:
        refused = edge.get()
    assert (400, "host_not_allowed", {"host-not-allowed"}) == refusal(refused)
    fix = next(one["fix"] for one in refused.json["findings"] if one["code"] == "host-not-allowed")
    names = setting_in(fix)["YOURL_ALLOWED_HOSTS"]
    assert {"other.example", NAME} == set(names.split(","))
    lenient = backends.trusting(TRUSTED, allowed_hosts=names)
    with edge_of(PRODUCTS["haproxy"], upstream_of(lenient), certificate) as edge:
        assert 200 == edge.get().status


def test_a_lost_host_is_not_allowed(backends: Backends, certificate: Certificate) -> None:
    """Where the proxy loses Host, an allowed host is refused, and the findings say whose fault that is."""
    upstream = upstream_of(backends.trusting(TRUSTED, allowed_hosts=NAME))
    nginx, changes = PRODUCTS["nginx"], MISTAKES["nginx"]["nginx without Host"].changes
    with edge_of(nginx, upstream, certificate, changes=changes) as edge:
        refused = edge.get()
    assert (400, "host_not_allowed", {"host-not-allowed", "missing-host"}) == refusal(refused)
    fix = next(one["fix"] for one in refused.json["findings"] if one["code"] == "missing-host")
    with edge_of(nginx, upstream, certificate, changes=changes, fix=blocks_for("nginx", fix)) as edge:
        assert right(edge) == decided(edge.get().json)


@pytest.mark.parametrize(
    ("product", "is_inner"),
    [
        pytest.param(product, is_inner, id=file)
        for product in PRODUCTS.values()
        for is_inner, file in ((False, product.edge), (True, product.inner))
        if file
    ],
)
def test_the_checker_accepts_the_file(product: Product, is_inner: bool, certificate: Certificate) -> None:
    """Each product's own checker accepts the configuration as it stands."""
    with Proxy(product, "127.0.0.1:8080", certificate, inner=is_inner, checked=True):
        pass


def test_the_pages_name_every_mistake() -> None:
    """The page of a product tells of each finding that its usual mistakes give."""
    for product in (*OTHERS, *TLS_ONLY):
        page = (DOCUMENTS / product.page).read_text("utf-8")
        told = {code for mistake in MISTAKES.get(product.name, {}).values() for code in mistake.found}
        assert {code for code in told if f"`{code}`" not in page} == set(), product.page


def test_the_pages_name_every_file() -> None:
    """The pages in docs/proxies link to each configuration, and each is one that is run here."""
    pages = [path for path in DOCUMENTS.iterdir() if path.suffix == ".md"]
    linked = {link for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))}
    run = {file for product in PRODUCTS.values() for file in (product.edge, product.inner) if file}
    assert run | {page.name for page in pages if page.name != "README.md"} == linked
    there = {str(path.relative_to(DOCUMENTS)) for path in DOCUMENTS.rglob("*") if path.is_file()}
    assert there == {page.name for page in pages} | {
        str((DOCUMENTS / file / name).relative_to(DOCUMENTS)) if (DOCUMENTS / file).is_dir() else file
        for product in PRODUCTS.values()
        for file in (product.edge, product.inner)
        if file
        for name in product.read(file)
    }
