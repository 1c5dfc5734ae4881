"""Every finding's code and meaning, and the checks that look for them.

A check looks at one ``Case`` and answers with one finding or None. It speaks only when the evidence is there:
a plain direct request has no finding, and one through a rightly configured, trusted proxy none above info.
"""

from __future__ import annotations

from collections.abc import Callable

from . import findings_client as client
from . import findings_fields as fields
from . import findings_url as url
from .verdict import Finding
from .witnesses import Case

FINDING_CODES: dict[str, str] = {
    "redirect-loop-ahead": "The client uses https, an app here sees http: forcing HTTPS would never end.",
    "tls-unannounced": "TLS ends before us and no header says so.",
    "missing-proto": "A trusted proxy does not say which scheme the client used.",
    "scheme-disagreement": "Trusted headers name different schemes.",
    "host-not-allowed": "The decided host is none of the names that this server answers to.",
    "invalid-host": "Host is missing, doubled or no valid name.",
    "missing-host": "A trusted proxy replaced Host and does not say what it was.",
    "host-disagreement": "Trusted headers name different hosts.",
    "port-disagreement": "Trusted headers name different ports, or one that belongs to the other scheme.",
    "port-lost": "The port that the client used is missing from the host.",
    "prefix-not-announced": "A proxy cut a prefix off the path and does not say so.",
    "forwarded-by-untrusted": "Forwarding headers came from a peer that is not trusted; none was believed.",
    "missing-client": "A trusted proxy does not say whom it speaks for.",
    "client-hidden": "A trusted proxy hides the address of its client.",
    "client-disagreement": "Another header names another client than the one decided.",
    "private-client": "The decided client has an address that is never routed on the Internet.",
    "spoofable-leftmost": "The leftmost address is not the client; anyone can make it up.",
    "chain-longer-than-hop-count": "The address list is longer than the number of trusted proxies.",
    "chain-shorter-than-hop-count": "The address list is shorter than the number of trusted proxies.",
    "too-many-hops": "The address list is too long to be shown whole.",
    "forwarded-contradiction": "Forwarded and X-Forwarded-* say different things.",
    "duplicate-forwarding-header": "A forwarding header has more values than trusted proxies wrote.",
    "malformed-forwarding-header": "A forwarding header holds something that is no value of its kind.",
    "websocket-not-passed": "A WebSocket handshake lost its Upgrade or Connection header on the way.",
    "hop-by-hop-passed-on": "A proxy passed on a header that is meant for one connection only.",
}
"""Every code that a finding can have, with its meaning in one line."""

Check = Callable[[Case], Finding | None]
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def findings_in(case: Case) -> tuple[Finding, ...]:
    """All findings, the gravest first."""
    found = [finding for check in _checks_worth_making(case) if (finding := check(case)) is not None]
    if len(found) > 1:
        found.sort(key=lambda finding: _GRAVITY[finding.severity])
    return tuple(found)


def _checks_worth_making(case: Case) -> list[Check]:
    """The checks that could speak at all; asking them all costs as much as the decision itself.

    A trusted peer that forwards nothing is an ordinary client, a health probe say, and is treated like one.
    """
    worth: list[Check] = []
    if case.scheme.value == "http":
        worth += (url.redirect_loop_ahead, url.tls_unannounced)
    if case.allowed_hosts:
        worth.append(url.host_not_allowed)
    if case.host.source != "Host":
        worth.append(url.invalid_host)
    if "origin" in case.fields or "referer" in case.fields or case.stated.port:
        worth.append(url.port_lost)
    if "sec-websocket-key" in case.fields:
        worth.append(fields.websocket_not_passed)
    if case.proxied:
        _add_proxied(case, worth)
        if case.chain.peer_rule is None:
            worth.append(client.forwarded_by_untrusted)
        else:
            _add_url_checks(case, worth)
            _add_client_checks(case, worth)
    return worth


def _add_proxied(case: Case, worth: list[Check]) -> None:
    chain = case.chain
    worth.append(fields.hop_by_hop_passed_on)
    if case.stated.odd or chain.others or chain.forwarded or None in chain.nodes:
        worth.append(fields.malformed_forwarding_header)
    if chain.first_shown:
        worth.append(client.too_many_hops)


def _add_url_checks(case: Case, worth: list[Check]) -> None:
    stated = case.stated
    if not stated.scheme:
        worth.append(url.missing_proto)
    elif len(stated.scheme) > 1:
        worth.append(url.scheme_disagreement)
    if not case.host.trusted:
        worth.append(url.missing_host)
    if len(stated.host) > 1:
        worth.append(url.host_disagreement)
    if stated.port:
        worth.append(url.port_disagreement)
    if not case.prefix.value:
        worth.append(url.prefix_not_announced)


def _add_client_checks(case: Case, worth: list[Check]) -> None:
    chain = case.chain
    if not chain.claims:
        worth.append(client.missing_client)
    elif chain.client_index:
        worth += (
            client.spoofable_leftmost,
            client.chain_longer_than_hop_count,
            client.chain_shorter_than_hop_count,
        )
    if chain.client_address is not None and not chain.client_address.is_public:
        worth += (client.private_client, client.client_hidden)
    elif chain.stopped_at is not None:
        worth.append(client.client_hidden)
    if chain.others:
        worth.append(client.client_disagreement)
    if chain.forwarded:
        worth.append(fields.forwarded_contradiction)
    if case.stated.odd or chain.others or chain.source == "X-Real-IP":
        worth.append(fields.duplicate_forwarding_header)
