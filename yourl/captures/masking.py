"""Masks secrets in a request before it is stored. The caller decides whether (``YOURL_MASK``).

Header fields, trailers and query parameters are masked by their names; a body is kept as it is, because a
signature and a byte-for-byte copy need every byte of it.
"""

from __future__ import annotations

from dataclasses import replace

from yourl.captures.model import Capture
from yourl.captures.signatures.schemes import SIGNATURE_FIELDS
from yourl.http1.head import Fields
from yourl.redaction import MASK, is_secret, redacted_target


def mask_capture(capture: Capture) -> Capture:
    """The capture without the secrets in header fields, trailers and query."""
    return replace(
        capture,
        summary=replace(capture.summary, url=redacted_target(capture.summary.url)),
        target=redacted_target(capture.target),
        fields=mask_fields(capture.fields),
        trailers=None if capture.trailers is None else mask_fields(capture.trailers),
    )


def mask_fields(fields: Fields) -> Fields:
    """Header fields with the values of secret ones masked.

    A webhook's signature fits one body only and lets nobody in; without it a forwarded copy could not be
    verified. It stays.
    """
    return tuple((name, MASK if value and is_secret_field(name) else value) for name, value in fields)


def is_secret_field(name: str) -> bool:
    """Whether a header field of this name is masked."""
    return name.lower() not in SIGNATURE_FIELDS and is_secret(name)


def masked_names(capture: Capture) -> tuple[str, ...]:
    """Names of the header fields whose values were masked, each once."""
    return tuple(dict.fromkeys(name for name, value in capture.fields if value == MASK))
