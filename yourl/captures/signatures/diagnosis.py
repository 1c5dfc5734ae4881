"""Why a signature does not fit: which small change of body, secret or encoding would make it fit.

Each guess is one HMAC over a changed copy of the body. The copies that cost more than the body itself are
made of small bodies only, so that a wrong signature costs little more than the request that carries it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from yourl.captures.rules import SignatureRule
from yourl.captures.signatures.schemes import Scheme, Signed

MAX_CHANGED = 256 * 1024
"""Bytes of the longest body of which changed copies are tried."""
MAX_JSON = 8 * 1024
"""Bytes of the longest JSON that is written again in other ways."""
MAX_INDENTED = 64 * 1024
"""Bytes of the longest indented copy that is tried."""
_BOM = b"\xef\xbb\xbf"


def why_it_does_not_fit(
    scheme: Scheme, rule: SignatureRule, signed: Signed, body: bytes, expected: bytes
) -> tuple[str, str]:
    """A code and a sentence: the first guess that explains the signature, else that the secret is wrong."""
    return (
        _wrong_form(signed, expected)
        or _changed_body(scheme, rule, signed, body)
        or _changed_secret(scheme, rule, signed, body)
        or _wrong_algorithm(scheme, rule, signed, body)
        or (
            "wrong_secret",
            "The signature does not fit this body with this secret. Most likely the sender signs with another"
            " secret; else the body was changed on the way beyond recognition.",
        )
    )


def _wrong_form(signed: Signed, expected: bytes) -> tuple[str, str] | None:
    """The right digest in the wrong encoding, or no digest at all."""
    size = len(expected)
    for signature in signed.signatures:
        as_hex, as_base64 = _from_hex(signature), _from_base64(signature)
        if signed.encoding == "base64" and as_hex is not None and hmac.compare_digest(as_hex, expected):
            return "hex_instead_of_base64", f"{signed.field} is written in hexadecimal; base64 is due."
        if signed.encoding == "hex" and as_base64 is not None and hmac.compare_digest(as_base64, expected):
            return "base64_instead_of_hex", f"{signed.field} is written in base64; hexadecimal is due."
        # base64 of the hexadecimal text: a common mistake where a library returns text.
        if as_base64 is not None and hmac.compare_digest(as_base64.lower(), expected.hex().encode()):
            return "encoded_twice", f"{signed.field} is the base64 of hexadecimal text: encoded twice."
    if not any(len(each) == size for text in signed.signatures for each in _decodings(text)):
        due = "hexadecimal digits" if signed.encoding == "hex" else "base64 characters"
        length = size * 2 if signed.encoding == "hex" else (size + 2) // 3 * 4
        return (
            "signature_malformed",
            f"{signed.field} holds no signature of {size} bytes; {length} {due} are due.",
        )
    return None


def _changed_body(scheme: Scheme, rule: SignatureRule, signed: Signed, body: bytes) -> tuple[str, str] | None:
    if len(body) > MAX_CHANGED:
        return None
    received = _received(signed)
    prefix = hmac.new(scheme.key(rule.secret), signed.prefix, getattr(hashlib, signed.algorithm))
    for code, change, copy in _copies(body):
        mac = prefix.copy()
        mac.update(copy)
        if _is_among(mac.digest(), received):
            return code, f"The body was changed on the way: {change}."
    if signed.prefix and _is_among(_plain_digest(scheme.key(rule.secret), signed.algorithm, body), received):
        return "signed_without_time", f"The sender signed the body alone; {scheme.title} signs more with it."
    return None


def _copies(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """Code, what happened, and the body as it may have been signed."""
    yield "newline_added", "a newline was added at its end", body.removesuffix(b"\n").removesuffix(b"\r")
    yield "newline_removed", "a newline was removed from its end", body + b"\n"
    yield "newline_removed", "a newline was removed from its end", body + b"\r\n"
    yield "blanks_changed", "blanks or newlines around it were added", body.strip()
    yield "line_ends_changed", "CRLF became LF", body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    yield "line_ends_changed", "LF became CRLF", body.replace(b"\r\n", b"\n")
    yield "bom_changed", "a byte order mark was added", body.removeprefix(_BOM)
    yield "bom_changed", "a byte order mark was removed", _BOM + body
    if body:
        yield "empty_body_signed", "the sender signed an empty one", b""
    yield from _other_charsets(body)
    if len(body) <= MAX_JSON:
        yield from _other_json(body)


def _other_charsets(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    if body.isascii():
        return
    code = "charset_changed"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        for charset in ("latin-1", "cp1252"):
            yield code, f"its charset became {charset}; UTF-8 was signed", _recoded(body, charset, "utf-8")
        return
    for charset in ("latin-1", "cp1252"):
        yield code, f"its charset became UTF-8; {charset} was signed", _recoded(body, "utf-8", charset)
        yield code, "it was encoded as UTF-8 twice", _recoded(text.encode(), "utf-8", charset)
    yield code, "its charset became UTF-8; UTF-16 was signed", text.encode("utf-16-le")


def _recoded(body: bytes, source: str, target: str) -> bytes:
    """The body in another charset; unchanged where it cannot be, which is no guess that could fit."""
    try:
        return body.decode(source).encode(target)
    except (UnicodeDecodeError, UnicodeEncodeError):
        return body


def _other_json(body: bytes) -> Iterator[tuple[str, str, bytes]]:
    """The same JSON as other programs write it."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return
    code = "json_rewritten"
    for in_ascii in (False, True):
        for sort in (False, True):
            for separators, style in (((",", ":"), "without blanks"), ((", ", ": "), "with blanks")):
                text = _dumped(value, ensure_ascii=in_ascii, sort_keys=sort, separators=separators)
                if text is None:
                    return
                change = f"its JSON was written again; the signature fits the same JSON {style}"
                yield code, change, text
                yield code, f"{change} and with escaped slashes", text.replace(b"/", b"\\/")
            for indent in (2, 4):
                change = f"its JSON was written again; the signature fits it indented by {indent}"
                text = _indented(value, indent, ensure_ascii=in_ascii, sort_keys=sort)
                if text is not None:
                    yield code, change, text
                    yield code, change, text + b"\n"


def _dumped(value: Any, **style: Any) -> bytes | None:
    try:
        return json.dumps(value, **style).encode()
    except (UnicodeEncodeError, RecursionError, TypeError):
        return None


def _indented(value: Any, indent: int, **style: Any) -> bytes | None:
    """Indented JSON, given up where indentation makes it much longer (it grows with depth × length)."""
    parts: list[str] = []
    size = 0
    try:
        for part in json.JSONEncoder(indent=indent, **style).iterencode(value):
            parts.append(part)
            size += len(part)
            if size > MAX_INDENTED:
                return None
        return "".join(parts).encode()
    except (UnicodeEncodeError, RecursionError, TypeError):
        return None


def _changed_secret(
    scheme: Scheme, rule: SignatureRule, signed: Signed, body: bytes
) -> tuple[str, str] | None:
    """The secret with a common mistake."""
    received = _received(signed)
    plain = rule.secret.encode("utf-8", "replace")
    bare = rule.secret.strip().partition("_")[2].encode("utf-8", "replace")
    guesses = (
        (plain.strip(), "The secret here has blanks around it; the sender's has none."),
        (plain + b"\n", "The sender's secret ends with a newline, as read from a file."),
        (plain, "The sender uses the secret as text; it must be decoded from base64."),
        (bare, "The sender leaves out the part of the secret up to the underscore."),
        (_from_base64(bare.decode("latin-1")) or b"", "The sender decodes the secret from base64 first."),
        (_from_base64(rule.secret) or b"", "The sender decodes the secret from base64 first."),
        (_from_hex(rule.secret) or b"", "The sender decodes the secret from hexadecimal first."),
    )
    for key, why in guesses:
        if key and _is_among(_plain_digest(key, signed.algorithm, signed.prefix, body), received):
            return "secret_misread", why
    return None


def _wrong_algorithm(
    scheme: Scheme, rule: SignatureRule, signed: Signed, body: bytes
) -> tuple[str, str] | None:
    received = _received(signed)
    for algorithm in ("sha1", "sha512", "sha256"):
        if algorithm != signed.algorithm and _is_among(
            _plain_digest(scheme.key(rule.secret), algorithm, signed.prefix, body), received
        ):
            return "wrong_algorithm", f"The signature was made with {algorithm}; {signed.algorithm} is due."
    return None


def _plain_digest(key: bytes, algorithm: str, *parts: bytes) -> bytes:
    mac = hmac.new(key, None, getattr(hashlib, algorithm))
    for part in parts:
        mac.update(part)
    return mac.digest()


def _received(signed: Signed) -> list[bytes]:
    return [each for text in signed.signatures for each in _decodings(text)]


def _is_among(digest: bytes, received: list[bytes]) -> bool:
    return any(hmac.compare_digest(digest, each) for each in received)


def _decodings(text: str) -> list[bytes]:
    return [each for each in (_from_hex(text), _from_base64(text)) if each]


def _from_hex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if " " not in text else None
    except ValueError:
        return None


def _from_base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
