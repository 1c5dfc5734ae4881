"""What a finding is: one object with its code, severity, meaning, precondition, check and fix.

To add one, write a check in the module of its subject and put ``@finding(…)`` above it; nothing else has to
be told about it but its test and its section in docs/findings.md.
"""

from __future__ import annotations

from collections.abc import Callable
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


class When:
    """Preconditions that cost next to nothing; a check is made only where all of its own hold.

    Plain integers, to be combined by ``|``: an enumeration would cost more than it saves here.
    """

    ALWAYS = 0
    SCHEME_IS_HTTP = 1 << 0
    TLS_CAN_BE_PLACED = 1 << 1
    """A trusted peer, or a header that says https: it is known who should have been believed."""
    TLS_CANNOT_BE_PLACED = 1 << 2
    """Neither."""
    PROXIED = 1 << 3
    """A header shows a proxy, or claims one."""
    FROM_TRUSTED = 1 << 4
    """The same, and the peer is trusted."""
    FROM_UNTRUSTED = 1 << 5
    """The same, and the peer is not trusted."""
    HOSTS_ARE_LIMITED = 1 << 6
    HOST_IS_NOT_FROM_HOST = 1 << 7
    HOST_IS_NOT_STATED = 1 << 8
    """No trusted header names the host."""
    TARGET_HAS_HOST = 1 << 9
    NO_SCHEME_STATED = 1 << 10
    TWO_SCHEMES_STATED = 1 << 11
    PORT_STATED = 1 << 12
    PORT_MAY_BE_LOST = 1 << 13
    HOST_MAY_DIFFER = 1 << 14
    """A trusted header names the host, and another one, Host perhaps, may name another."""
    NO_PREFIX = 1 << 15
    PREFIX_STATED = 1 << 16
    LIST = 1 << 17
    """A header lists the clients of proxies."""
    NO_LIST = 1 << 18
    """No header does."""
    LIST_GOES_ON = 1 << 19
    """The list has addresses left of the client."""
    LIST_IS_LONG = 1 << 20
    OTHER_CLIENT_HEADERS = 1 << 21
    FORWARDED = 1 << 22
    CLIENT_IS_INSIDE = 1 << 23
    WALK_WAS_STOPPED = 1 << 24
    PERHAPS_SILENT = 1 << 25
    """A trusted peer that may be a proxy which forwards nothing."""
    MAY_BE_MALFORMED = 1 << 26
    MAY_BE_DOUBLED = 1 << 27

    FIRST_FREE = 28
    """The number of the first bit that is not used here."""


Check = Callable[[Case], Problem | None]


class FindingKind(NamedTuple):
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
    when: int
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
    when: int = When.ALWAYS,
    any_of: tuple[str, ...] = (),
    headers: tuple[str, ...] = (),
    request: Request = _PLAIN,
) -> Callable[[Check], FindingKind]:
    """Make the decorated check a ``FindingKind``; see there for what the arguments mean."""

    def made(check: Check) -> FindingKind:
        needed = (*any_of, *headers)
        return FindingKind(code, severity, meaning, check, topic, when, any_of, needed, request)

    return made
