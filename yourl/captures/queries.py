"""A query from the parameters of a URL, strictly: a filter that is misspelt must not silently match all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone

from yourl.captures.errors import BadFilter
from yourl.captures.ids import is_id
from yourl.captures.inboxes import NAME_RULE, is_inbox_name
from yourl.captures.model import MAX_LIMIT, Query
from yourl.captures.search import MAX_QUERY
from yourl.devices import DEVICE_TYPES
from yourl.http1.grammar import is_token

FILTERS = ("inbox", "method", "status", "device", "finding", "client", "since", "until", "q")
"""The parameters that say which requests are wanted; the others page through them."""

_CODE = re.compile(r"[a-z0-9_-]{1,64}")
_STATUS = re.compile(r"[1-5](?:[0-9]{2}|xx)")


def parse_query(parameters: Mapping[str, str], *, newest_first: bool = True) -> Query:
    """A query from the parameters of a URL.

    ``inbox``, ``method``, ``status`` (``503`` or ``5xx``), ``device``, ``finding``, ``client``, ``since`` and
    ``until`` (ISO 8601, or seconds since 1970), ``q``, ``after``, ``before``, ``limit``.

    :raises BadFilter: naming each parameter with a bad value; other parameters are ignored
    """
    faults: list[str] = []

    def checked(name: str, is_good: bool, allowed: str) -> str:
        text = parameters.get(name, "")
        if text and not is_good:
            faults.append(f"{name} must be {allowed}.")
            return ""
        return text

    get = parameters.get
    query = Query(
        inbox=checked("inbox", is_inbox_name(get("inbox", "")), NAME_RULE),
        method=checked("method", is_token(get("method", "")), "a method"),
        status=_status(checked("status", _is_status(get("status", "")), "a status such as 503 or 5xx")),
        device_type=checked("device", get("device") in DEVICE_TYPES, "one of " + ", ".join(DEVICE_TYPES)),
        finding=checked("finding", _is_code(get("finding", "")), "the code of a finding"),
        client=checked("client", len(get("client", "")) <= 64, "an address"),
        since=_moment(checked("since", _is_moment(get("since", "")), "a time such as 2026-01-31T12:00:00Z")),
        until=_moment(checked("until", _is_moment(get("until", "")), "a time such as 2026-01-31T12:00:00Z")),
        text=checked("q", len(get("q", "")) <= MAX_QUERY, f"at most {MAX_QUERY} characters"),
        after=checked("after", is_id(get("after", "")), "the id of a request"),
        before=checked("before", is_id(get("before", "")), "the id of a request"),
        limit=int(
            checked("limit", _is_limit(get("limit", "")), f"a whole number from 1 to {MAX_LIMIT}") or "50"
        ),
        newest_first=newest_first,
    )
    if faults:
        raise BadFilter(faults)
    return query


def _is_status(text: str) -> bool:
    return _STATUS.fullmatch(text) is not None


def _status(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    return (int(text[0]) * 100, int(text[0]) * 100 + 99) if text.endswith("xx") else (int(text), int(text))


def _is_code(text: str) -> bool:
    return _CODE.fullmatch(text) is not None


def _is_limit(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT


def _is_moment(text: str) -> bool:
    try:
        return _moment(text) is not None
    except (ValueError, OverflowError, OSError):
        return False


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 11:
        return datetime.fromtimestamp(int(text), timezone.utc)
    if len(text) > 40:
        raise ValueError(text)
    # Python 3.10 reads no "Z".
    moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return moment.astimezone(timezone.utc)
