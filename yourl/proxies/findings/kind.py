"""What a finding is: one object with its code, severity, meaning, precondition, check and fix.

To add one, write a check in the module of its subject and put ``@finding(…)`` above it; nothing else has to
be told about it but its test and its section in docs/findings.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntFlag, auto
from typing import NamedTuple

from ..case import Case
from ..fixes import at_proxy
from ..fixes.check import Request, check_line
from ..verdict import Finding

_PLAIN = Request()


class Problem(NamedTuple):
    """What a check found. The fix is the kind's topic in the product's own words, unless one is given."""

    message: str
    evidence: str
    fix: str = ""
    severity: str = ""
    """Where it is another one than the kind's."""
    name: str = ""
    """The header that the fix is about."""
    value: str = ""
    """What the fix has to set."""
    request: Request | None = None
    """What shows that the fix has worked, where it is another request than the kind's."""


class When(IntFlag):
    """Preconditions that cost next to nothing; a check is made only where all of its own hold."""

    ALWAYS = 0
    SCHEME_IS_HTTP = auto()
    TLS_CAN_BE_PLACED = auto()
    """A trusted peer, or a header that says https: it is known who should have been believed."""
    TLS_CANNOT_BE_PLACED = auto()
    """Neither."""
    PROXIED = auto()
    """A header shows a proxy, or claims one."""
    FROM_TRUSTED = auto()
    """The same, and the peer is trusted."""
    FROM_UNTRUSTED = auto()
    """The same, and the peer is not trusted."""
    HOSTS_ARE_LIMITED = auto()
    HOST_IS_NOT_FROM_HOST = auto()
    HOST_IS_NOT_STATED = auto()
    """No trusted header names the host."""
    TARGET_HAS_HOST = auto()
    NO_SCHEME_STATED = auto()
    TWO_SCHEMES_STATED = auto()
    TWO_HOSTS_STATED = auto()
    PORT_STATED = auto()
    PORT_MAY_BE_LOST = auto()
    HOST_DIFFERS = auto()
    """A trusted header names another host than Host."""
    NO_PREFIX = auto()
    PREFIX_STATED = auto()
    LIST = auto()
    """A header lists the clients of proxies."""
    NO_LIST = auto()
    """No header does."""
    LIST_GOES_ON = auto()
    """The list has addresses left of the client."""
    LIST_IS_LONG = auto()
    OTHER_CLIENT_HEADERS = auto()
    FORWARDED = auto()
    CLIENT_IS_INSIDE = auto()
    WALK_WAS_STOPPED = auto()
    PERHAPS_SILENT = auto()
    """A trusted peer that may be a proxy which forwards nothing."""
    MAY_BE_MALFORMED = auto()
    MAY_BE_DOUBLED = auto()


Check = Callable[[Case], Problem | None]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One kind of finding.

    ``headers`` are those that its check reads, apart from Host, Via and the forwarding headers.
    """

    code: str
    severity: str
    """``info``, ``warning`` or ``error``; what it usually is."""
    meaning: str
    check: Check
    topic: str
    """What the fix is about, see ``fixes``."""
    when: When
    any_of: tuple[str, ...]
    """The check is made only where one of these headers came; empty: whichever came."""
    headers: tuple[str, ...]
    request: Request
    """What shows that the fix has worked."""

    def find(self, case: Case) -> Finding | None:
        """The finding for this request, or None."""
        problem = self.check(case)
        if problem is None:
            return None
        message, evidence, fix, severity, name, value, request = problem
        fix = fix or at_proxy(self.topic, case.product, name=name, value=value)
        fix = f"{fix}\n{check_line(case, self.code, request or self.request)}"
        return Finding(self.code, severity or self.severity, message, evidence, fix)


def finding(
    code: str,
    severity: str,
    meaning: str,
    *,
    topic: str = "",
    when: When = When.ALWAYS,
    any_of: tuple[str, ...] = (),
    headers: tuple[str, ...] = (),
    request: Request = _PLAIN,
) -> Callable[[Check], FindingKind]:
    """Make the decorated check a ``FindingKind``; see there for what the arguments mean."""

    def made(check: Check) -> FindingKind:
        needed = (*any_of, *headers)
        return FindingKind(code, severity, meaning, check, topic, when, any_of, needed, request)

    return made
