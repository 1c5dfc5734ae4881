"""Findings about the client: named by no header, hidden, inside, or another one by another header."""

from __future__ import annotations

from yourl.text import excerpt

from ..addresses import Address, parse_node
from ..case import Case, header_line
from ..chain import Naming
from ..evidence.host import SILENCE_HEADERS, with_silence
from ..fields import FORWARDING_HEADERS
from ..fixes import at_proxy, only_if, trusting
from ..fixes.check import Request, forged
from ..fixes.cloudflare import is_cloudflare, trusting_cloudflare
from ..fixes.products import vendor_is_there
from ..forwarded import is_hidden_node
from .chain import claims_line, count_is_confirmed, count_is_too_small, outer_client, outer_is_confirmed
from .kind import Problem, When, finding

NOT_COMPARED = frozenset(
    # Cloudflare's stand-in for IPv6 and Azure's own socket are not meant to be the client's address, and the
    # lists that ingress-nginx and Vercel keep are copies of what the client sent.
    ("cf-pseudo-ipv4", "x-azure-socketip", "x-original-forwarded-for", "x-vercel-forwarded-for")
)


@finding(
    "missing-client",
    "warning",
    "A trusted proxy does not name its client.",
    topic="client",
    when=When.FROM_TRUSTED | When.NO_LIST,
    headers=SILENCE_HEADERS,
)
def missing_client(case: Case) -> Problem | None:
    """A trusted proxy that names no client."""
    name = case.chain.peer.name
    return Problem(
        f"{name} is a trusted proxy but does not name its client, so it counts as the client.",
        with_silence(case, "none of X-Forwarded-For, Forwarded for= and X-Real-IP came"),
        value=case.peer_name,
    )


@finding(
    "client-hidden",
    "info",
    "A trusted proxy hides the address of its client.",
    topic="client",
    when=When.FROM_TRUSTED | When.WALK_WAS_STOPPED,
)
def client_hidden(case: Case) -> Problem | None:
    """``unknown`` or an obfuscated identifier in the trusted part of the list."""
    text = case.chain.stopped_at
    if text is None or not is_hidden_node(text):
        return None
    return Problem(
        f"A trusted proxy hides its client behind {excerpt(text, 60)!r}; {case.chain.client.value} is the "
        "last machine known.",
        claims_line(case),
        value=case.peer_name,
    )


@finding(
    "client-disagreement",
    "warning",
    "Another header names another client than the one decided.",
    topic="remove",
    when=When.FROM_TRUSTED | When.LIST | When.OTHER_CLIENT_HEADERS,
)
def client_disagreement(case: Case) -> Problem | None:
    """X-Real-IP, CF-Connecting-IP … name a machine that is not on the trusted way."""
    for other in case.chain.others:
        address = other.address
        if address is None or _is_on_trusted_way(address, case):
            continue
        if other.key in NOT_COMPARED:
            if _is_replaced_list(case, other):
                return _list_was_replaced(case, other)
        elif not count_is_confirmed(case):  # else chain-longer-than-hop-count tells
            return _disagreement(case, other, address)
    return None


def _disagreement(case: Case, other: Naming, address: Address) -> Problem:
    return Problem(
        f"{other.name} names {address.text}, but {case.chain.client.value} was decided. An app that reads "
        f"{other.name} sees another client.",
        f"{header_line(case, other.key, other.name)}; {claims_line(case)}",
        _disagreement_fix(case, other, address),
        request=Request(send=forged(other.name)),
    )


def _is_replaced_list(case: Case, other: Naming) -> bool:
    """Whether ingress-nginx replaced a list that named a public client by an address from inside.

    With a public client beside it, what was replaced is what that client made up.
    """
    client, address = case.chain.client_address, other.address
    if other.key != "x-original-forwarded-for" or client is None or address is None:
        return False
    return not client.is_public and address.is_public and vendor_is_there("ingress-nginx", case.fields)


def _list_was_replaced(case: Case, other: Naming) -> Problem:
    return Problem(
        f"ingress-nginx put {case.chain.client.value} in place of the list that it got, whose last "
        f"address is {other.texts[-1][:60]!r}: a proxy stands before it.",
        f"{header_line(case, other.key, other.name)}; {claims_line(case)}",
        at_proxy("client", "ingress-nginx"),
    )


def _is_on_trusted_way(address: Address, case: Case) -> bool:
    chain = case.chain
    if address.text in (chain.client.value, chain.peer.value):
        return True
    nearest = chain.nodes[max(0, chain.client_index - chain.first_shown) :]
    return any(node is not None and node.text == address.text for node in nearest)


def _disagreement_fix(case: Case, other: Naming, address: Address) -> str:
    chain, vendor = case.chain, FORWARDING_HEADERS[other.key].vendor
    client = chain.client_address
    if client is not None and is_cloudflare(client):
        return trusting_cloudflare(case.trusted)
    before = parse_node(chain.claims[chain.client_index - 1]) if chain.client_index else None
    is_confirmed = before is not None and before.text == address.text
    if client is not None and (is_confirmed or (vendor and vendor_is_there(vendor, case.fields))):
        # A proxy further out that is not trusted yet, or a visitor that forges both headers.
        condition = f"{client.text} is a proxy of yours and no visitor"
        return only_if(condition, trusting(case.trusted, client.text))
    return at_proxy("remove", case.product, name=other.name)


@finding(
    "private-client",
    "info",
    "The decided client has an address that is never routed on the Internet, and may be one more proxy.",
    topic="client",
    when=When.FROM_TRUSTED | When.CLIENT_IS_INSIDE,
)
def private_client(case: Case) -> Problem | None:
    """An inside client that can hardly be one: something says that the request came from outside.

    A visitor from inside is nothing to speak about.
    """
    chain = case.chain
    client = chain.client_address
    if client is None or chain.client.source == "connection" or count_is_too_small(case):
        return None
    outer = outer_client(case)
    if outer is None or any(_is_replaced_list(case, other) for other in chain.others):
        return None
    condition = f"{client.text} is a proxy of yours and no visitor"
    return Problem(
        f"The decided client {client.text} has a {client.kind} address, and {outer}: {client.text} may be "
        "one more proxy, or a visitor from inside that makes up the rest.",
        claims_line(case),
        only_if(condition, trusting(case.trusted, client.text)),
        "warning" if outer_is_confirmed(case) else "info",
    )
