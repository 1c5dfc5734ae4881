"""What is kept of a request, what can be asked of a store, and what it answers.

Plain values: no Flask, no store, no settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yourl.http1.head import Fields

MAX_LIMIT = 500
"""Requests on one page of a listing."""


@dataclass(frozen=True, slots=True)
class SignatureResult:
    """Whether a signature fits. ``code`` is one of a fixed few words, ``why`` a sentence for people."""

    valid: bool
    scheme: str
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a listing shows of one capture. Secrets are masked already."""

    inbox: str
    time: datetime
    """When the request arrived; UTC."""
    method: str
    url: str
    client: str
    """The decided client address, empty where unknown."""
    device_type: str
    status: int
    """The status that the sender was answered with."""
    size: int
    """Bytes of the body."""
    content_type: str = ""
    findings: tuple[str, ...] = ()
    """Codes, each once."""
    signature: SignatureResult | None = None
    id: str = ""
    """Assigned by the store; empty until then."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One request as it is kept. Secrets are masked already."""

    summary: Summary
    target: str
    """As in the request line."""
    http_version: str
    fields: Fields
    """Header fields; in order, case and number as received where ``is_exact``."""
    body: bytes
    trailers: Fields | None = None
    is_exact: bool = True
    document: Mapping[str, Any] = field(default_factory=dict)
    """The inspection, without what can be read from the other attributes (yourl/captures/documents.py)."""

    @property
    def id(self) -> str:
        """The id, empty until a store has assigned one."""
        return self.summary.id

    def value(self, name: str) -> str:
        """The value of the first header field of this name (in lower case), empty where there is none."""
        return next((value for key, value in self.fields if key.lower() == name), "")


@dataclass(frozen=True, slots=True)
class Query:
    """Which captures are wanted, in which order. Empty values do not filter.

    ``after`` and ``before`` are ids, neither included; they need not exist (any more). ``status`` is a
    range, both ends included. ``text`` is a list of words; a capture matches if each of them occurs in its
    URL, header fields or body, in any case, at the beginning of a word.
    """

    inbox: str = ""
    method: str = ""
    status: tuple[int, int] | None = None
    device_type: str = ""
    finding: str = ""
    client: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    after: str = ""
    before: str = ""
    newest_first: bool = True
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing.

    ``next`` continues it: as ``before`` where the newest come first (None: there are no more), as ``after``
    where the oldest do (never None, so that a program can ask again later). ``is_complete`` is false where
    the search was ended by its time limit; continuing with ``next`` continues the search.
    """

    requests: tuple[Summary, ...] = ()
    next: str | None = None
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class InboxSummary:
    """What is kept of one inbox; ``size`` in bytes, ``evicted`` captures that made room for newer ones."""

    name: str
    count: int
    size: int
    last_id: str
    evicted: int = 0
    devices: Mapping[str, int] = field(default_factory=dict)
    """Device class -> captures."""
