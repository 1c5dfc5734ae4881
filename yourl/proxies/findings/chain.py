"""Findings about trust and the list of addresses: not trusted, too long, too short, or open to forgery."""

from __future__ import annotations

from yourl.text import excerpt

from ..addresses import parse_node
from ..case import Case, header_line
from ..chain import MAX_NEAREST
from ..fields import FORWARDING_HEADERS, elements
from ..fixes import at_proxy, only_if, trusting_count
from ..fixes.check import Request, forged
from ..fixes.cloudflare import is_cloudflare
from ..fixes.products import EDGE_VENDORS, TWO_ADDRESSES, vendor_is_there
from ..forwarded import is_hidden_node
from .kind import Problem, When, finding
from .scheme import trusting_peer


@finding(
    "forwarded-by-untrusted",
    "warning",
    "Forwarding headers came from a peer that is not trusted; none was believed.",
    topic="trust",
    when=When.FROM_UNTRUSTED,
)
def forwarded_by_untrusted(case: Case) -> Problem | None:
    """Headers that would decide, from a peer that may not."""
    named = case.fields.named
    if not named:
        return None
    peer, first = case.chain.peer, FORWARDING_HEADERS[named[0]].name
    more = f" and {len(named) - 1} more of its kind" if len(named) > 1 else ""
    if peer.address is not None and peer.address.is_public:
        advice = "Unless that is a proxy of yours, they are made up and were rightly ignored."
    else:
        advice = "If that is your proxy, trust it."
    return Problem(
        f"{peer.name} sent {first}{more}, but it is not trusted, so nothing of it was believed. {advice}",
        f"{header_line(case, named[0], first)}; from {peer.name}",
        trusting_peer(case),
    )


@finding(
    "spoofable-leftmost",
    "info",
    "The leftmost address is not the client; anyone can make it up.",
    topic="client-overwrite",
    when=When.FROM_TRUSTED | When.LIST_GOES_ON,
    request=Request(send=forged("X-Forwarded-For")),
)
def spoofable_leftmost(case: Case) -> Problem | None:
    """Reading from the left would give somebody else."""
    chain = case.chain
    if chain.too_short:
        return None
    client, leftmost = chain.client_address, parse_node(chain.claims[0])
    if client is None or is_cloudflare(client) or (not client.is_public and public_further_out(case)):
        return None  # what stands further left is then more likely the true client, see the other findings
    if leftmost is not None and leftmost.text == client.text:
        return None
    if is_hidden_node(chain.claims[0]) or (client.is_public and leftmost and not leftmost.is_public):
        return None  # a forward proxy of the visitor's own, which hides or names a machine behind it
    return Problem(
        f"An app that reads {chain.source} from the left takes {excerpt(chain.claims[0], 60)!r} for the "
        f"client. Anyone can write that; {client.text} is the one that a trusted proxy saw.",
        claims_line(case),
    )


@finding(
    "chain-longer-than-hop-count",
    "info",
    "The address list is longer than the number of trusted proxies.",
    topic="client-overwrite",
    when=When.FROM_TRUSTED | When.LIST_GOES_ON,
    request=Request(send=forged("X-Forwarded-For")),
)
def chain_longer_than_hop_count(case: Case) -> Problem | None:
    """More addresses than the trusted number of proxies can have written."""
    chain, count = case.chain, case.trusted.hop_count
    if not count or chain.client_index != len(chain.claims) - count:
        return None
    is_confirmed = count_is_confirmed(case)
    too_small = is_confirmed or count_is_too_small(case)
    right = len(chain.claims) - _claim_confirmed(case) if is_confirmed else count + 1
    more = only_if(f"{right} proxies stand before yourl", trusting_count(case.trusted, right))
    return Problem(
        f"{chain.source} has {len(chain.claims)} addresses, and {count} "
        f"{'proxy is' if count == 1 else 'proxies are'} trusted by count. Either the client sent the rest, "
        "or there are more proxies than that.",
        claims_line(case),
        more if too_small else f"{at_proxy('client-overwrite', case.product)}\n{more}",
        "warning" if is_confirmed or (too_small and outer_is_confirmed(case)) else "info",
    )


@finding(
    "chain-shorter-than-hop-count",
    "warning",
    "The address list is shorter than the number of trusted proxies.",
    topic="trust",
    when=When.FROM_TRUSTED | When.LIST_GOES_ON,
)
def chain_shorter_than_hop_count(case: Case) -> Problem | None:
    """Fewer addresses than the trusted number of proxies must have written."""
    if not case.chain.too_short:
        return None
    total = len(case.chain.claims)
    return Problem(
        f"{case.trusted.hop_count} proxies are trusted by count, but {case.chain.source} has only {total} "
        f"address{'es' if total > 1 else ''}: a request went around a proxy, or the number is too high.",
        claims_line(case),
        trusting_count(case.trusted, total),
    )


@finding(
    "too-many-hops",
    "warning",
    "The address list is too long to be shown whole.",
    topic="client-overwrite",
    when=When.LIST_IS_LONG,
    request=Request(send=forged("X-Forwarded-For")),
)
def too_many_hops(case: Case) -> Problem | None:
    """A list that no real way could make."""
    return Problem(
        f"{case.chain.source} has {len(case.chain.claims)} elements or more; the {MAX_NEAREST} nearest to "
        "us are shown. No real way is that long.",
        claims_line(case),
    )


def public_further_out(case: Case) -> str | None:
    """The nearest public address left of the client, or None."""
    chain = case.chain
    for node in reversed(chain.nodes[: max(0, chain.client_index - chain.first_shown)]):
        if node is not None and node.is_public:
            return node.text
    return None


def count_is_too_small(case: Case) -> bool:
    """Whether the client is an inside machine that only the hop count makes the client."""
    chain, count = case.chain, case.trusted.hop_count
    client = chain.client_address
    ends_by_count = bool(count) and 0 < chain.client_index == len(chain.claims) - count
    is_inside = client is None or not client.is_public
    return ends_by_count and is_inside and public_further_out(case) is not None


def count_is_confirmed(case: Case) -> bool:
    """Whether a platform's own header or mark places the client further out than the count reaches."""
    chain, count = case.chain, case.trusted.hop_count
    ends_by_count = bool(count) and 0 < chain.client_index == len(chain.claims) - count
    return ends_by_count and _claim_confirmed(case) >= 0


def _claim_confirmed(case: Case) -> int:
    """The index of the claim left of the client that a platform names; -1 for none."""
    chain = case.chain
    named = {
        one.address.text
        for one in chain.others
        if one.address is not None
        and FORWARDING_HEADERS[one.key].vendor
        and vendor_is_there(FORWARDING_HEADERS[one.key].vendor, case.fields)
    }
    for index in range(chain.client_index - 1, chain.first_shown - 1, -1):
        node = chain.nodes[index - chain.first_shown]
        if node is not None and node.text in named:
            return index
    is_first_of_two = case.trusted.hop_count == 1 and case.product in TWO_ADDRESSES
    return chain.client_index - 1 if is_first_of_two else -1


def outer_client(case: Case) -> str | None:
    """What says that an inside client is a proxy: an address further out, or marks of an edge network."""
    outer = public_further_out(case)
    if outer is not None:
        return f"{outer} stands further out"
    replaced = next((one for one in case.chain.others if one.key == "x-original-forwarded-for"), None)
    if replaced is not None and replaced.address is not None and replaced.address.is_public:
        return f"X-Original-Forwarded-For names {replaced.address.text}"
    vendor = next((name for name in EDGE_VENDORS if vendor_is_there(name, case.fields)), None)
    return f"the request came through {vendor}" if vendor is not None else None


def outer_is_confirmed(case: Case) -> bool:
    """Whether a second header agrees that a proxy stood between: another name, scheme or Via."""
    outer, fields = public_further_out(case), case.fields
    if any(one.address is not None and one.address.text == outer for one in case.chain.others):
        return True
    return any(len(elements(fields[key])) > 1 for key in ("x-forwarded-proto", "via") if key in fields)


def claims_line(case: Case) -> str:
    """The list as it arrived; of a long one the end nearest to us."""
    claims = case.chain.claims
    text = ", ".join(claim[:100] for claim in claims[-8:])
    return f"{case.chain.source}: {'…, ' if len(claims) > 8 else ''}{excerpt(text, 240)}"
