"""The request target: what stands between method and version in the request line (RFC 9112 section 3.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from yourl.http1.grammar import Authority, parse_authority

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,31}")


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A request target and its parts."""

    raw: str
    """As it was received."""
    form: str
    """``origin``, ``absolute``, ``authority``, ``asterisk``, or ``invalid`` for none of the four."""
    path: str
    """Still percent-encoded, beginning with ``/``; ``*`` in asterisk-form, empty in authority-form."""
    query: str | None = None
    """Without its question mark; None where there is none."""
    scheme: str | None = None
    """Of an absolute-form target, in lower case."""
    authority: Authority | None = None
    """Of an absolute-form or authority-form target; None where it names no valid host."""

    @property
    def origin_form(self) -> str:
        """Path and query; a client that asks for ``http://a.example`` means ``/``."""
        return self.path if self.query is None else f"{self.path}?{self.query}"


def parse_target(raw: str, method: str = "GET") -> RequestTarget:
    """Understand a target in any of the four forms; never raises.

    A fragment, which no client should send, belongs neither to path nor query. The authority of an
    absolute-form target goes before the Host field (RFC 9112 section 3.2.2).
    """
    if raw.startswith("/"):
        path, query = _path_and_query(raw)
        return RequestTarget(raw, "origin", path, query)
    if raw == "*":
        return RequestTarget(raw, "asterisk", "*")
    if method == "CONNECT":
        return RequestTarget(raw, "authority", "", authority=parse_authority(raw))
    scheme, separator, rest = raw.partition("://")
    if not separator or not _SCHEME.fullmatch(scheme):
        return RequestTarget(raw, "invalid", "/")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    path, query = _path_and_query(rest[end:])
    return RequestTarget(raw, "absolute", path, query, scheme.lower(), parse_authority(rest[:end]))


def _path_and_query(text: str) -> tuple[str, str | None]:
    path, mark, query = text.partition("#")[0].partition("?")
    return path or "/", query if mark else None
