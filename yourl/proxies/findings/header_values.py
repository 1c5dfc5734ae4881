"""Findings about header values: doubled, malformed, or against each other."""

from __future__ import annotations

from yourl.text import excerpt

from ..case import Case, header_line
from ..chain import MAX_HOPS, position
from ..fields import FORWARDING_HEADERS, elements
from ..fixes import overwriting
from ..fixes.check import Request, forged
from ..forwarded import is_hidden_node
from .client import NOT_COMPARED
from .kind import Problem, When, finding


@finding(
    "forwarded-contradiction",
    "warning",
    "Forwarded and X-Forwarded-* say different things.",
    topic="remove",
    when=When.FROM_TRUSTED | When.FORWARDED,
)
def forwarded_contradiction(case: Case) -> Problem | None:
    """RFC 7239 says one thing, the older headers another."""
    pair = case.stated.contradiction
    if not pair:
        return None
    return Problem(
        "Forwarded and X-Forwarded-* do not agree. X-Forwarded-* was taken: most proxies write it themselves "
        "and pass a client's Forwarded on as it came.",
        f"{pair[0]}; {pair[1]}",
        name="Forwarded",
        request=Request(send=forged("Forwarded")),
    )


@finding(
    "duplicate-forwarding-header",
    "warning",
    "A forwarding header has more values than trusted proxies wrote.",
    topic="overwrite",
    when=When.FROM_TRUSTED | When.MAY_BE_DOUBLED,
)
def duplicate_forwarding_header(case: Case) -> Problem | None:
    """More values than the trusted proxies wrote, or several where there can be but one."""
    for one in case.stated.odd:
        if one.surplus and one.header != "Forwarded":
            return _duplicate(case, one.header)
    for other in case.chain.others:
        if len(other.texts) > 1 and FORWARDING_HEADERS[other.key].shape == "single":
            return _duplicate(case, other.name)
    if case.chain.source == "X-Real-IP" and len(elements(case.fields["x-real-ip"])) > 1:
        return _duplicate(case, "X-Real-IP")
    return None


def _duplicate(case: Case, name: str) -> Problem:
    return Problem(
        f"{name} has more values than the trusted proxies can have written. An app that takes the first one "
        "believes the client.",
        header_line(case, name.lower(), name),
        overwriting(name, case.product),
        request=Request(send=forged(name)),
    )


@finding(
    "malformed-forwarding-header",
    "warning",
    "A forwarding header holds something that is no value of its kind.",
    topic="overwrite",
    when=When.MAY_BE_MALFORMED,
)
def malformed_forwarding_header(case: Case) -> Problem | None:
    """Garbage where a scheme, host, port, path or address should be."""
    for one in case.stated.odd:
        if one.value is None:
            return _malformed(case, one.header, one.source, one.text)
    elements_seen = case.chain.forwarded
    for index in range(max(0, len(elements_seen) - MAX_HOPS), len(elements_seen)):
        if elements_seen[index].malformed:
            return _malformed(case, "Forwarded", f"Forwarded[{index}]", elements_seen[index].text)
    return _malformed_claim(case) or _malformed_client_header(case)


def _malformed_claim(case: Case) -> Problem | None:
    chain = case.chain
    if None not in chain.nodes:
        return None
    for index in range(len(chain.claims) - 1, chain.first_shown - 1, -1):
        text = chain.claims[index]
        if chain.nodes[index - chain.first_shown] is None and not is_hidden_node(text):
            # Left of the client it is the client's own garbage; our proxies did not write it.
            severity = "info" if index < chain.client_index - 1 else "warning"
            return _malformed(case, chain.source, position(chain.source, index), text, severity)
    return None


def _malformed_client_header(case: Case) -> Problem | None:
    for other in case.chain.others:
        if other.address is None and other.key not in NOT_COMPARED:
            return _malformed(case, other.name, other.name, ", ".join(other.texts[-2:]))
    return None


def _malformed(case: Case, name: str, source: str, text: str, severity: str = "warning") -> Problem:
    return Problem(
        f"{source} holds no value of its kind, so it was not used.",
        f"{source}: {excerpt(text)!r}",
        overwriting(name, case.product),
        severity,
    )
