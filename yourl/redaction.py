"""Masks what lets somebody in, before it is logged or kept. Pure text in, text out."""

from __future__ import annotations

import re
from urllib.parse import unquote

MASK = "********"

# Names of header fields and query parameters whose values are credentials.
_SECRET_NAMES = re.compile(
    r"authorization|cookie|api[-_.]?key|token|secret|passw|pwd|signature|\bsig\b|session|credential|csrf|xsrf"
    r"|access[-_.]?code|\bauth\b|\bjwt\b|otp",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"([^&;=]*)=([^&;]*)")
# user:password@ in the authority of an absolute-form target (RFC 3986 section 3.2.1).
_USERINFO = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/?#@]*@")


def is_secret(name: str) -> bool:
    """Whether a field or parameter of this name holds a credential."""
    return _SECRET_NAMES.search(name) is not None


def redacted_target(target: str) -> str:
    """A request target with the values of its secret parameters, and any userinfo, masked."""
    path, mark, query = _USERINFO.sub(rf"\1{MASK}@", target).partition("?")
    return path + mark + _PARAMETER.sub(_masked_parameter, query)


def _masked_parameter(match: re.Match[str]) -> str:
    name = match[1]
    return f"{name}={MASK}" if match[2] and is_secret(unquote(name)) else match[0]
