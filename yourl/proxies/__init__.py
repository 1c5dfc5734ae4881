"""Which URL the client asked for, who it is and through which proxies it came, and why we believe it.

A pure room: text in, frozen values out. It knows nothing of Flask, settings or the environment, and no header
text, however mangled, makes it raise. Without trust no header changes anything but the findings.

Read `evaluation` first. Every start needs the values; the rest is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yourl.lazy import imported_on_use

from .trust import TrustedProxies
from .verdict import Connection, Decided, Finding, Headers, Hop, Verdict, url_of

if TYPE_CHECKING:
    from .evaluation import evaluate
    from .fields import FORWARDING_HEADERS
    from .findings import FINDING_CODES

__all__ = [
    "FINDING_CODES",
    "FORWARDING_HEADERS",
    "Connection",
    "Decided",
    "Finding",
    "Headers",
    "Hop",
    "TrustedProxies",
    "Verdict",
    "evaluate",
    "url_of",
]

__getattr__ = imported_on_use(
    __name__, {"evaluate": "evaluation", "FORWARDING_HEADERS": "fields", "FINDING_CODES": "findings"}
)
