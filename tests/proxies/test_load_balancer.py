"""What a load balancer says by the PROXY protocol is taken for the truth, and shown as a hop."""

from __future__ import annotations

from typing import Any

import pytest

from yourl.http1.head import Head
from yourl.http1.proxy_protocol import ProxyHeader
from yourl.http1.target import parse_target
from yourl.inspection import verdict_of
from yourl.proxies import Connection, TrustedProxies, Verdict, url_of

CLIENT = ("203.0.113.7", 4711)
SERVER = ("198.51.100.2", 443)


def verdict(header: ProxyHeader | None, *fields: tuple[str, str], trusted: str = "10.0.0.9") -> Verdict:
    """The verdict about a request that came by the load balancer 10.0.0.9."""
    head = Head("GET", parse_target("/a"), (1, 1), (("Host", "shop.example"), *fields))
    connection = Connection("10.0.0.9", 1234, "10.0.0.1", 8080, proxy_header=header)
    return verdict_of(head, connection, TrustedProxies.parse(trusted))


def test_the_client_is_the_one_that_the_header_names() -> None:
    """Client and hops are the header's; the load balancer is the nearest hop."""
    found = verdict(ProxyHeader(2, CLIENT, SERVER))
    assert (found.client.value, found.client.source, found.client.basis) == (
        "203.0.113.7", "PROXY protocol", "proxy",
    )  # fmt: skip
    assert [(hop.address, hop.port, hop.source, hop.role) for hop in found.hops] == [
        ("203.0.113.7", 4711, "PROXY protocol", "client"),
        ("10.0.0.9", 1234, "connection", "proxy"),
    ]
    assert [finding.code for finding in found.findings if finding.severity != "info"] == []


@pytest.mark.parametrize(
    ("is_tls", "expected"),
    [
        pytest.param(True, "https://shop.example/a", id="TLS"),
        pytest.param(False, "http://shop.example/a", id="no TLS"),
        pytest.param(None, "http://shop.example/a", id="not said"),
    ],
)
def test_the_scheme_follows_the_header(is_tls: bool | None, expected: str) -> None:
    """A load balancer that ended TLS says so in the header's TLS field."""
    found = verdict(ProxyHeader(2, CLIENT, SERVER, is_tls))
    assert url_of(found, "/a") == expected
    assert (found.scheme.source == "PROXY protocol") == (is_tls is not None)


def test_header_fields_of_the_client_are_not_believed() -> None:
    """Whom the load balancer names is not trusted itself: what it forges is a finding and no more."""
    found = verdict(ProxyHeader(1, CLIENT, SERVER), ("X-Forwarded-For", "192.0.2.66"))
    assert found.client.value == "203.0.113.7"
    assert "forwarded-by-untrusted" in [finding.code for finding in found.findings]


def test_a_trusted_proxy_behind_a_load_balancer_is_asked_on() -> None:
    """Where the header names a trusted proxy, its X-Forwarded-For counts, as on a connection of its own."""
    header = ProxyHeader(2, ("10.0.0.8", 5000), SERVER)
    found = verdict(header, ("X-Forwarded-For", "192.0.2.66"), trusted="10.0.0.0/8")
    assert found.client.value == "192.0.2.66"
    assert [hop.address for hop in found.hops] == ["192.0.2.66", "10.0.0.8", "10.0.0.9"]


def test_the_load_balancer_is_one_of_the_proxies_that_are_counted() -> None:
    """A hop count of one is used up by the load balancer, one of two trusts the proxy behind it, too."""
    header = ProxyHeader(2, ("192.0.2.8", 5000), SERVER)
    forged = ("X-Forwarded-For", "192.0.2.66")
    assert verdict(header, forged, trusted="1").client.value == "192.0.2.8"
    assert verdict(header, forged, trusted="2").client.value == "192.0.2.66"


@pytest.mark.parametrize("header", [None, ProxyHeader(1), ProxyHeader(2)])
def test_a_load_balancer_that_speaks_for_itself_is_the_client(header: Any) -> None:
    """Health checks of the load balancer come from itself."""
    assert verdict(header).client.value == "10.0.0.9"


@pytest.mark.parametrize(
    ("trusted", "kept"),
    [("10.0.0.9", "10.0.0.9/32"), ("1", "1"), ("10.0.0.9 2", "2")],
)
def test_no_fix_trusts_the_visitor(trusted: str, kept: str) -> None:
    """A visitor who forges header fields gets himself trusted under a condition only, and nothing is lost."""
    for address in ("203.0.113.7", "10.1.2.3"):
        header = ProxyHeader(2, (address, 4711), SERVER)
        found = verdict(header, ("X-Forwarded-For", "192.0.2.66"), trusted=trusted)
        for finding in found.findings:
            lines = [line for line in finding.fix.splitlines() if "YOURL_TRUSTED_PROXIES" in line]
            assert all(line.startswith("# ") and kept in line for line in lines), finding
