"""The query of a request to ``/live``, read strictly: what is misspelt must not silently match everything."""

from __future__ import annotations

from collections.abc import Mapping

from yourl.captures.errors import BadFilter, StoreUnavailable
from yourl.captures.ids import is_id
from yourl.captures.model import Capture, Query
from yourl.captures.queries import FILTERS, parse_query
from yourl.captures.store import CaptureStore
from yourl.errors import YourlError
from yourl.inspection import query_of
from yourl.views import context, services

# What a listing and a waiting program can be told once.
_GIVEN_ONCE = frozenset((*FILTERS, "after", "before", "limit", "timeout", "match"))


class NoSuchRequest(YourlError):
    """No request of this id is kept, or not any more."""

    code = "no_such_request"


def parameters() -> dict[str, str]:
    """The parameters of the request, each with its value.

    :raises BadFilter: where there are too many, or one is given twice with different values
    """
    found, note = query_of(context().head)
    if note is not None:
        raise BadFilter([note])
    twice = [name for name, values in found.items() if len(set(values)) > 1]
    faults = [f"{name} may be given once." for name in twice if name in _GIVEN_ONCE]
    if faults:
        raise BadFilter(faults)
    return {name: values[0] for name, values in found.items()}


def filters(given: Mapping[str, str]) -> Query:
    """What a listing asks for: newest first, but with ``after`` the oldest first.

    :raises BadFilter: naming each parameter with a bad value
    """
    return parse_query(given, newest_first=not given.get("after"))


def open_store() -> CaptureStore:
    """The store.

    :raises StoreUnavailable: where this server keeps nothing
    """
    store = services().store
    if store.name == "off":
        raise StoreUnavailable(store.status().reason)
    return store


def kept(capture_id: str) -> Capture:
    """The request of this id.

    :raises NoSuchRequest: where there is none
    :raises StoreUnavailable: where the store cannot be asked
    """
    found = services().store.get(capture_id) if is_id(capture_id) else None
    if found is None:
        raise NoSuchRequest
    return found
