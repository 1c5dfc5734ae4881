"""Everything odd about the way of a request, each oddity with what it means, its evidence and its fix.

A check looks at one ``Case`` and answers with one problem or None. It speaks only when the evidence is there:
a plain direct request has no finding, and one through a rightly configured, trusted proxy none above info.
"""

from __future__ import annotations

from functools import lru_cache

from ..case import CASE_HEADERS, Case
from ..fields import FORWARDING_HEADERS
from ..fixes.check import CHECK_HEADERS
from ..fixes.products import PRODUCT_HEADERS
from ..verdict import Finding
from . import chain, client, header_values, host, protocol, scheme, url
from .conditions import conditions_of
from .kind import FindingKind, When

FINDINGS: tuple[FindingKind, ...] = tuple(
    kind
    for module in (scheme, host, url, client, chain, header_values, protocol)
    for kind in vars(module).values()
    if isinstance(kind, FindingKind)
)
"""Every kind of finding."""

FINDING_CODES: dict[str, str] = {kind.code: kind.meaning for kind in FINDINGS}
"""Every code that a finding can have, with its meaning in one line."""

_MARKED = [kind for kind in FINDINGS if kind.any_of]
_MARK_OF = {kind.code: 1 << (When.FIRST_FREE + number) for number, kind in enumerate(_MARKED)}


def _headers_with_marks() -> dict[str, int]:
    headers = dict.fromkeys(
        ("host", "via", *FORWARDING_HEADERS, *CASE_HEADERS, *CHECK_HEADERS, *PRODUCT_HEADERS), 0
    )
    for kind in FINDINGS:
        headers.update(dict.fromkeys(kind.headers, 0) | headers)
        for name in kind.any_of:
            headers[name] |= _MARK_OF[kind.code]
    return headers


HEADERS_READ = _headers_with_marks()
"""Every header that this room reads, by name in lower case, and the marks of the findings that need it."""

_GRAVITY = {"error": 0, "warning": 1, "info": 2}


def findings_in(case: Case) -> tuple[Finding, ...]:
    """All findings, the gravest first."""
    found = [finding for kind in kinds_worth_checking(case) if (finding := kind.find(case)) is not None]
    if len(found) > 1:
        found.sort(key=lambda finding: _GRAVITY[finding.severity])
    return tuple(found)


def kinds_worth_checking(case: Case) -> tuple[FindingKind, ...]:
    """The kinds whose preconditions hold; to make all checks would cost as much as the decision itself."""
    return _kinds_for(conditions_of(case) | case.fields.marks)


@lru_cache(maxsize=512)
def _kinds_for(conditions: int) -> tuple[FindingKind, ...]:
    return tuple(kind for kind in FINDINGS if _needs(kind) & conditions == _needs(kind))


def _needs(kind: FindingKind) -> int:
    return kind.when | _MARK_OF.get(kind.code, 0)
