"""Masks what lets somebody in, before it is logged or kept. Pure text in, text out, linear in its length."""

from __future__ import annotations

import re

from yourl.text import percent_decoded

MASK = "********"

# What the names of header fields and query parameters hold where their values are credentials, in lower
# case: a pattern that ignores case takes three times as long. ``sig`` and the like are secrets as whole words
# only, since ``design`` and ``author`` are none.
_SECRET = re.compile(
    r"a(?:uthorization|pi[-_.]?key|ccess[-_.]?code)|c(?:ookie|redential|srf)|token|s(?:ecret|ession|ignature)"
    r"|p(?:assw|wd)|xsrf|otp|\b(?:sig|auth|jwt)\b"
)
# user:password@ in the authority of an absolute-form target (RFC 3986 section 3.2.1).
_USERINFO = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^/?#@]*@")
# A link to a kept request lets in everyone who has it.
_SHARED = re.compile(r"(/live/shared/)[^/?#]+")
_COLON = re.compile(r":|%3[Aa]")
# Expectations of these compare with every header field, so with the secret ones.
_MIXED = ("headers_as_received", "trailers")


def is_secret(name: str) -> bool:
    """Whether a field or parameter of this name holds a credential."""
    return _SECRET.search(name.lower()) is not None


def redacted_target(target: str) -> str:
    """A request target with the values of its secret parameters, and any userinfo and the token
    of a shared link, masked.

    In an expectation (``expect=headers.Authorization:Bearer …``) the name before the colon decides.
    """
    if "@" in target:  # asked first: a pattern costs more than all the rest, and hardly any target has one
        target = _USERINFO.sub(rf"\1{MASK}@", target)
    path, mark, query = target.partition("?")
    if "/live/shared/" in path:
        path = _SHARED.sub(rf"\1{MASK}", path)
    # One look at the whole is enough for most: taking a query apart costs much more.
    if not query or not _may_hold_secrets(query):
        return path + mark + query
    parts = [";".join(map(_redacted, part.split(";"))) for part in query.split("&")]
    return path + mark + "&".join(parts)


def _may_hold_secrets(query: str) -> bool:
    text = _decoded(query).lower()
    return _SECRET.search(text) is not None or any(name in text for name in _MIXED)


def _redacted(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    if not value:
        return parameter
    decoded = _decoded(name)
    if is_secret(decoded):
        return f"{name}={MASK}"
    return f"{name}={_redacted_expectation(value)}" if decoded.lower() == "expect" else parameter


def _redacted_expectation(value: str) -> str:
    """An expectation, still percent-encoded; what it compares with is masked where that may be a secret."""
    colon = _COLON.search(value)
    if colon is None:
        return value
    at = colon.start()
    expected = _decoded(value[:at]).removeprefix("!").lower()
    wanted = _decoded(value[at:])
    if is_secret(expected) or expected in _MIXED or ("=" in wanted and is_secret(wanted)):
        return f"{value[:at]}:{MASK}"
    return value


def _decoded(text: str) -> str:
    # Only ASCII is looked for in it, so one character for each byte will do.
    return percent_decoded(text.encode("latin-1", "replace")).decode("latin-1") if "%" in text else text
