"""The chain of machines between the client and us, and who on it is the client.

Knows the client headers and trust; nothing of scheme, host, port or prefix. The rules:

- Our socket's peer is the nearest machine. It counts as a proxy only when it is trusted; if it is not, it is
  the client, whatever any header says.
- A trusted peer is asked who connected to it. It answers in X-Forwarded-For; where that is missing, in
  Forwarded; where that is missing too, in X-Real-IP. X-Forwarded-For goes first because nearly every proxy
  writes it and passes a client's Forwarded on untouched.
- The list is read from the right, because each proxy appends at the right. Every trusted address is itself
  asked for the one on its left. The first address that is not trusted is the client.
- Where all are trusted, the leftmost is the client.
- An element that is no address (``unknown``, ``_hidden``, garbage) ends the walk: the client is then the last
  machine known. Under a hop count the machines *between* need no address: their number is what is trusted.
- A hop count larger than the list is long, as in ProxyFix, believes nothing: too few proxies have spoken.
  (Express would take the leftmost: a client that goes around the outer proxy could then name any address.)
"""

from __future__ import annotations

from typing import NamedTuple

from yourl.text import excerpt

from .addresses import Address, parse_node
from .fields import CLIENT_HEADERS, Fields, client_address, elements
from .forwarded import Element, forwarded_elements
from .trust import TrustedProxies
from .verdict import Connection, Decided

MAX_HOPS = 32
"""Hops that are shown, the nearest to us; real ways have fewer than ten. The decision looks further."""

MAX_NEAREST = MAX_HOPS - 1
"""Claims that are kept parsed and shown, the nearest to us; the walk goes on as far as trust does."""


class Machine(NamedTuple):
    """A machine that the walk has reached and that has an address."""

    name: str
    value: str | None
    address: Address | None
    source: str
    place: int
    """Its index among the claims; ``len(claims)`` for the peer."""


class Naming(NamedTuple):
    """A header such as CF-Connecting-IP, its elements, and the address that the last of them holds."""

    key: str
    name: str
    texts: list[str]
    address: Address | None


class Chain(NamedTuple):
    """The walk's outcome. ``claims`` are the elements of the list that was read, leftmost first."""

    peer: Machine
    peer_rule: str | None
    """Why the peer may speak for others, or None when it may not."""
    source: str
    claims: list[str]
    nodes: list[Address | None]
    """The addresses of the nearest claims, at most ``MAX_NEAREST``: those that are shown and looked at."""
    forwarded: list[Element]
    others: list[Naming]
    """Headers other than the one read, Forwarded apart, that name a client as well."""
    rules: dict[int, str]
    """Why the machine at an index of ``claims`` is trusted."""
    client: Decided
    client_address: Address | None
    client_index: int
    """Which claim is the client; ``len(claims)`` when it is the peer."""
    reporters: int
    """How many machines in a row, counted from the peer, may report."""
    stopped_at: str | None = None
    """The element that ended the walk because it is no address."""
    too_short: bool = False
    """True when a hop count asks for more elements than have come."""

    @property
    def first_shown(self) -> int:
        """The index of the claim that ``nodes`` begins with."""
        return len(self.claims) - len(self.nodes)


def chain_of(connection: Connection, fields: Fields, trusted: TrustedProxies) -> Chain:
    """Walk from our socket outward and name the client."""
    forwarded = forwarded_elements(fields["forwarded"]) if "forwarded" in fields else []
    source, claims = _claims(fields, forwarded)
    nodes = [parse_node(text) for text in claims[-MAX_NEAREST:]]
    peer = _peer_of(connection, len(claims))
    name = peer.name
    rule = trusted.rule_for(peer.address, 0, over_unix=peer.value is None)
    rules: dict[int, str] = {}
    reporters = 0
    too_short = False
    stopped_at = None
    found = peer
    if rule is None:
        why = f"{name} connected to us and is not trusted to speak for anyone else"
    elif not claims:
        why = f"{name} connected to us; it is trusted ({rule}), but no header names whom it speaks for"
        reporters = max(1, trusted.hop_count)
    else:
        found, why, reporters, stopped_at = _walk(peer, rule, source, claims, nodes, rules, trusted)
        if reporters == 0:
            too_short, reporters = True, trusted.hop_count
            rules.clear()
    client = Decided(found.value, found.source, "socket" if found is peer else "proxy", why)
    return Chain(
        peer,
        rule,
        source,
        claims,
        nodes,
        forwarded,
        _others(fields, source),
        rules,
        client,
        found.address,
        found.place,
        reporters,
        stopped_at,
        too_short,
    )


def _peer_of(connection: Connection, place: int) -> Machine:
    address = parse_node(connection.peer)
    value = (address.text if address else connection.peer) or None
    name = excerpt(value) if value else "the client of our Unix socket"
    return Machine(name, value, address, "connection", place)


def _walk(
    peer: Machine,
    rule: str,
    source: str,
    claims: list[str],
    nodes: list[Address | None],
    rules: dict[int, str],
    trusted: TrustedProxies,
) -> tuple[Machine, str, int, str | None]:
    """The client, why it is the client, the number of reporters (0: too few), and what ended the walk."""
    total = len(claims)
    first = total - len(nodes)
    known, place = peer.address, total
    for distance in range(1, total + 1):
        index = total - distance
        address = nodes[index - first] if index >= first else parse_node(claims[index])
        next_rule = trusted.rule_for(address, distance)
        if next_rule is None:
            reporter = peer.name if place == total or known is None else known.text
            if address is None:
                word = excerpt(claims[index], 60)
                why = f"{reporter} is the last machine known: it reports {word!r} in {source}, no address"
                return _machine(known, place, source, peer), why, distance, claims[index]
            why = _why_rightmost(address.text, source, distance, reporter, rule, trusted)
            return _machine(address, index, source, peer), why, distance, None
        rules[index] = rule = next_rule
        if address is not None:
            known, place = address, index
    found = _machine(known, place, source, peer)
    if total < trusted.hop_count and not _all_in_networks(peer, claims, trusted):
        why = (
            f"{peer.name} connected to us; {trusted.hop_count} proxies are trusted by count, but {source} "
            f"has only {total} of the {trusted.hop_count} addresses that they write, so it is not believed"
        )
        return peer, why, 0, None
    why = f"{found.name} is the leftmost address in {source}, and all from there to us are trusted ({rule})"
    return found, why, total, None


def _machine(address: Address | None, place: int, source: str, peer: Machine) -> Machine:
    if address is None or place == peer.place:
        return peer
    return Machine(address.text, address.text, address, position(source, place), place)


def _all_in_networks(peer: Machine, claims: list[str], trusted: TrustedProxies) -> bool:
    """True when everybody who reported is trusted by address, so that the number need not be reached."""
    return all(trusted.has_network_for(address) for address in (peer.address, *map(parse_node, claims[1:])))


def _why_rightmost(
    client: str, source: str, distance: int, reporter: str, rule: str, trusted: TrustedProxies
) -> str:
    if source == "X-Real-IP":
        return f"{reporter} ({rule}) names {client} in X-Real-IP"
    if distance == trusted.hop_count:
        return (
            f"{client} is number {distance} from the right in {source}: so many proxies are trusted by count"
        )
    return (
        f"{client} is the rightmost address in {source} that no trusted proxy has; "
        f"{reporter} ({rule}) reported it"
    )


def position(source: str, index: int) -> str:
    """Where an element stands: ``X-Forwarded-For[1]``, ``Forwarded[0].for``, ``X-Real-IP``; 0 is leftmost."""
    if source == "X-Real-IP":
        return source
    return f"{source}[{index}].for" if source == "Forwarded" else f"{source}[{index}]"


def _others(fields: Fields, source: str) -> list[Naming]:
    others = []
    for key in fields.named:
        if key in CLIENT_HEADERS and (name := CLIENT_HEADERS[key]) != source:
            texts = elements(fields[key])
            others.append(Naming(key, name, texts, client_address(key, texts[-1]) if texts else None))
    return others


def _claims(fields: Fields, forwarded: list[Element]) -> tuple[str, list[str]]:
    if "x-forwarded-for" in fields and (claims := elements(fields["x-forwarded-for"])):
        return "X-Forwarded-For", claims
    if any(element.node for element in forwarded):
        return "Forwarded", [element.text if element.node is None else element.node for element in forwarded]
    if "x-real-ip" in fields and (claims := elements(fields["x-real-ip"])):
        return "X-Real-IP", claims[-1:]
    return "X-Forwarded-For", []
