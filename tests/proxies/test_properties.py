"""What must hold for every request, however mangled, checked with generated ones."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.middleware.proxy_fix import ProxyFix

from yourl.http1.target import parse_target
from yourl.proxies import FORWARDING_HEADERS, Connection, TrustedProxies, Verdict, evaluate, url_of
from yourl.proxies.chain import MAX_HOPS
from yourl.proxies.findings import HEADERS_READ
from yourl.proxies.forwarded import forwarded_elements

INSIDE = Connection("10.0.0.3", 50000, "10.0.0.9", 8080)
NAMES = sorted({header.name for header in FORWARDING_HEADERS.values()} | HEADERS_READ.keys())
TRUSTS = ["", "10.0.0.0/8", "1", "3", "10.0.0.0/8,2", "0.0.0.0/0,::/0", "cloud-run", "unix"]

PIECES = st.sampled_from(
    [
        *("for=", "proto=https", "host=", "by=", '"', "\\", ";", ",", "[", "]", ":", "%", " ", "on", "443"),
        *("::1", "10.0.0.2", "unknown", "_x", "203.0.113.7", "[2001:db8::1]:1", "https", "a.example", "/x"),
        *("..", "\x00", "\ud800", "é", "𝟙"),
    ]
)
MANGLED = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join))
FIELDS = st.lists(st.tuples(st.sampled_from([*NAMES, "Host"]), MANGLED), max_size=12)
PEERS = st.sampled_from(
    ["10.0.0.3", "203.0.113.9", "", "::1", "::ffff:10.0.0.3", "fe80::1%eth0", "not an address"]
)
ADDRESSES = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.ip_addresses(network="10.0.0.0/8").map(str),
)


def decided(found: Verdict) -> tuple[Any, ...]:
    """All that was decided, without the hops and the findings."""
    return found.client, found.scheme, found.host, found.port, found.prefix


@given(FIELDS, PEERS, st.sampled_from(TRUSTS), MANGLED, MANGLED)
@settings(max_examples=400)
def test_no_header_raises(fields: Any, peer: str, trusted: str, target: str, server: str) -> None:
    """Whatever comes, there is a verdict of the right shape and a URL."""
    found = evaluate(
        Connection(peer, 1, server, 8080),
        fields,
        TrustedProxies.parse(trusted),
        target=parse_target(target),
        allowed_hosts=("a.example",),
    )
    assert found.scheme.value in ("http", "https")
    assert isinstance(found.port.value, int)
    assert found.prefix.value == "" or str(found.prefix.value).startswith("/")
    assert 1 <= len(found.hops) <= MAX_HOPS
    assert url_of(found, parse_target(target).origin_form).startswith(found.base_url)


@given(FIELDS, PEERS)
@settings(max_examples=300)
def test_without_trust_no_header_decides(fields: Any, peer: str) -> None:
    """Client, scheme, host, port and prefix are those of the socket and of Host alone."""
    connection = Connection(peer, 1, "10.0.0.9", 8080)
    hosts = [(name, value) for name, value in fields if name.lower() == "host"]
    assert decided(evaluate(connection, hosts, TrustedProxies())) == decided(
        evaluate(connection, fields, TrustedProxies())
    )


@pytest.mark.parametrize("name", [header.name for header in FORWARDING_HEADERS.values()])
@pytest.mark.parametrize(
    "value", ["203.0.113.7", "https", "on", "evil.example", "443", "/evil", "for=6.6.6.6;proto=https"]
)
def test_forged_header_changes_findings_only(name: str, value: str) -> None:
    """Each header of the table, sent by an untrusted peer, decides nothing and is reported."""
    plain = evaluate(INSIDE, [("Host", "shop.example")], TrustedProxies.parse("192.168.0.0/16"))
    forged = evaluate(
        INSIDE, [("Host", "shop.example"), (name, value)], TrustedProxies.parse("192.168.0.0/16")
    )
    assert decided(plain) == decided(forged)
    assert () == plain.findings
    assert "forwarded-by-untrusted" in [finding.code for finding in forged.findings]


def rightmost_untrusted(chain: list[str], network: str) -> str:
    """The rule in its plainest words."""
    holds = ipaddress.ip_network(network)
    addresses = [ipaddress.ip_address(text) for text in chain]
    for address in reversed(addresses):
        if address not in holds:
            return str(address)
    return str(addresses[0])


@given(st.lists(ADDRESSES, min_size=1, max_size=12), st.sampled_from(["X-Forwarded-For", "Forwarded"]))
@settings(max_examples=300)
def test_rightmost_untrusted(chain: list[str], name: str) -> None:
    """Under a trusted network the client is the rightmost address outside it, else the leftmost."""
    chain = [text for text in chain if not text.startswith("::ffff:")] or ["10.0.0.2"]
    value = ", ".join(
        chain
        if name == "X-Forwarded-For"
        else [f'for="[{text}]"' if ":" in text else f"for={text}" for text in chain]
    )
    found = evaluate(INSIDE, [("Host", "a"), (name, value)], TrustedProxies.parse("10.0.0.0/8"))
    assert rightmost_untrusted(chain, "10.0.0.0/8") == found.client.value


def by_proxy_fix(headers: dict[str, str], count: int) -> dict[str, str]:
    """What Werkzeug's ProxyFix makes of the same request."""
    seen: dict[str, Any] = {}
    environ: dict[str, Any] = {
        "REMOTE_ADDR": "10.0.0.3",
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "shop.example",
        "SERVER_NAME": "10.0.0.9",
        "SERVER_PORT": "8080",
        "SCRIPT_NAME": "",
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.update(environ)
        return []

    ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_port=count, x_prefix=count)(
        environ, lambda *_: None
    )
    return seen


@given(st.lists(st.ip_addresses(v=4).map(str), max_size=6), st.integers(1, 5))
@settings(max_examples=200)
@example(["203.0.113.7"], 2)
@example([], 1)
def test_hop_count_finds_the_client_of_proxy_fix(chain: list[str], count: int) -> None:
    """A hop count N names the same client as ProxyFix(x_for=N), for lists of every length."""
    headers = {"X-Forwarded-For": ", ".join(chain)}
    found = evaluate(INSIDE, [("Host", "shop.example"), *headers.items()], TrustedProxies.parse(str(count)))
    assert by_proxy_fix(headers, count)["REMOTE_ADDR"] == found.client.value


@given(st.data(), st.integers(1, 4))
@settings(max_examples=150)
def test_hop_count_finds_the_rest_of_proxy_fix(data: st.DataObject, count: int) -> None:
    """With lists of at least N values, scheme, host and port are ProxyFix's as well.

    ProxyFix takes one prefix for all; here those of all N proxies are one.
    """

    def values(choices: list[str]) -> str:
        return ", ".join(data.draw(st.lists(st.sampled_from(choices), min_size=count, max_size=count + 3)))

    headers = {
        "X-Forwarded-For": values(["203.0.113.7", "10.0.0.2"]),
        "X-Forwarded-Proto": values(["http", "https"]),
        "X-Forwarded-Host": values(["a.example", "b.example", "[2001:db8::1]"]),
        "X-Forwarded-Port": values(["80", "443", "8443"]),
        "X-Forwarded-Prefix": values(["/a", "/b/c"]),
    }
    found = evaluate(INSIDE, [("Host", "shop.example"), *headers.items()], TrustedProxies.parse(str(count)))
    fixed = by_proxy_fix(headers, count)
    expected = (
        fixed["REMOTE_ADDR"],
        fixed["wsgi.url_scheme"],
        fixed["HTTP_HOST"],
        fixed["SERVER_PORT"],
        "".join(headers["X-Forwarded-Prefix"].split(", ")[-count:]),
    )
    host, port = found.host.value, found.port.value
    assert expected == (
        found.client.value,
        found.scheme.value,
        f"{host}:{port}",
        str(port),
        found.prefix.value,
    )


HUGE = [
    pytest.param(", ".join(["203.0.113.7"] * 10_000), id="ten-thousand-addresses"),
    pytest.param(",".join(["for=203.0.113.7;proto=https"] * 10_000), id="ten-thousand-elements"),
    pytest.param('"' * 8192, id="quotes"),
    pytest.param('for="' * 2000, id="open-quotes"),
    pytest.param("\\" * 8192 + '"', id="backslashes"),
    pytest.param('for="' + '\\"' * 4096, id="escaped-quotes"),
    pytest.param("[" * 4096 + "]" * 4096, id="nested-brackets"),
    pytest.param("\x00" * 8192, id="nul"),
    pytest.param("é" * 8192, id="not-ascii"),
    pytest.param("\ud800" * 8192, id="lone-surrogates"),
    pytest.param("," * 65536, id="commas"),
    pytest.param(";" * 65536, id="semicolons"),
    pytest.param(" " * 65536 + "x", id="blanks"),
    pytest.param("for=a" + " " * 65536 + "x", id="blanks-behind-a-value"),
    pytest.param("a-" * 32768, id="hyphens"),
    pytest.param("a." * 32768, id="dots"),
    pytest.param("1" * 65536, id="digits"),
    pytest.param("/" + "a/" * 32768, id="slashes"),
    pytest.param(":" * 65536, id="colons"),
]


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8", "0.0.0.0/0,::/0"])
@pytest.mark.parametrize("value", HUGE)
def test_huge_values_get_an_answer(value: str, trusted: str) -> None:
    """Every header of the table filled with it, there is still a verdict, and a small one."""
    fields = [(name, value) for name in NAMES]
    found = evaluate(INSIDE, fields, TrustedProxies.parse(trusted), target=parse_target(value))
    assert MAX_HOPS >= len(found.hops)
    assert 200_000 > len(repr(found))


@given(st.lists(st.tuples(MANGLED, st.ip_addresses().map(str)), min_size=1, max_size=4))
@settings(max_examples=200)
def test_a_forged_left_part_cannot_touch_what_our_proxy_appended(parts: list[tuple[str, str]]) -> None:
    """Whatever stands further left in Forwarded, quotes left open too, the last element is our proxy's."""
    forged = "".join(f"{text}, {address}" for text, address in parts)
    for own in ('for="[2001:db8::7]:4711";proto=https', "for=203.0.113.7;proto=https"):
        element = forwarded_elements([f"{forged}, {own}"])[-1]
        assert (own, "https", False) == (element.text, element.proto, element.malformed)
