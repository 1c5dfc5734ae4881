"""Findings about the scheme: TLS that ends before us, and what the headers say of it."""

from __future__ import annotations

from ..case import Case
from ..decision import Statement, said
from ..evidence.host import SILENCE_HEADERS, with_silence
from ..evidence.tls import TLS_HEADERS, tls_evidence
from ..fixes import at_proxy, only_if, trusting
from ..fixes.check import Request, forged
from ..fixes.cloudflare import is_cloudflare
from .kind import Problem, When, finding


@finding(
    "redirect-loop-ahead",
    "error",
    "The client uses https, an app here sees http: forcing HTTPS would never end.",
    topic="scheme",
    when=When.SCHEME_IS_HTTP | When.TLS_CAN_BE_PLACED,
    headers=TLS_HEADERS,
    request=Request(expect="scheme:https"),
)
def redirect_loop_ahead(case: Case) -> Problem | None:
    """What an app that forces HTTPS would do here."""
    evidence = tls_evidence(case)
    if evidence is None:
        return None
    return Problem(
        "The client seems to use https, but an app here sees http. If it forces HTTPS, it redirects "
        f"https://{case.host.value} to itself again and again.",
        evidence,
        _scheme_fix(case),
        "warning" if _may_be_made_up(case, evidence) else "error",
    )


def _may_be_made_up(case: Case, evidence: str) -> bool:
    """True for the mere claim of an untrusted client from the Internet."""
    peer = case.chain.peer.address
    is_stranger = case.chain.peer_rule is None and peer is not None and peer.is_public
    return is_stranger and evidence.startswith(
        ("X-", "Forwarded", "Front-", "CloudFront", "Cf-", "Fastly", "Via")
    )


def _scheme_fix(case: Case) -> str:
    if case.chain.peer_rule is None:
        return trusting_peer(case)
    # Where one proxy only has reported, it is the one that ends TLS and has to say so itself.
    is_inner = bool(case.stated.scheme) and case.chain.reporters > 1
    fix = at_proxy("scheme-pass" if is_inner else "scheme", case.product, value=case.peer_name)
    return fix if case.proxied or case.product is not None else f"{fix}\n{_TERMINATOR}"


_TERMINATOR = (
    "# Where it passes bytes on rather than HTTP (hitch, stunnel, a TCP load balancer), let it speak PROXY\n"
    '# protocol (hitch: "write-proxy-v2 = on", stunnel: "protocol = proxy"); here: YOURL_PROXY_PROTOCOL=on.'
)


def trusting_peer(case: Case) -> str:
    """Our setting, widened by the peer; under a condition where it may be a visitor from the Internet."""
    setting = trusting(case.trusted, case.peer_name)
    peer = case.chain.peer
    is_public = peer.address is not None and peer.address.is_public and not is_cloudflare(peer.address)
    # Whom a load balancer names by the PROXY protocol is more likely its visitor than a proxy.
    if is_public or case.connection.proxy_header is not None:
        return only_if(f"{peer.name} is a proxy of yours and no visitor", setting)
    return setting


@finding(
    "tls-unannounced",
    "warning",
    "TLS ends before us and no header says so.",
    topic="scheme",
    when=When.SCHEME_IS_HTTP | When.TLS_CANNOT_BE_PLACED,
    headers=TLS_HEADERS,
    request=Request(expect="scheme:https"),
)
def tls_unannounced(case: Case) -> Problem | None:
    """Where no header says https and no peer is trusted, more than the scheme is missing."""
    evidence = tls_evidence(case)
    if evidence is None:
        return None
    told = f"{case.stated.scheme[0].source} says http" if case.stated.scheme else "no header says so"
    return Problem(
        f"TLS seems to end before us, and {told}. An app that forces HTTPS would redirect for ever.",
        evidence,
        f"{at_proxy('scheme', case.product)}\n# yourl\n{trusting_peer(case)}",
    )


@finding(
    "missing-proto",
    "warning",
    "A trusted proxy does not say which scheme the client used.",
    topic="scheme",
    when=When.FROM_TRUSTED | When.NO_SCHEME_STATED,
    headers=(*TLS_HEADERS, *SILENCE_HEADERS),
)
def missing_proto(case: Case) -> Problem | None:
    """A trusted proxy that does not name the scheme."""
    if case.connection.scheme == "https" or tls_evidence(case) is not None:
        return None
    return Problem(
        f"{case.chain.peer.name} does not say whether its client used http or https, so http is assumed.",
        with_silence(case, "none of X-Forwarded-Proto, Forwarded proto=, X-Forwarded-Ssl and the like came"),
        value=case.peer_name,
    )


@finding(
    "scheme-disagreement",
    "warning",
    "Trusted headers name different schemes.",
    topic="remove",
    when=When.FROM_TRUSTED | When.TWO_SCHEMES_STATED,
)
def scheme_disagreement(case: Case) -> Problem | None:
    """X-Forwarded-Proto against X-Forwarded-Ssl and the like."""
    pair = first_two_apart(case.stated.scheme)
    if pair is None or case.scheme.value == "http":
        return None  # where another header says https, redirect-loop-ahead tells
    first, other = pair
    return Problem(
        f"{first.source} says {first.value} but {other.source} says {other.value}; {case.scheme.value} was "
        f"taken from {case.scheme.source}, which ranks before the others.",
        f"{said(first)}; {said(other)}",
        name=other.header,
        request=Request(expect="scheme:https", send=forged(other.header)),
    )


def first_two_apart(listed: list[Statement]) -> tuple[Statement, Statement] | None:
    """The first statement and the first that says otherwise; Forwarded has a finding of its own."""
    understood = [one for one in listed if one.value is not None and one.header != "Forwarded"]
    for other in understood[1:]:
        if _bare(other) != _bare(understood[0]):
            return understood[0], other
    return None


def _bare(statement: Statement) -> object:
    return statement.value[0] if isinstance(statement.value, tuple) else statement.value
