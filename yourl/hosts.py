"""Which host names are answered: ``YOURL_ALLOWED_HOSTS`` against the host that was decided.

Knows the grammar of hosts; nothing of proxies, Flask or settings.
"""

from __future__ import annotations

from collections.abc import Sequence

from yourl.http1.grammar import parse_authority


def host_is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether a pattern covers the host: ``*``, a name, or ``*.example.com`` / ``.example.com``.

    A pattern may name a port, which does not count, and write IPv6 with or without brackets.
    """
    name = host.rstrip(".").lower()
    return any(_covers(pattern.strip().rstrip(".").lower(), name) for pattern in allowed)


def _covers(pattern: str, name: str) -> bool:
    if pattern.startswith(("*.", ".")):
        ending = pattern.lstrip("*")
        return name.endswith(ending) and len(name) > len(ending)
    if pattern in ("*", name):
        return True
    authority = parse_authority(pattern if pattern.count(":") < 2 or pattern[:1] == "[" else f"[{pattern}]")
    return authority is not None and authority.host == name
