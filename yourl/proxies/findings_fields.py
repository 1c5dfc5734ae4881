"""Findings about the fields themselves: doubled, malformed, contradictory, or not meant to get here."""

from __future__ import annotations

from .addresses import parse_node
from .chain import position
from .decision import Statement
from .fields import FORWARDING_HEADERS, elements, is_hidden_node, shown
from .findings_client import NOT_COMPARED
from .findings_url import said
from .fixes import at_proxy, overwriting
from .picture import MAX_HOPS
from .verdict import Finding
from .witnesses import Case, header_line


def forwarded_contradiction(case: Case) -> Finding | None:
    """RFC 7239 says one thing, the older headers another."""
    if not case.chain.forwarded:
        return None
    pair = _opposed(case.stated.scheme) or _opposed(case.stated.host) or _opposed_clients(case)
    if pair is None:
        return None
    return Finding(
        "forwarded-contradiction",
        "warning",
        "Forwarded and X-Forwarded-* do not agree. X-Forwarded-* was taken: most proxies write it themselves "
        "and pass a client's Forwarded on as it came.",
        f"{pair[0]}; {pair[1]}",
        at_proxy("remove", case.product, name="Forwarded"),
    )


def _opposed(listed: list[Statement]) -> tuple[str, str] | None:
    ours = next((one for one in listed if one.header == "Forwarded" and one.value is not None), None)
    other = next((one for one in listed if one.header[:12] == "X-Forwarded-" and one.value is not None), None)
    if ours is None or other is None or ours.value == other.value:
        return None
    if isinstance(ours.value, tuple) and ours.value[0] == other.value[0]:
        return None  # the same host, once with its port and once without
    return said(other), said(ours)


def _opposed_clients(case: Case) -> tuple[str, str] | None:
    chain = case.chain
    depth = min(max(1, chain.reporters), len(chain.forwarded), len(chain.claims))
    if chain.source == "Forwarded" or not depth:
        return None
    place, claim = len(chain.forwarded) - depth, len(chain.claims) - depth
    node = parse_node(chain.forwarded[place].node or "")
    other = parse_node(chain.claims[claim])
    if node is None or other is None or node.text == other.text:
        return None
    return f"{position(chain.source, claim)}: {other.text}", f"{position('Forwarded', place)}: {node.text}"


def duplicate_forwarding_header(case: Case) -> Finding | None:
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


def _duplicate(case: Case, name: str) -> Finding:
    return Finding(
        "duplicate-forwarding-header",
        "warning",
        f"{name} has more values than the trusted proxies can have written. An app that takes the first one "
        "believes whoever sent it.",
        header_line(case, name.lower(), name),
        overwriting(name, case.product),
    )


def malformed_forwarding_header(case: Case) -> Finding | None:
    """Garbage where a scheme, host, port, path or address should be."""
    for one in case.stated.odd:
        if one.value is None:
            return _malformed(case, one.header, one.source, one.text)
    elements_seen = case.chain.forwarded
    for index in range(max(0, len(elements_seen) - MAX_HOPS), len(elements_seen)):
        if elements_seen[index].malformed:
            return _malformed(case, "Forwarded", f"Forwarded[{index}]", elements_seen[index].text)
    return _malformed_claim(case) or _malformed_client_header(case)


def _malformed_claim(case: Case) -> Finding | None:
    chain = case.chain
    if None not in chain.nodes:
        return None
    for index in range(len(chain.claims) - 1, chain.first_shown - 1, -1):
        text = chain.claims[index]
        if chain.nodes[index - chain.first_shown] is None and not is_hidden_node(text):
            # Left of the client it is the client's own garbage, of which our proxies are innocent.
            severity = "info" if index < chain.client_index - 1 else "warning"
            return _malformed(case, chain.source, position(chain.source, index), text, severity)
    return None


def _malformed_client_header(case: Case) -> Finding | None:
    for other in case.chain.others:
        if other.address is None and other.key not in NOT_COMPARED:
            return _malformed(case, other.name, other.name, ", ".join(other.texts[-2:]))
    return None


def _malformed(case: Case, name: str, source: str, text: str, severity: str = "warning") -> Finding:
    return Finding(
        "malformed-forwarding-header",
        severity,
        f"{source} holds no value of its kind, so it was not used.",
        f"{source}: {shown(text)!r}",
        overwriting(name, case.product),
    )


def websocket_not_passed(case: Case) -> Finding | None:
    """A handshake without its hop-by-hop half (RFC 6455 section 4.2.1)."""
    if "sec-websocket-key" not in case.fields:
        return None
    has_upgrade = "websocket" in ",".join(case.fields.get("upgrade", ())).lower()
    is_named = "upgrade" in ",".join(case.fields.get("connection", ())).lower()
    if has_upgrade and is_named:
        return None
    missing = (("Upgrade: websocket", has_upgrade), ("Connection: upgrade", is_named))
    lost = " and ".join(name for name, is_there in missing if not is_there)
    return Finding(
        "websocket-not-passed",
        "warning",
        f"This is a WebSocket handshake without {lost}: a proxy dropped it, and the handshake must fail.",
        f"Sec-WebSocket-Key came; {header_line(case, 'connection', 'Connection')}",
        at_proxy("websocket", case.product),
    )


_ONE_CONNECTION_ONLY = (
    ("keep-alive", "Keep-Alive"),
    ("proxy-connection", "Proxy-Connection"),
    ("proxy-authorization", "Proxy-Authorization"),
    ("http2-settings", "HTTP2-Settings"),
)


_SUSPECTS = frozenset(("te", "upgrade", *(key for key, _ in _ONE_CONNECTION_ONLY)))


def hop_by_hop_passed_on(case: Case) -> Finding | None:
    """RFC 9110 section 7.6.1: a proxy removes these, and whatever Connection names."""
    fields = case.fields
    if _SUSPECTS.isdisjoint(fields) or not case.proxied:
        return None
    passed = [name for key, name in _ONE_CONNECTION_ONLY if key in fields]
    if "te" in fields and ",".join(fields["te"]).strip().lower() not in ("", "trailers"):
        passed.append("TE")
    if "upgrade" in fields and "h2c" in ",".join(fields["upgrade"]).lower():
        passed.append("Upgrade")
    if not passed:
        return None
    first = passed[0]
    line = (
        f"{first}: (not shown)" if first == "Proxy-Authorization" else header_line(case, first.lower(), first)
    )
    return Finding(
        "hop-by-hop-passed-on",
        "warning",
        f"A proxy passed on {' and '.join(passed)}, which belongs to one connection only and can confuse, or "
        "open, what stands behind.",
        line,
        "\n".join(at_proxy("remove", case.product, name=name) for name in passed),
    )
