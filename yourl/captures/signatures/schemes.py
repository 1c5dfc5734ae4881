"""How each service signs its requests: which header fields, which bytes, which encoding.

Each scheme takes a request apart into ``Signed``: the signatures that were sent, the bytes around the body
that are signed with it, and the time. It verifies nothing.

Sources: docs.github.com "Validating webhook deliveries", docs.stripe.com "Verify webhook signatures
manually", docs.slack.dev "Verifying requests from Slack", standardwebhooks.com (specification, "Signature
scheme"), shopify.dev "Verify webhooks".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

TOLERANCE = 300
"""Seconds that a signed time may differ from ours; what Stripe, Slack and Standard Webhooks recommend."""
MAX_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class Signed:
    """What a request says of its own signature."""

    field: str
    """The header field that holds the signatures."""
    signatures: tuple[str, ...] = ()
    """As they were sent, without version or algorithm in front; empty where the field has none."""
    prefix: bytes = b""
    """What is signed in front of the body."""
    encoding: str = "hex"
    time: str | None = None
    """The signed time; None where the scheme has none."""
    missing: tuple[str, ...] = ()
    """Header fields that the scheme needs and the request does not have."""
    malformed: str = ""
    """Why the field could not be read, as a sentence; empty where it could."""
    algorithm: str = "sha256"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to sign: ``read`` takes the header fields (names in lower case), ``key`` the secret."""

    name: str
    title: str
    fields: tuple[str, ...]
    read: Callable[[Mapping[str, str], str], Signed] = field(repr=False)
    key: Callable[[str], bytes] = field(default=lambda secret: secret.encode("utf-8", "replace"), repr=False)


def _github(fields: Mapping[str, str], header: str) -> Signed:
    name = "X-Hub-Signature-256"
    value = fields.get(name.lower())
    if value is None:
        if "x-hub-signature" in fields:
            why = "Only X-Hub-Signature, the outdated SHA-1 signature, was sent."
            return Signed(name, missing=(name,), malformed=why)
        return Signed(name, missing=(name,))
    algorithm, mark, signature = value.partition("=")
    if not mark or algorithm != "sha256":
        return Signed(name, malformed=f"{name} must be sha256= and 64 hexadecimal digits.")
    return Signed(name, (signature,))


def _stripe(fields: Mapping[str, str], header: str) -> Signed:
    name = "Stripe-Signature"
    value = fields.get(name.lower())
    if value is None:
        return Signed(name, missing=(name,))
    parts = [part.strip(" ").partition("=") for part in value.split(",")[: 2 * MAX_SIGNATURES]]
    times = [text for key, _, text in parts if key == "t"]
    signatures = tuple(text for key, _, text in parts if key == "v1")[:MAX_SIGNATURES]
    if not times or not signatures:
        return Signed(name, malformed=f"{name} must have the parts t= (the time) and v1= (the signature).")
    return Signed(name, signatures, _ascii(times[0]) + b".", time=times[0])


def _slack(fields: Mapping[str, str], header: str) -> Signed:
    name, time_name = "X-Slack-Signature", "X-Slack-Request-Timestamp"
    missing = tuple(each for each in (name, time_name) if each.lower() not in fields)
    if missing:
        return Signed(name, missing=missing)
    version, mark, signature = fields[name.lower()].partition("=")
    if not mark or version != "v0":
        return Signed(name, malformed=f"{name} must be v0= and 64 hexadecimal digits.")
    time = fields[time_name.lower()]
    return Signed(name, (signature,), b"v0:" + _ascii(time) + b":", time=time)


def _standard(fields: Mapping[str, str], header: str) -> Signed:
    brand = "svix" if "webhook-signature" not in fields and "svix-signature" in fields else "webhook"
    names = [f"{brand}-id", f"{brand}-timestamp", f"{brand}-signature"]
    missing = tuple(name for name in names if name not in fields)
    if missing:
        return Signed(names[2], missing=missing)
    message_id, time, value = (fields[name] for name in names)
    parts = [part.partition(",") for part in value.split(" ")[:MAX_SIGNATURES]]
    signatures = tuple(signature for version, _, signature in parts if version == "v1")
    if not signatures:
        return Signed(names[2], malformed=f"{names[2]} must be v1, and the signature in base64.")
    prefix = _ascii(message_id) + b"." + _ascii(time) + b"."
    return Signed(names[2], signatures, prefix, "base64", time)


def _standard_key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return secret.encode("utf-8", "replace")


def _shopify(fields: Mapping[str, str], header: str) -> Signed:
    name = "X-Shopify-Hmac-Sha256"
    value = fields.get(name.lower())
    return Signed(name, missing=(name,)) if value is None else Signed(name, (value,), encoding="base64")


_STANDARD_FIELDS = ("webhook-signature", "svix-signature")
_PLAIN_FIELDS = (
    *("X-Signature", "X-Signature-256", "X-Hub-Signature-256", "X-Webhook-Signature", "X-Hmac-Signature"),
    *("X-Hmac-Sha256", "X-Hub-Signature", "Signature"),
)


def _plain(fields: Mapping[str, str], header: str) -> Signed:
    names = (header,) if header else _PLAIN_FIELDS
    name = next((each for each in names if each.lower() in fields), None)
    if name is None:
        return Signed(names[0], missing=(header or "a signature field such as X-Signature",))
    value = fields[name.lower()].strip(" ")
    algorithm, mark, signature = value.partition("=")
    if mark and algorithm.lower() in ("sha1", "sha256", "sha512"):
        return Signed(name, (signature,), encoding="either", algorithm=algorithm.lower())
    return Signed(name, (value,), encoding="either")


def _ascii(text: str) -> bytes:
    return text.encode("latin-1", "replace")


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        Scheme("github", "GitHub", ("X-Hub-Signature-256", "X-Hub-Signature"), _github),
        Scheme("stripe", "Stripe", ("Stripe-Signature",), _stripe),
        Scheme("slack", "Slack", ("X-Slack-Signature",), _slack),
        Scheme("standardwebhooks", "Standard Webhooks", _STANDARD_FIELDS, _standard, _standard_key),
        Scheme("shopify", "Shopify", ("X-Shopify-Hmac-Sha256",), _shopify),
        Scheme("hmac", "HMAC", _PLAIN_FIELDS, _plain),
    )
}  # fmt: skip
"""Every scheme by name."""

SIGNATURE_FIELDS = frozenset(name.lower() for scheme in SCHEMES.values() for name in scheme.fields)
"""Header fields, in lower case, that hold the signature of a body."""

_ALIASES = {"standard": "standardwebhooks", "svix": "standardwebhooks", "plain": "hmac", "hmacsha256": "hmac"}


def scheme_name(text: str) -> str:
    """The name in ``SCHEMES`` that ``text`` means, also "Standard Webhooks" or "svix"; empty for none."""
    folded = "".join(char for char in text[:40].lower() if char.isalnum())
    name = _ALIASES.get(folded, folded)
    return name if name in SCHEMES else ""
