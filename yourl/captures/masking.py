"""Masks secrets in a request before it is stored. The caller decides whether (``YOURL_MASK``).

Header fields, trailers and query parameters are masked by their names; a body is kept as it is, because a
signature and a byte-for-byte copy need every byte of it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from yourl.captures.model import Capture
from yourl.captures.signatures.schemes import SIGNATURE_FIELDS
from yourl.http1.head import Fields
from yourl.redaction import MASK, is_secret, redacted_target

_LONGEST_KEPT = 64
"""Characters of a name whose verdict is kept: the cache holds no more than 32 KB of names."""


def mask_capture(capture: Capture) -> Capture:
    """The capture without the secrets in header fields, trailers and query; itself where it has none."""
    url, target = redacted_target(capture.summary.url), redacted_target(capture.target)
    fields = mask_fields(capture.fields)
    trailers = None if capture.trailers is None else mask_fields(capture.trailers)
    if (url, target, fields, trailers) == (
        capture.summary.url,
        capture.target,
        capture.fields,
        capture.trailers,
    ):
        return capture  # most have none, and copies cost as much as the search
    summary = replace(capture.summary, url=url)
    return replace(capture, summary=summary, target=target, fields=fields, trailers=trailers)


def mask_fields(fields: Fields) -> Fields:
    """Header fields with the values of secret ones masked.

    A webhook's signature fits one body only and lets nobody in; without it a forwarded copy could not be
    verified. It stays.
    """
    return tuple([(name, MASK if value and is_secret_field(name) else value) for name, value in fields])


def is_secret_field(name: str) -> bool:
    """Whether a header field of this name is masked."""
    return _is_secret(name) if len(name) <= _LONGEST_KEPT else _is_secret.__wrapped__(name)


@lru_cache(maxsize=512)
def _is_secret(name: str) -> bool:
    return name.lower() not in SIGNATURE_FIELDS and is_secret(name)


def masked_names(capture: Capture) -> tuple[str, ...]:
    """Names of the header fields whose values were masked, each once."""
    return tuple(dict.fromkeys(name for name, value in capture.fields if value == MASK))
