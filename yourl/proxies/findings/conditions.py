"""Which preconditions hold for a request: asked once for all findings, because every check costs time."""

from __future__ import annotations

from ..case import Case
from ..evidence.host import silent_proxy
from .kind import When

# To look a constant of a module up costs less than one of a class.
_HTTP = When.SCHEME_IS_HTTP
_TLS_CAN_BE_PLACED = _HTTP | When.TLS_CAN_BE_PLACED
_TLS_CANNOT_BE_PLACED = _HTTP | When.TLS_CANNOT_BE_PLACED
_PROXIED = When.PROXIED
_TRUSTED = _PROXIED | When.FROM_TRUSTED
_UNTRUSTED = _PROXIED | When.FROM_UNTRUSTED
_HOSTS_ARE_LIMITED = When.HOSTS_ARE_LIMITED
_HOST_IS_NOT_FROM_HOST = When.HOST_IS_NOT_FROM_HOST
_HOST_IS_NOT_STATED = When.HOST_IS_NOT_STATED
_TARGET_HAS_HOST = When.TARGET_HAS_HOST
_NO_SCHEME_STATED = When.NO_SCHEME_STATED
_TWO_SCHEMES_STATED = When.TWO_SCHEMES_STATED
_PORT_STATED = When.PORT_STATED | When.PORT_MAY_BE_LOST
_PORT_MAY_BE_LOST = When.PORT_MAY_BE_LOST
_HOST_MAY_DIFFER = When.HOST_MAY_DIFFER
_NO_PREFIX = When.NO_PREFIX
_PREFIX_STATED = When.PREFIX_STATED
_LIST = When.LIST
_NO_LIST = When.NO_LIST
_LIST_GOES_ON = When.LIST_GOES_ON
_LIST_IS_LONG = When.LIST_IS_LONG
_OTHERS = When.OTHER_CLIENT_HEADERS | When.MAY_BE_MALFORMED | When.MAY_BE_DOUBLED
_FORWARDED = When.FORWARDED | When.MAY_BE_MALFORMED
_CLIENT_IS_INSIDE = When.CLIENT_IS_INSIDE
_WALK_WAS_STOPPED = When.WALK_WAS_STOPPED
_PERHAPS_SILENT = When.PERHAPS_SILENT
_MAY_BE_MALFORMED = When.MAY_BE_MALFORMED
_MAY_BE_DOUBLED = When.MAY_BE_DOUBLED
_ODD = _MAY_BE_MALFORMED | _MAY_BE_DOUBLED


def conditions_of(case: Case) -> int:
    """The members of ``When`` that hold, as one number."""
    found = _of_scheme(case) if case.scheme.value == "http" else 0
    if case.allowed_hosts:
        found |= _HOSTS_ARE_LIMITED
    if case.host.source != "Host":
        found |= _of_host(case)
    if case.target.authority is not None:
        found |= _TARGET_HAS_HOST
    if case.stated.port:
        found |= _PORT_STATED
    elif "origin" in case.fields or "referer" in case.fields:
        found |= _PORT_MAY_BE_LOST
    if case.proxied:
        found |= _of_values(case) | _of_chain(case)
    elif case.chain.peer_rule is not None:
        found |= _of_silence(case)
    return found


def _of_host(case: Case) -> int:
    """Nothing where Host is the one value that a trusted header has, too: the usual case."""
    listed = case.stated.host
    if case.host.basis != "proxy":
        return _HOST_IS_NOT_FROM_HOST
    if len(listed) == 1 and case.fields.get("host") == [listed[0].text]:
        return 0
    return _HOST_IS_NOT_FROM_HOST | _HOST_MAY_DIFFER


def _of_scheme(case: Case) -> int:
    if case.chain.peer_rule is not None:
        return _TLS_CAN_BE_PLACED
    says_https = case.stated.scheme and any(one.value == "https" for one in case.stated.scheme)
    return _TLS_CAN_BE_PLACED if says_https else _TLS_CANNOT_BE_PLACED


def _of_silence(case: Case) -> int:
    silence = silent_proxy(case)
    if silence is None:
        return 0
    return _of_values(case) | _of_chain(case) if silence.is_sure else _PERHAPS_SILENT


def _of_values(case: Case) -> int:
    stated = case.stated
    found = _UNTRUSTED if case.chain.peer_rule is None else _TRUSTED
    if not stated.scheme:
        found |= _NO_SCHEME_STATED
    elif len(stated.scheme) > 1:
        found |= _TWO_SCHEMES_STATED
    if case.host.basis != "proxy":
        found |= _HOST_IS_NOT_STATED
    found |= _PREFIX_STATED if case.prefix.value else _NO_PREFIX
    if stated.odd:
        found |= _ODD
    return found


def _of_chain(case: Case) -> int:
    chain = case.chain
    found = _LIST if chain.claims else _NO_LIST
    if chain.claims and chain.client_index:
        found |= _LIST_GOES_ON
    if None in chain.nodes:
        found |= _MAY_BE_MALFORMED
    if len(chain.claims) > len(chain.nodes):
        found |= _LIST_IS_LONG
    if chain.others:
        found |= _OTHERS
    if chain.forwarded:
        found |= _FORWARDED
    if chain.source == "X-Real-IP":
        found |= _MAY_BE_DOUBLED
    if chain.stopped_at is not None:
        found |= _WALK_WAS_STOPPED
    elif chain.client_address is not None and not chain.client_address.is_public:
        found |= _CLIENT_IS_INSIDE
    return found
