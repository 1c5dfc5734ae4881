"""Whether a webhook's signature fits its body, and why not.

``verify`` takes the request as it was received: raw body bytes, header fields before masking.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time

from yourl.captures.model import SignatureResult
from yourl.captures.rules import SignatureRule
from yourl.captures.signatures.diagnosis import why_it_does_not_fit
from yourl.captures.signatures.schemes import SCHEMES, TOLERANCE, Scheme, Signed
from yourl.http1.head import Fields

MAX_FIELD = 8192
"""Characters of a header field that are looked at."""


def verify(rule: SignatureRule, fields: Fields, body: bytes, now: float | None = None) -> SignatureResult:
    """Whether the signature that a request carries fits its body and the secret.

    :param fields: header fields as received, not masked
    :param now: seconds since 1970; the present if not given
    """
    scheme = SCHEMES[rule.scheme]
    by_name: dict[str, str] = {}
    for name, value in fields:
        by_name.setdefault(name.lower(), value[:MAX_FIELD])
    signed = scheme.read(by_name, rule.header)

    def result(code: str, why: str) -> SignatureResult:
        return SignatureResult(code == "valid", rule.scheme, code, why)

    if signed.missing:
        names = " and ".join(signed.missing)
        return result("header_missing", f"{signed.malformed} The request has no {names}.".strip())
    if signed.malformed:
        return result("header_malformed", signed.malformed)
    expected = _digest(scheme, rule, signed, body)
    received = [_decoded(signature, signed.encoding) for signature in signed.signatures]
    if not any(hmac.compare_digest(expected, each) for each in received):
        return result(*why_it_does_not_fit(scheme, rule, signed, body, expected))
    return result(*_in_time(signed, time.time() if now is None else now))


def _digest(scheme: Scheme, rule: SignatureRule, signed: Signed, body: bytes) -> bytes:
    mac = hmac.new(scheme.key(rule.secret), signed.prefix, getattr(hashlib, signed.algorithm))
    mac.update(body)
    return mac.digest()


def _decoded(signature: str, encoding: str) -> bytes:
    """The bytes of a signature; empty where it is not in that encoding."""
    if encoding in ("hex", "either"):
        try:
            return bytes.fromhex(signature) if " " not in signature else b""
        except ValueError:
            if encoding == "hex":
                return b""
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _in_time(signed: Signed, now: float) -> tuple[str, str]:
    if signed.time is None:
        return "valid", f"The signature in {signed.field} fits the body."
    if not (signed.time.isascii() and signed.time.isdigit() and len(signed.time) <= 15):
        return "timestamp_malformed", "The signed time is not a number of seconds since 1970."
    age = now - int(signed.time)
    if int(signed.time) > 10**11:
        return "timestamp_malformed", "The signed time is in milliseconds; it must be in seconds."
    if age > TOLERANCE:
        return (
            "timestamp_too_old",
            f"The signature fits, but it was made {age:.0f} seconds ago; {TOLERANCE} are allowed."
            " The request is a late retry or a replay, or a clock is wrong.",
        )
    if age < -TOLERANCE:
        return (
            "timestamp_in_future",
            f"The signature fits, but its time is {-age:.0f} seconds ahead of this server's clock.",
        )
    return "valid", f"The signature in {signed.field} fits the body, made {max(age, 0):.0f} seconds ago."
