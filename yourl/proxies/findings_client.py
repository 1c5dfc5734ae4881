"""Findings about who the client is: trust, the address list, and the other headers that name a client."""

from __future__ import annotations

from .addresses import Address, parse_node
from .chain import MAX_NEAREST
from .fields import FORWARDING_HEADERS, is_hidden_node, shown
from .fixes import at_proxy, is_cloudflare, trusting, trusting_cloudflare, trusting_count
from .verdict import Finding
from .witnesses import Case, header_line

NOT_COMPARED = frozenset(
    # Cloudflare's stand-in for IPv6 and Azure's own socket are not meant to be the client's address, and the
    # lists that ingress-nginx and Vercel keep are copies of what the client sent.
    ("cf-pseudo-ipv4", "x-azure-socketip", "x-original-forwarded-for", "x-vercel-forwarded-for")
)


def forwarded_by_untrusted(case: Case) -> Finding | None:
    """Headers that would decide, from somebody who may not."""
    named = case.fields.named
    if not named:
        return None
    peer, first = case.chain.peer, FORWARDING_HEADERS[named[0]].name
    more = f" and {len(named) - 1} more of its kind" if len(named) > 1 else ""
    if peer.address is not None and peer.address.is_public:
        advice = "Unless that is a proxy of yours, they are made up and were rightly ignored."
    else:
        advice = "If that is your proxy, trust it."
    return Finding(
        "forwarded-by-untrusted",
        "warning",
        f"{peer.name} sent {first}{more}, but it is not trusted, so nothing of it was believed. {advice}",
        f"{header_line(case, named[0], first)}; from {peer.name}",
        trusting(case.trusted, case.peer_word, case.product),
    )


def missing_client(case: Case) -> Finding | None:
    """A trusted proxy that speaks for nobody."""
    if case.chain.claims:
        return None
    name = case.chain.peer.name
    return Finding(
        "missing-client",
        "warning",
        f"{name} is a trusted proxy but does not say whom it speaks for, so it counts as the client.",
        "none of X-Forwarded-For, Forwarded for= and X-Real-IP came",
        at_proxy("client", case.product, value=case.peer_word),
    )


def client_hidden(case: Case) -> Finding | None:
    """``unknown`` or an obfuscated identifier in the trusted part of the list."""
    text = case.chain.stopped_at
    if text is None or not is_hidden_node(text):
        return None
    return Finding(
        "client-hidden",
        "info",
        f"A trusted proxy hides its client behind {shown(text, 60)!r}; {case.chain.client.value} is the last "
        "machine known.",
        claims_line(case),
        at_proxy("client", case.product, value=case.peer_word),
    )


def client_disagreement(case: Case) -> Finding | None:
    """X-Real-IP, CF-Connecting-IP … name somebody who is not on the trusted way."""
    chain = case.chain
    if not chain.claims:
        return None
    for other in chain.others:
        name, address = other.name, other.address
        if address is None or other.key in NOT_COMPARED or _is_on_trusted_way(address, case):
            continue
        return Finding(
            "client-disagreement",
            "warning",
            f"{name} names {address.text}, but {chain.client.value} was decided. An app that reads {name} "
            "sees another client.",
            f"{header_line(case, other.key, name)}; {claims_line(case)}",
            _disagreement_fix(case, name, address),
        )
    return None


def _is_on_trusted_way(address: Address, case: Case) -> bool:
    chain = case.chain
    if address.text in (chain.client.value, chain.peer.value):
        return True
    nearest = chain.nodes[max(0, chain.client_index - chain.first_shown) :]
    return any(node is not None and node.text == address.text for node in nearest)


def _disagreement_fix(case: Case, name: str, address: Address) -> str:
    chain = case.chain
    client = chain.client_address
    if client is not None and is_cloudflare(client):
        return trusting_cloudflare(case.trusted)
    before = parse_node(chain.claims[chain.client_index - 1]) if chain.client_index else None
    if client is not None and before is not None and before.text == address.text:
        return trusting(case.trusted, client.text)
    return at_proxy("remove", case.product, name=name)


def private_client(case: Case) -> Finding | None:
    """The client is an address that is never routed on the Internet."""
    chain = case.chain
    client = chain.client_address
    if (
        client is None
        or client.is_public
        or chain.client.source == "connection"
        or chain.stopped_at is not None
    ):
        return None
    outer = _public_further_out(case)
    if outer is None:
        return Finding(
            "private-client",
            "info",
            f"The client {client.text} has a {client.kind} address: right for a visitor from inside, "
            "otherwise one more proxy that does not say whom it speaks for.",
            claims_line(case),
            at_proxy("client", case.product, value=client.text),
        )
    if _count_is_too_small(case):
        return None
    return Finding(
        "private-client",
        "warning",
        f"The decided client {client.text} has a {client.kind} address, and {outer} stands further out: "
        f"{client.text} looks like one more proxy of yours.",
        claims_line(case),
        trusting(case.trusted, client.text),
    )


def _public_further_out(case: Case) -> str | None:
    chain = case.chain
    for node in reversed(chain.nodes[: max(0, chain.client_index - chain.first_shown)]):
        if node is not None and node.is_public:
            return node.text
    return None


def _count_is_too_small(case: Case) -> bool:
    chain, count = case.chain, case.trusted.hop_count
    client = chain.client_address
    ends_by_count = bool(count) and 0 < chain.client_index == len(chain.claims) - count
    is_inside = client is None or not client.is_public
    return ends_by_count and is_inside and _public_further_out(case) is not None


def spoofable_leftmost(case: Case) -> Finding | None:
    """Reading from the left would give somebody else."""
    chain = case.chain
    if chain.client_index == 0 or chain.too_short or not chain.claims:
        return None
    client = chain.client_address
    if client is None or is_cloudflare(client) or (not client.is_public and _public_further_out(case)):
        return None  # what stands further left is then more likely the true client, see the other findings
    leftmost = parse_node(chain.claims[0])
    if leftmost is not None and leftmost.text == client.text:
        return None
    return Finding(
        "spoofable-leftmost",
        "info",
        f"Whoever reads {chain.source} from the left takes {shown(chain.claims[0], 60)!r} for the client. "
        f"Anyone can write that; {client.text} is the one that a trusted proxy saw.",
        claims_line(case),
        at_proxy("client-overwrite", case.product),
    )


def chain_longer_than_hop_count(case: Case) -> Finding | None:
    """More addresses than the trusted number of proxies can have written."""
    chain, count = case.chain, case.trusted.hop_count
    if not count or chain.client_index == 0 or chain.client_index != len(chain.claims) - count:
        return None
    too_small = _count_is_too_small(case)
    guess = "one more proxy of yours" if too_small else "what the client sent itself"
    return Finding(
        "chain-longer-than-hop-count",
        "warning" if too_small else "info",
        f"{chain.source} has {len(chain.claims)} addresses, and {count} "
        f"{'proxy is' if count == 1 else 'proxies are'} trusted by count. The rest is probably {guess}.",
        claims_line(case),
        trusting_count(case.trusted, count + 1) if too_small else at_proxy("client-overwrite", case.product),
    )


def chain_shorter_than_hop_count(case: Case) -> Finding | None:
    """Fewer addresses than the trusted number of proxies must have written."""
    if not case.chain.too_short:
        return None
    total = len(case.chain.claims)
    return Finding(
        "chain-shorter-than-hop-count",
        "warning",
        f"{case.trusted.hop_count} proxies are trusted by count, but {case.chain.source} has only {total} "
        f"address{'es' if total > 1 else ''}: somebody went around a proxy, or the number is too high.",
        claims_line(case),
        trusting_count(case.trusted, total),
    )


def too_many_hops(case: Case) -> Finding | None:
    """A list that no real way could make."""
    total = len(case.chain.claims)
    if total <= MAX_NEAREST:
        return None
    return Finding(
        "too-many-hops",
        "warning",
        f"{case.chain.source} has {total} elements, of which the {MAX_NEAREST} nearest to us are shown. No "
        "real way is that long.",
        claims_line(case),
        at_proxy("client-overwrite", case.product),
    )


def claims_line(case: Case) -> str:
    """The list as it arrived; of a long one the end nearest to us."""
    claims = case.chain.claims
    text = ", ".join(claim[:100] for claim in claims[-8:])
    return f"{case.chain.source}: {'…, ' if len(claims) > 8 else ''}{shown(text, 240)}"
