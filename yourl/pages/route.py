"""The hops of a request as the page draws them.

Each hop's role and trust are the inspection's; this module only chooses which hops are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# A forged X-Forwarded-For can name many hops: both ends of the route are drawn.
OUTERMOST_DRAWN = 2
NEAREST_DRAWN = 8

_ROLES = {"client": "Client", "proxy": "Proxy", "claim": "Only claimed"}


@dataclass(frozen=True, slots=True)
class Node:
    """A hop that is drawn. ``claimed``: neither our socket nor a trusted proxy reports it."""

    label: str
    hop: Mapping[str, Any]
    claimed: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Hops that are not drawn."""

    count: int


def drawn_route(hops: Sequence[Mapping[str, Any]]) -> list[Node | Gap]:
    """The hops in the order of the inspection, outermost first, with a gap where there are too many."""
    left_out = len(hops) - OUTERMOST_DRAWN - NEAREST_DRAWN
    if left_out <= 1:
        return [_node(hop) for hop in hops]
    outermost = [_node(hop) for hop in hops[:OUTERMOST_DRAWN]]
    return [*outermost, Gap(left_out), *(_node(hop) for hop in hops[-NEAREST_DRAWN:])]


def _node(hop: Mapping[str, Any]) -> Node:
    label = _ROLES[hop["role"]]
    if hop["role"] == "proxy" and hop["source"] == "connection":
        label = "Proxy, our peer"
    return Node(label, hop, claimed=hop["role"] == "claim")


def drawn_hops(hops: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The hops that are drawn, without a gap."""
    return [node.hop for node in drawn_route(hops) if isinstance(node, Node)]


def proxy_count(hops: Sequence[Mapping[str, Any]]) -> int:
    """How many trusted proxies the request came through."""
    return sum(hop["role"] == "proxy" for hop in hops)
