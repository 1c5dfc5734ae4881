"""YOURL_TRUSTED_PROXIES as a value: what it accepts, refuses and gives back."""

from __future__ import annotations

import pytest

from yourl.http1.grammar import parse_authority, parse_port
from yourl.proxies import TrustedProxies
from yourl.proxies.addresses import parse_node

GOOD = [
    pytest.param("", "", id="nobody"),
    pytest.param("10.0.0.0/8", "10.0.0.0/8", id="network"),
    pytest.param("10.0.0.3", "10.0.0.3/32", id="one-machine"),
    pytest.param("2001:db8::/32", "2001:db8::/32", id="ipv6-network"),
    pytest.param("::1", "::1/128", id="ipv6-machine"),
    pytest.param("::ffff:10.0.0.0/104", "10.0.0.0/8", id="ipv4-mapped-network"),
    pytest.param("::ffff:10.0.0.3", "10.0.0.3/32", id="ipv4-mapped-machine"),
    pytest.param("::ffff:0:0/96", "0.0.0.0/0", id="ipv4-mapped-everything"),
    pytest.param("::/0", "::/0", id="ipv6-everything"),
    pytest.param("2", "2", id="count"),
    pytest.param("10.0.0.0/8,2", "10.0.0.0/8,2", id="network-and-count"),
    pytest.param(" 10.0.0.0/8  192.168.1.0/24\t1 ", "10.0.0.0/8,192.168.1.0/24,1", id="blanks"),
    pytest.param("10.0.0.0/8,10.0.0.0/8", "10.0.0.0/8", id="the-same-twice"),
    pytest.param("loopback", "loopback", id="loopback"),
    pytest.param("Private", "private", id="private"),
    pytest.param("loopback,private", "loopback,private", id="two-names"),
    pytest.param("link-local", "link-local", id="link-local"),
    pytest.param("unix", "unix", id="unix"),
    pytest.param("cloud-run", "cloud-run", id="cloud-run"),
    pytest.param("0", "", id="zero"),
    pytest.param("none", "", id="none"),
]
BAD = [
    pytest.param("*", "trust every machine", id="star"),
    pytest.param("10.0.0.5/8", "10.0.0.0/8 or 10.0.0.5", id="bits-beyond-the-prefix"),
    pytest.param("10.0.0.0/33", "not understood", id="prefix-too-long"),
    pytest.param("proxy.internal", "not understood", id="name"),
    pytest.param("-1", "not understood", id="negative"),
    pytest.param("8080", "0 to 32", id="a-port"),
    pytest.param("9" * 5000, "0 to 32", id="endless-number"),
    pytest.param("1,2", "Only one number", id="two-counts"),
    pytest.param("none,10.0.0.0/8", "not understood", id="none-and-more"),
    pytest.param("10.0.0.1\x00", "not understood", id="nul"),
]
NODES = [
    pytest.param("203.0.113.7", ("203.0.113.7", None), id="ipv4"),
    pytest.param("203.0.113.7:4711", ("203.0.113.7", 4711), id="ipv4-port"),
    pytest.param("2001:DB8:0::1", ("2001:db8::1", None), id="ipv6"),
    pytest.param("[2001:db8::1]", ("2001:db8::1", None), id="ipv6-brackets"),
    pytest.param("[2001:db8::1]:4711", ("2001:db8::1", 4711), id="ipv6-port"),
    pytest.param("fe80::1%eth0", ("fe80::1%eth0", None), id="zone"),
    pytest.param("[fe80::1%eth0]:80", ("fe80::1%eth0", 80), id="zone-port"),
    pytest.param("2001:db8::1%eth0", ("2001:db8::1", None), id="zone-without-meaning"),
    pytest.param("203.0.113.9:_p1", ("203.0.113.9", None), id="hidden-port"),
    pytest.param("[2001:db8::1]:_p1", ("2001:db8::1", None), id="hidden-port-ipv6"),
    pytest.param("203.0.113.9:p1", None, id="port-is-no-number"),
    pytest.param("203.0.113.9:_", None, id="hidden-port-empty"),
    pytest.param("::ffff:10.0.0.2", ("10.0.0.2", None), id="mapped"),
    pytest.param("203.0.113.7:0", None, id="port-zero"),
    pytest.param("203.0.113.7:65536", None, id="port-too-big"),
    pytest.param("203.0.113.07", None, id="leading-zero"),
    pytest.param("203.0.113", None, id="three-parts"),
    pytest.param("2130706433", None, id="one-number"),
    pytest.param("0x7f.0.0.1", None, id="hexadecimal"),
    pytest.param("[[::1]]", None, id="nested-brackets"),
    pytest.param("[::1", None, id="open-bracket"),
    pytest.param("unknown", None, id="unknown"),
    pytest.param("_hidden", None, id="obfuscated"),
    pytest.param("1.2.3.4\x00", None, id="nul"),
    pytest.param("１.2.3.4", None, id="full-width-digit"),
    pytest.param("\ud800", None, id="lone-surrogate"),
    pytest.param("", None, id="empty"),
    pytest.param("1" * 100_000, None, id="long"),
]
AUTHORITIES = [
    pytest.param("Shop.Example", ("shop.example", None), id="name"),
    pytest.param("shop.example:8443", ("shop.example", 8443), id="name-port"),
    pytest.param("shop.example:", ("shop.example", None), id="empty-port"),
    pytest.param("shop.example.", ("shop.example.", None), id="final-dot"),
    pytest.param("my_app:80", ("my_app", 80), id="underscore"),
    pytest.param("xn--bcher-kva.example", ("xn--bcher-kva.example", None), id="punycode"),
    pytest.param("127.0.0.1:8080", ("127.0.0.1", 8080), id="ipv4"),
    pytest.param("[2001:DB8::1]:8080", ("[2001:db8::1]", 8080), id="ipv6"),
    pytest.param("", None, id="empty"),
    pytest.param("user@shop.example", None, id="userinfo"),
    pytest.param("shop.example/x", None, id="path"),
    pytest.param("shop..example", None, id="empty-label"),
    pytest.param("-shop.example", None, id="leading-hyphen"),
    pytest.param("shop.example:port", None, id="port-is-no-number"),
    pytest.param("shop.example:99999", None, id="port-too-big"),
    pytest.param("1.2.3.400", None, id="bad-ipv4"),
    pytest.param("2001:db8::1", None, id="ipv6-without-brackets"),
    pytest.param("[::1]x", None, id="junk-behind-bracket"),
    pytest.param("[fe80::1%25eth0]", None, id="zone"),
    pytest.param("a b", None, id="blank"),
    pytest.param("a,b", None, id="two"),
    pytest.param("bücher.example", None, id="not-ascii"),
    pytest.param("a.", ("a.", None), id="short-with-dot"),
    pytest.param("a" * 300, None, id="long"),
]


@pytest.mark.parametrize(("text", "expected"), GOOD)
def test_reads_the_setting(text: str, expected: str) -> None:
    """Every allowed text is read, and its canonical text means the same."""
    trusted = TrustedProxies.parse(text)
    assert expected == str(trusted)
    assert trusted == TrustedProxies.parse(str(trusted))
    assert bool(expected) == bool(trusted)


@pytest.mark.parametrize(("text", "expected"), BAD)
def test_refuses_with_a_sentence(text: str, expected: str) -> None:
    """A text that could trust the wrong machines is refused, and the sentence says what is wrong."""
    with pytest.raises(ValueError) as caught:
        TrustedProxies.parse(text)
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "cloud-run", id="front-end-by-default"),
        pytest.param("10.0.0.0/8", "10.0.0.0/8,cloud-run", id="beside-a-network"),
        pytest.param("none", "", id="nobody-on-purpose"),
        pytest.param("0", "", id="zero-on-purpose"),
    ],
)
def test_platform_holds_beside_the_text(text: str, expected: str) -> None:
    """On Cloud Run its front end is trusted unless the setting says nobody."""
    assert expected == str(TrustedProxies.parse(text, "cloud-run"))


def test_a_mapped_network_trusts() -> None:
    """Trust written as IPv4-mapped IPv6 covers the IPv4 peers that it means."""
    trusted = TrustedProxies.parse("::ffff:10.0.0.0/104")
    assert trusted.has_network_for(parse_node("10.1.2.3"))
    assert trusted.has_network_for(parse_node("::ffff:10.1.2.3"))
    assert not trusted.has_network_for(parse_node("11.1.2.3"))


def test_unknown_platform_is_refused() -> None:
    """A misspelt platform must not silently trust nobody."""
    with pytest.raises(ValueError, match="no known platform"):
        TrustedProxies.parse("", "cloudrun")


@pytest.mark.parametrize(("text", "expected"), NODES)
def test_node(text: str, expected: tuple[str, int | None] | None) -> None:
    """An address is read with or without brackets, port and zone, and nothing else is taken for one."""
    address = parse_node(text)
    assert expected == (None if address is None else (address.text, address.port))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("8.8.8.8", "public"),
        ("127.9.9.9", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("172.32.0.0", "public"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("100.128.0.1", "public"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fd00::1", "private"),
        ("2606:4700::1", "public"),
    ],
)
def test_kind(text: str, expected: str) -> None:
    """Addresses that are never routed on the Internet are told apart."""
    address = parse_node(text)
    assert address is not None
    assert expected == address.kind


@pytest.mark.parametrize(("text", "expected"), AUTHORITIES)
def test_authority(text: str, expected: tuple[str, int | None] | None) -> None:
    """Only what a browser could have asked for is a host."""
    authority = parse_authority(text)
    assert expected == (None if authority is None else tuple(authority))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", 1),
        ("65535", 65535),
        ("0", None),
        ("65536", None),
        ("", None),
        ("-1", None),
        ("٣", None),
        ("1e3", None),
    ],
)
def test_port(text: str, expected: int | None) -> None:
    """A port is 1 to 65535 in ASCII digits."""
    assert expected == parse_port(text)
