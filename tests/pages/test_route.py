"""The route: the inspection's hops in their order, each with its role."""

from __future__ import annotations

import re

import pytest

from tests.pages.inspections import bare_inspection, document, forged_inspection, inspection
from tests.pages.reader import Reader
from yourl.pages import inspection_page
from yourl.pages.route import NEAREST_DRAWN, OUTERMOST_DRAWN, Gap, drawn_route


def test_draws_the_route_from_the_client_to_this_server() -> None:
    """Each hop stands in the order of the inspection, with its role and what vouches for it."""
    text = Reader(inspection_page(forged_inspection(1)).html).text
    route = text[text.index("Route of the request") : text.index("seen by this server, or")]
    words = r"Only claimed|Client|Proxy, our peer|Proxy|This server|Not trusted|Trusted|Reported by a proxy"
    assert re.findall(rf"^\s*({words})\s*$", route, re.MULTILINE) == [
        *("Only claimed", "Not trusted"),
        *("Client", "Reported by a proxy"),
        *("Proxy, our peer", "Trusted"),
        "This server",
    ]


@pytest.mark.parametrize(
    ("doc", "lines"),
    [
        pytest.param(bare_inspection(), ["line-seen"], id="direct-client-is-seen"),
        pytest.param(forged_inspection(1), ["line-claimed", "line-seen", "line-seen"], id="one-claim"),
        pytest.param(
            document("/", (("Host", "a.example"), ("X-Forwarded-For", "192.0.2.1"))),
            ["line-claimed", "line-seen"],
            id="untrusted-peer-claims-a-hop",
        ),
    ],
)
def test_draws_claims_with_another_line(doc: dict[str, object], lines: list[str]) -> None:
    """Only a hop that is merely claimed has a dashed line; a directly seen client has not."""
    classes = Reader(inspection_page(doc).html).values("class")
    assert [name for value in classes for name in value.split() if name.startswith("line-")] == lines


ROUTES = [
    pytest.param(bare_inspection(), "Direct", id="no-proxy"),
    pytest.param(forged_inspection(3), "1 proxy", id="one-proxy"),
    pytest.param(inspection(), "2 proxies", id="two-proxies"),
    pytest.param(
        document("/", (("Host", "a.example"), ("X-Forwarded-For", "192.0.2.1"))),
        "Direct",
        id="untrusted-peer-claims-a-hop",
    ),
]


@pytest.mark.parametrize(("doc", "route"), ROUTES)
def test_counts_proxies(doc: dict[str, object], route: str) -> None:
    """Trusted proxies are counted, not what anyone claims."""
    assert f"Route {route} " in Reader(inspection_page(doc).html).words()


def test_a_direct_client_is_seen() -> None:
    """What our own socket saw is not called untrusted."""
    words = Reader(inspection_page(bare_inspection()).html).words()
    assert "Client 127.0.0.1 port 51622 Seen by our socket" in words
    assert "Not trusted" not in words


def test_shows_what_else_names_a_hop() -> None:
    """Other headers that name the same machine are listed with it."""
    fields = (("Host", "a.example"), ("X-Forwarded-For", "203.0.113.7"), ("X-Real-IP", "203.0.113.7"))
    doc = document("/", fields, peer="10.0.0.9", trusted="10.0.0.0/8")
    assert "also named by X-Real-IP" in Reader(inspection_page(doc).html).words()


def test_draws_both_ends_of_a_forged_list() -> None:
    """Of many hops the outermost and the nearest are drawn and the others counted."""
    hops = forged_inspection(60)["proxy"]["hops"]
    route = drawn_route(hops)
    shown = [node if isinstance(node, Gap) else node.hop for node in route]
    gap = Gap(len(hops) - OUTERMOST_DRAWN - NEAREST_DRAWN)
    assert shown == [*hops[:OUTERMOST_DRAWN], gap, *hops[-NEAREST_DRAWN:]]
    assert f"{gap.count} more hops are not drawn" in Reader(inspection_page(forged_inspection(60)).html).text


def test_draws_no_gap_of_one() -> None:
    """A single hop is drawn rather than counted."""
    hops = forged_inspection(60)["proxy"]["hops"][: OUTERMOST_DRAWN + NEAREST_DRAWN + 1]
    assert len(drawn_route(hops)) == len(hops)
