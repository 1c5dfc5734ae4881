"""Scheme, host, port and prefix: what trusted proxies state about them, and which statement holds.

Knows the chain's outcome and the header fields. The rules:

- Only a trusted peer's headers are read at all. Otherwise the socket decides, and for the host the request
  target (absolute-form) or ``Host``, as RFC 9112 section 3.2.2 has it.
- Prefixes add up: each trusted proxy that cut one off appends it, so those of all trusted proxies, from the
  left, are one prefix.
- In a list the values are matched with the trusted proxies from the right, one each; the value of the
  outermost trusted proxy holds. A list that is shorter than the row of trusted proxies gives its leftmost
  value: a single value was set, or passed on, by the proxy nearest to us.
- Where several headers speak, the first in the order of ``FORWARDING_HEADERS`` holds: X-Forwarded-* before
  Forwarded, because nearly every proxy writes the former at the step nearest to us and passes a client's
  Forwarded on untouched; X-Forwarded-Proto before the on/off headers. The others are kept for the findings.
- A Forwarded that contradicts X-Forwarded-* is the client's own: nothing of it decides.
- A value that is no scheme, host, port or prefix is skipped as if it were not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from yourl.http1.grammar import Authority, parse_authority, parse_port
from yourl.http1.target import RequestTarget
from yourl.text import excerpt

from .addresses import parse_node
from .chain import Chain, position
from .fields import (
    FORWARDING_HEADERS,
    Fields,
    elements,
    parse_prefix,
    parse_presence,
    parse_scheme,
    parse_switch,
)
from .verdict import DEFAULT_PORTS, Connection, Decided


class Statement(NamedTuple):
    """What one header says. ``value`` is None when it says nothing intelligible."""

    value: Any
    source: str
    text: str
    surplus: int
    """How many values stand left of the one that was read: none of them written by a proxy that we trust."""
    header: str
    """The header's name alone."""


class Statements(NamedTuple):
    """All that the headers state, in the order in which they are believed."""

    scheme: list[Statement]
    host: list[Statement]
    port: list[Statement]
    prefix: list[Statement]
    odd: list[Statement]
    """Those among them that are unintelligible or have a surplus."""
    contradiction: list[str]
    """What X-Forwarded-* and what Forwarded says, where they differ about client, scheme or host."""


_PARSERS: dict[str, Callable[[str], Any]] = {
    "scheme": parse_scheme,
    "host": parse_authority,
    "port": parse_port,
    "prefix": parse_prefix,
}
_READINGS: dict[str, Callable[[str], Any]] = {"switch": parse_switch, "presence": parse_presence}
_SLOTS = ("scheme", "host", "port", "prefix")
_PREFIX = _SLOTS.index("prefix")


class _Reader(NamedTuple):
    rank: int
    name: str
    slot: int
    parse: Callable[[str], Any]
    is_list: bool


_READERS: dict[str, _Reader] = {
    key: _Reader(
        rank,
        header.name,
        _SLOTS.index(header.about),
        _READINGS.get(header.reading) or _PARSERS[header.about],
        header.shape == "list",
    )
    for rank, (key, header) in enumerate(FORWARDING_HEADERS.items())
    if header.about in _PARSERS
}


def statements_of(fields: Fields, chain: Chain) -> Statements:
    """Read what the headers say for the outermost machine that may report."""
    found = Statements([], [], [], [], [], [])
    by_slot = (found.scheme, found.host, found.port, found.prefix)
    depth = max(1, chain.reporters)
    readers = [(_READERS[key], key) for key in fields.named if key in _READERS]
    if len(readers) > 1:
        readers.sort()
    for reader, key in readers:
        # What is only looked at for being there may hold commas: X-ARR-SSL is a certificate's name.
        values = fields[key][-1:] if reader.parse is parse_presence else elements(fields[key])
        if values:
            index = max(0, len(values) - depth) if reader.is_list else len(values) - 1
            source = f"{reader.name}[{index}]" if len(values) > 1 else reader.name
            text = values[index]
            value = reader.parse(text)
            if reader.slot == _PREFIX and len(values) - index > 1:
                text, value = ", ".join(values[index:]), _joined_prefix(values[index:])
            statement = Statement(value, source, text, index, reader.name)
            by_slot[reader.slot].append(statement)
            if index or value is None:
                found.odd.append(statement)
    if chain.forwarded:
        _add_forwarded(chain, depth, found)
    return found


def _joined_prefix(values: list[str]) -> str | None:
    """``/a`` that the outer proxy cut off and ``/b`` that the inner one did are ``/a/b``."""
    parts = [parse_prefix(text) for text in values]
    return None if None in parts else parse_prefix("".join(map(str, parts)) or "/")


_RANK_BEFORE_FORWARDED = ("X-Forwarded-Proto", "X-Forwarded-Host")


def _add_forwarded(chain: Chain, depth: int, found: Statements) -> None:
    """``proto`` and ``host`` of the element that the outermost trusted proxy wrote.

    Forwarded keeps what each proxy said in one element, so an element without ``proto`` states none.
    X-Forwarded-* rank before it, other headers after it.
    """
    index = max(0, len(chain.forwarded) - depth)
    element = chain.forwarded[index]
    for listed, name, text, parse in (
        (found.scheme, "proto", element.proto, _PARSERS["scheme"]),
        (found.host, "host", element.host, _PARSERS["host"]),
    ):
        if text is not None:
            statement = Statement(parse(text), f"Forwarded[{index}].{name}", text, index, "Forwarded")
            first_is_x = bool(listed) and listed[0].header in _RANK_BEFORE_FORWARDED
            listed.insert(1 if first_is_x else 0, statement)
            if statement.value is None:
                found.odd.append(statement)
    found.contradiction.extend(
        _opposed(found.scheme) or _opposed(found.host) or _opposed_clients(chain, depth) or ()
    )


def _opposed(listed: list[Statement]) -> tuple[str, str] | None:
    ours = next((one for one in listed if one.header == "Forwarded" and one.value is not None), None)
    other = next((one for one in listed if one.header in _RANK_BEFORE_FORWARDED), None)
    if ours is None or other is None or other.value in (None, ours.value):
        return None
    if isinstance(ours.value, tuple) and ours.value[0] == other.value[0]:
        return None  # the same host, once with its port and once without
    return said(other), said(ours)


def _opposed_clients(chain: Chain, reporters: int) -> tuple[str, str] | None:
    depth = min(reporters, len(chain.forwarded), len(chain.claims))
    if chain.source == "Forwarded" or not depth:
        return None
    place, claim = len(chain.forwarded) - depth, len(chain.claims) - depth
    node = parse_node(chain.forwarded[place].node or "")
    other = parse_node(chain.claims[claim])
    if node is None or other is None or node.text == other.text:
        return None
    return f"{position(chain.source, claim)}: {other.text}", f"{position('Forwarded', place)}: {node.text}"


def said(statement: Statement) -> str:
    """``X-Forwarded-Proto[1]: https``."""
    return f"{statement.source}: {excerpt(statement.text)}"


BELIEVED = frozenset(header.name for header in FORWARDING_HEADERS.values() if header.believed)
"""Names of the headers in which the statement of a trusted proxy can decide."""


def believed(listed: list[Statement], stated: Statements, chain: Chain) -> Statement | None:
    """The first statement that holds, or None; none holds when the peer is not trusted."""
    if chain.peer_rule is not None:
        for statement in listed:
            if statement.value is not None and statement.header in BELIEVED:
                if stated.contradiction and statement.header == "Forwarded":
                    continue
                return statement
    return None


def decide_scheme(connection: Connection, chain: Chain, stated: Statement | None) -> Decided:
    """http or https."""
    if stated is not None:
        text = f" ({excerpt(stated.text)})" if stated.text != stated.value else ""
        why = f"{stated.source} says {stated.value}{text}; {_sender(chain)}"
        return Decided(stated.value, stated.source, "proxy", why)
    return Decided(
        connection.scheme,
        "connection",
        "socket",
        f"{connection.scheme} is what our own socket speaks{_unsaid(chain, 'scheme')}",
    )


def decide_host(
    connection: Connection, chain: Chain, stated: Statement | None, fields: Fields, target: RequestTarget
) -> tuple[Decided, Authority | None]:
    """The host, and the authority it was taken from (for the port)."""
    if stated is not None:
        why = f"{stated.source} says {stated.value.host}; {_sender(chain)}"
        return Decided(stated.value.host, stated.source, "proxy", why), stated.value
    if target.authority is not None:
        why = "the request target itself names the host, which goes before Host (RFC 9112 section 3.2.2)"
        return Decided(target.authority.host, "request target", "client", why), target.authority
    lines = fields.get("host", ())
    authority = parse_authority(lines[0].strip()) if len(lines) == 1 else None
    if authority is not None:
        return Decided(authority.host, "Host", "client", f"Host says so{_unsaid(chain, 'host')}"), authority
    told = (
        "there is no Host header"
        if not lines
        else f"Host is not one valid name: {excerpt(', '.join(lines), 60)!r}"
    )
    return _own_address(connection, told)


def _own_address(connection: Connection, told: str) -> tuple[Decided, Authority | None]:
    authority = parse_authority(f"[{connection.server}]" if ":" in connection.server else connection.server)
    if authority is None:
        return Decided(None, "connection", "default", f"{told}, and our socket has no address"), None
    own = Authority(authority.host, connection.server_port)
    why = f"{told}, so the address of our own socket stands in"
    return Decided(own.host, "connection", "socket", why), own


def decide_port(
    chain: Chain, scheme: Decided, host: Decided, authority: Authority | None, stated: Statement | None
) -> Decided:
    """X-Forwarded-Port, else the port beside the host, else the scheme's own."""
    if stated is not None:
        why = f"{stated.source} says {stated.value}; {_sender(chain)}"
        return Decided(stated.value, stated.source, "proxy", why)
    if authority is not None and authority.port is not None:
        why = f"it stands beside the host in {host.source}"
        return Decided(authority.port, host.source, host.basis, why)
    default = DEFAULT_PORTS.get(str(scheme.value))
    why = f"no port is named, and {default} is the one of {scheme.value}"
    return Decided(default, scheme.source, "proxy" if scheme.trusted else "default", why)


_NO_PREFIX = Decided("", "connection", "default", "the path is as it arrived")
_NO_PREFIX_NAMED = Decided(
    "", "connection", "default", "the path is as it arrived; no trusted header names a prefix"
)


def decide_prefix(chain: Chain, stated: Statement | None) -> Decided:
    """What a proxy cut off the front of the path."""
    if stated is not None:
        why = f"{stated.source} says {stated.value or '/'}; {_sender(chain)}"
        return Decided(stated.value, stated.source, "proxy", why)
    return _NO_PREFIX_NAMED if chain.peer_rule else _NO_PREFIX


def _sender(chain: Chain) -> str:
    return f"{chain.peer.name} ({chain.peer_rule}) sent it"


def _unsaid(chain: Chain, about: str) -> str:
    return f"; no trusted header names a {about}" if chain.peer_rule else ""
