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

_ANY_REQUEST: tuple[Check, ...] = (
    url.redirect_loop_ahead,
    url.tls_unannounced,
    url.host_not_allowed,
    url.invalid_host,
    url.port_lost,
    fields.websocket_not_passed,
)
_PROXIED: tuple[Check, ...] = (
    *_ANY_REQUEST,
    fields.hop_by_hop_passed_on,
    fields.malformed_forwarding_header,
    client.too_many_hops,
)
_BY_UNTRUSTED: tuple[Check, ...] = (*_PROXIED, client.forwarded_by_untrusted)
_BY_TRUSTED: tuple[Check, ...] = (
    *_PROXIED,
    url.missing_proto,
    url.scheme_disagreement,
    url.missing_host,
    url.host_disagreement,
    url.port_disagreement,
    url.prefix_not_announced,
    client.missing_client,
    client.client_hidden,
    client.client_disagreement,
    client.private_client,
    client.spoofable_leftmost,
    client.chain_longer_than_hop_count,
    client.chain_shorter_than_hop_count,
    fields.forwarded_contradiction,
    fields.duplicate_forwarding_header,
)
_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def findings_in(case: Case) -> tuple[Finding, ...]:
    """All findings, the gravest first."""
    found = [finding for check in _checks_for(case) if (finding := check(case)) is not None]
    if len(found) > 1:
        found.sort(key=lambda finding: _GRAVITY[finding.severity])
    return tuple(found)


def _checks_for(case: Case) -> tuple[Check, ...]:
    """A trusted peer that forwards nothing is an ordinary client, a health probe say."""
    if not case.proxied:
        return _ANY_REQUEST
    return _BY_TRUSTED if case.chain.peer_rule is not None else _BY_UNTRUSTED
