"""The hops of the way to us: one ``Hop`` for every machine that the socket or any header names.

Shows what ``chain.py`` has decided and decides nothing itself.
"""

from __future__ import annotations

from yourl.text import excerpt

from .addresses import Address, parse_node
from .chain import MAX_HOPS, Chain, position
from .fields import Fields, client_address, elements
from .forwarded import is_hidden_node
from .verdict import Connection, Hop

MAX_IDENTIFIER = 256
MAX_VIA = 200
"""Characters of an element of Via: the product's name comes last, after the host's."""

_Also = dict[int, list[str]]


def hops_of(connection: Connection, fields: Fields, chain: Chain) -> tuple[Hop, ...]:
    """Outermost first, our socket's peer last."""
    also: _Also = {}
    unplaced = _other_names(chain, also)
    if "via" in fields:
        unplaced = [*_via_hops(elements(fields["via"]), chain, also), *unplaced]
    hops = [_claimed(index, node, chain, also) for index, node in enumerate(chain.nodes, chain.first_shown)]
    hops.append(_peer(connection, chain, also))
    return (*unplaced[: MAX_HOPS - len(hops)], *hops)


def _peer(connection: Connection, chain: Chain, also: _Also) -> Hop:
    total = len(chain.claims)
    role = "client" if chain.client_index == total else "proxy"
    why = f"connected to us; {chain.peer_rule}" if chain.peer_rule else "connected to us; not trusted"
    return Hop(
        chain.peer.value,
        connection.peer_port,
        connection.peer or "unix",
        "connection",
        chain.peer_rule is not None,
        why,
        role,
        tuple(also.get(total, ())),
    )


def _claimed(index: int, node: Address | None, chain: Chain, also: _Also) -> Hop:
    rule = chain.rules.get(index)
    text = chain.claims[index]
    if index == chain.client_index:
        role, why = "client", rule or "named by a trusted proxy; not a proxy that is trusted itself"
    elif rule:
        role, why = "proxy", rule
    else:
        role, why = "claim", _why_only_claimed(index, chain)
    address = port = None
    if node is None:
        why = f"{_why_no_address(text)}; {why}"
    else:
        address, port = node.text, node.port
    source = position(chain.source, index)
    names = tuple(also[index]) if index in also else ()
    return Hop(address, port, text[:MAX_IDENTIFIER], source, rule is not None, why, role, names)


def _why_only_claimed(index: int, chain: Chain) -> str:
    if chain.peer_rule is None:
        return f"only claimed: {chain.peer.name}, which sent it, is not trusted"
    if chain.too_short:
        return "not believed: the list is shorter than the number of trusted proxies"
    if index < chain.client_index:
        return "only claimed: it stands left of the client, where the client itself can write"
    return "not believed"


def _why_no_address(text: str) -> str:
    return "hidden by the proxy that wrote it" if is_hidden_node(text) else "not an address"


def _other_names(chain: Chain, also: _Also) -> list[Hop]:
    """Join what the other headers name to the hops it belongs to; return the hops that belong nowhere."""
    named = _named_elsewhere(chain)
    if chain.forwarded:
        _join_by(chain, also)
    if not named:
        return []
    if len(named) == 1 and chain.client_address is not None:
        ((source, _, address),) = named
        if address is not None and address.text == chain.client_address.text:
            also.setdefault(chain.client_index, []).append(source)
            return []
    first = chain.first_shown
    places = {node.text: first + at for at, node in reversed([*enumerate(chain.nodes)]) if node is not None}
    if chain.peer.value:
        places.setdefault(chain.peer.value, len(chain.claims))
    if chain.client_address is not None:
        places[chain.client_address.text] = chain.client_index
    unplaced: dict[str, Hop] = {}
    for source, text, address in named:
        if address is not None and address.text in places:
            also.setdefault(places[address.text], []).append(source)
        else:
            unplaced.setdefault(address.text if address else text, _named_only(source, text, address))
    return list(unplaced.values())


def _named_elsewhere(chain: Chain) -> list[tuple[str, str, Address | None]]:
    named: list[tuple[str, str, Address | None]] = []
    for other in chain.others:
        named.extend(
            (other.name, text, client_address(other.key, text)) for text in other.texts[-MAX_HOPS:-1]
        )
        if other.texts:
            named.append((other.name, other.texts[-1], other.address))
    if chain.forwarded and chain.source != "Forwarded":
        start = max(0, len(chain.forwarded) - MAX_HOPS)
        for offset, element in enumerate(chain.forwarded[start:], start):
            if element.node is not None:
                named.append((position("Forwarded", offset), element.node, parse_node(element.node)))
    return named


def _join_by(chain: Chain, also: _Also) -> None:
    """``by`` names the interface of the proxy that wrote the element: the next machine towards us."""
    if chain.source == "Forwarded" or len(chain.forwarded) == len(chain.claims):
        start = max(0, len(chain.forwarded) - MAX_HOPS)
        for offset, element in enumerate(chain.forwarded[start:], start):
            if element.by is not None:
                also.setdefault(offset + 1, []).append(f"Forwarded[{offset}].by={excerpt(element.by, 60)}")


def _named_only(source: str, text: str, address: Address | None) -> Hop:
    why = f"only {source} names it; where on the way it stands is not known"
    if address is None:
        why = f"{_why_no_address(text)}; {why}"
        return Hop(None, None, text[:MAX_IDENTIFIER], source, False, why)
    return Hop(address.text, address.port, text[:MAX_IDENTIFIER], source, False, why)


def _via_hops(via: list[str], chain: Chain, also: _Also) -> list[Hop]:
    """Place the elements of Via, or return them as hops of their own.

    Each proxy appends one element, so the rightmost is our peer's, if every proxy on the way wrote one.
    When their number tells that some did not, an element cannot be placed. Of a list that a client began
    itself only the part from the client to us tells the number.
    """
    total = len(chain.claims)
    proxies = max(1, total)
    if len(via) in (proxies, total - chain.client_index):
        outermost = total + 1 - len(via)
        for offset, text in enumerate(via):
            also.setdefault(outermost + offset, []).append(f"Via[{offset}]: {excerpt(text, MAX_VIA)}")
        return []
    why = f"a proxy that names itself in Via; Via names {len(via)} where the address list shows {proxies}"
    start = max(0, len(via) - MAX_HOPS)
    return [
        Hop(None, None, text[:MAX_IDENTIFIER], f"Via[{offset}]", False, why)
        for offset, text in enumerate(via[start:], start)
    ]
