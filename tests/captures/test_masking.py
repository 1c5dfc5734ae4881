"""Secrets are masked before a capture is stored; what is needed to verify and replay it stays."""

from __future__ import annotations

import pytest

from tests.captures.samples import capture_of
from yourl.captures.codec import with_id
from yourl.captures.documents import document_of, document_to_store
from yourl.captures.masking import mask_capture, mask_fields, masked_names
from yourl.redaction import MASK


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Cookie",
        "X-Api-Key",
        "Proxy-Authorization",
        "X-Auth-Token",
        "x-csrf-token",
        "Set-Cookie",
    ],
)
def test_secret_fields_are_masked(name: str) -> None:
    """The name says that a field holds a secret; an empty one has none to hide."""
    assert ((name, MASK), (name, "")) == mask_fields(((name, "geheim"), (name, "")))


@pytest.mark.parametrize(
    "name",
    [
        "Stripe-Signature",
        "X-Hub-Signature-256",
        "X-Slack-Signature",
        "webhook-signature",
        "X-Shopify-Hmac-Sha256",
    ],
)
def test_signatures_of_webhooks_stay(name: str) -> None:
    """The signature of a body can be compared and forwarded."""
    assert ((name, "t=1,v1=ab"),) == mask_fields(((name, "t=1,v1=ab"),))


def test_no_secret_is_left() -> None:
    """Neither fields nor trailers nor URL keep it; the body does."""
    capture = capture_of(
        body=b"geheim-body",
        url="https://shop.example/in/a?token=geheim&x=1",
        target="/in/a?token=geheim&x=1",
        fields=(("Cookie", "geheim"), ("X-Other", "1")),
        trailers=(("Authorization", "geheim"),),
    )
    masked = mask_capture(capture)
    assert "geheim" not in repr((masked.summary, masked.target, masked.fields, masked.trailers))
    assert (f"/in/a?token={MASK}&x=1", b"geheim-body") == (masked.target, masked.body)
    assert ("Cookie",) == masked_names(masked)


def test_the_document_is_put_back_together() -> None:
    """A stored document repeats nothing of the capture, and comes back whole, in order and masked."""
    original = {
        "url": "https://shop.example/in/a?token=geheim&x=1",
        "headers": {"Cookie": "geheim"},
        "headers_as_received": [["Cookie", "geheim"]],
        "proxy": {"trusted": False},
        "query": {"token": ["geheim"], "x": ["1"]},
        "trailers": None,
        "body": {"text": "long"},
        "findings": [],
    }
    stored = document_to_store(original)
    assert {"proxy": {"trusted": False}, "findings": []} == {k: v for k, v in stored.items() if v is not None}
    capture = mask_capture(
        capture_of(
            url=str(original["url"]),
            target="/in/a?token=geheim&x=1",
            fields=(("Cookie", "geheim"), ("Content-Type", "application/json")),
            document=stored,
        )
    )
    document = document_of(with_id(capture, "1" * 32))
    assert ["id", "inbox", *original] == list(document)
    assert "geheim" not in repr(document)
    assert {"token": [MASK], "x": ["1"]} == document["query"]
    assert ({"id": 1}, {"trusted": False}) == (document["body"]["json"], document["proxy"])
