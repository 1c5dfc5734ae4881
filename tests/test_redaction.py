"""What is masked before a line is written, and what stays readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.redaction import MASK, is_secret, redacted_target

TARGETS = [
    pytest.param("/api?x=1&y=2", "/api?x=1&y=2", id="nothing-secret"),
    pytest.param("/api?token=abc&x=1", "/api?token=********&x=1", id="token"),
    pytest.param("/api?x=1&access_token=abc", "/api?x=1&access_token=********", id="access-token"),
    pytest.param("/api?api%5Fkey=abc", "/api?api%5Fkey=********", id="encoded-name"),
    pytest.param("/api?X-Amz-Signature=abc", "/api?X-Amz-Signature=********", id="signed-url"),
    pytest.param("/api?token=", "/api?token=", id="empty-value"),
    pytest.param("/api?token", "/api?token", id="no-value"),
    pytest.param("/token=abc", "/token=abc", id="a-path-is-no-parameter"),
    pytest.param("http://me:pw@h.example/x?a=1", "http://********@h.example/x?a=1", id="userinfo"),
    pytest.param("/live/shared/id.1.x.har?a=1", "/live/shared/********?a=1", id="shared-link"),
    pytest.param("/x?at=me@h.example", "/x?at=me@h.example", id="an-at-sign-is-no-userinfo"),
    pytest.param("/api?expect=query.token:abc", "/api?expect=query.token:********", id="expected"),
    pytest.param(
        "/api?expect=!headers.Cookie%3Aabc", "/api?expect=!headers.Cookie:********", id="expected-encoded"
    ),
    pytest.param(
        "/api?expect=headers%2Eauthorization:Bearer%20x&a=1",
        "/api?expect=headers%2Eauthorization:********&a=1",
        id="expected-with-encoded-name",
    ),
    pytest.param(
        "/api?%65xpect=body.json.password:x",
        "/api?%65xpect=body.json.password:********",
        id="expected-in-json",
    ),
    pytest.param(
        "/api?expect=headers_as_received:abc", "/api?expect=headers_as_received:********", id="any-field"
    ),
    pytest.param(
        "/api?expect=url:https://h/%3Ftoken%3Dabc", "/api?expect=url:********", id="secret-within-a-value"
    ),
    pytest.param(
        "/api?expect=scheme:https&expect=!finding:none",
        "/api?expect=scheme:https&expect=!finding:none",
        id="nothing-secret-expected",
    ),
    pytest.param("/api?expect=token", "/api?expect=token", id="no-expectation"),
    pytest.param("/api?a=b=c;password=x", "/api?a=b=c;password=********", id="semicolons"),
]


@pytest.mark.parametrize(("target", "expected"), TARGETS)
def test_redacted_target(target: str, expected: str) -> None:
    """Values of secret parameters are starred, everything else stays as it came."""
    assert expected == redacted_target(target)


@pytest.mark.parametrize(
    "name",
    ["Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "Api_Key", "X-Auth-Token", "sig", "jwt",
     "X-Hub-Signature-256", "X-CSRF-Token", "Stripe-Signature", "client_secret", "passwd", "sessionid"],
)  # fmt: skip
def test_secrets(name: str) -> None:
    """Names of what lets somebody in."""
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["Host", "User-Agent", "Accept", "X-Forwarded-For", "Via", "Content-Type", "x", "design", "author"],
)
def test_the_rest(name: str) -> None:
    """Names that a proxy or a webhook is debugged by."""
    assert not is_secret(name)


@given(st.text(max_size=200))
def test_nothing_but_values_is_touched(target: str) -> None:
    """Any text comes through; one without a question mark and an at sign comes through as it is."""
    harmless = target.replace("?", "").replace("@", "")
    assert harmless == redacted_target(harmless)
    assert isinstance(redacted_target(target), str)


@given(st.text(st.sampled_from("tokenTOKEN%2e=&;:expectsigauth?"), max_size=80))
def test_what_is_not_masked_is_not_changed(query: str) -> None:
    """Without the masks only parts of the query are left, in order."""
    written = redacted_target("/x?" + query).removeprefix("/x?")
    at = 0
    for part in written.split(MASK):
        at = query.index(part.removesuffix(":"), at) + len(part.removesuffix(":"))
