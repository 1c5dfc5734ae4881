"""Signatures: what real senders sign fits, and each way to break it is explained."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timezone

import pytest
import slack_sdk.signature
import standardwebhooks
import stripe
from hypothesis import given
from hypothesis import strategies as st

from yourl.captures.rules import SignatureRule
from yourl.captures.signatures.schemes import SCHEMES, scheme_name
from yourl.captures.signatures.verification import verify

NOW = 1_770_000_000
BODY = '{"id":"evt_1","name":"Köln","list":[1,2],"path":"a/b"}'.encode()
SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()
Fields = tuple[tuple[str, str], ...]


def digest(secret: str, body: bytes, algorithm: str = "sha256") -> bytes:
    return hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).digest()


def github(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    return (("X-Hub-Signature-256", f"sha256={digest(secret, body).hex()}"),)


def stripes(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    signed = f"{now}.".encode() + body
    value = (
        stripe.WebhookSignature._compute_signature(signed.decode("utf-8", "surrogateescape"), secret)
        if _is_text(signed)
        else digest(secret, signed).hex()
    )
    return (("Stripe-Signature", f"t={now},v1={value},v0=outdated"),)


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def slack(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    if _is_text(body):
        signature = slack_sdk.signature.SignatureVerifier(secret).generate_signature(
            timestamp=str(now), body=body
        )
    else:
        signature = f"v0={digest(secret, f'v0:{now}:'.encode() + body).hex()}"
    return (("X-Slack-Request-Timestamp", str(now)), ("X-Slack-Signature", str(signature)))


def standard(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    if _is_text(body):
        signer = standardwebhooks.Webhook(secret)
        signature = signer.sign("msg_1", datetime.fromtimestamp(now, timezone.utc), body.decode())
    else:
        key = base64.b64decode(secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"msg_1.{now}.".encode() + body, hashlib.sha256)
        signature = "v1," + base64.b64encode(mac.digest()).decode()
    return (("webhook-id", "msg_1"), ("webhook-timestamp", str(now)), ("webhook-signature", signature))


def shopify(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    return (("X-Shopify-Hmac-Sha256", base64.b64encode(digest(secret, body)).decode()),)


def plain(body: bytes, secret: str = SECRET, now: int = NOW) -> Fields:
    return (("X-Signature", digest(secret, body).hex()),)


Signer = Callable[..., Fields]
SIGNERS: dict[str, Signer] = {
    "github": github,
    "stripe": stripes,
    "slack": slack,
    "standardwebhooks": standard,
    "shopify": shopify,
    "hmac": plain,
}
TIMED = ("stripe", "slack", "standardwebhooks")
every_scheme = pytest.mark.parametrize("scheme", SIGNERS)


def code(scheme: str, fields: Fields, body: bytes = BODY, secret: str = SECRET, now: float = NOW) -> str:
    """The result's code; a result is valid if and only if it says so, and always gives a reason."""
    result = verify(SignatureRule(scheme, secret), fields, body, now)
    assert result.valid == (result.code == "valid")
    assert result.why.endswith(".")
    assert secret not in result.why
    return result.code


def test_each_scheme_has_a_signer() -> None:
    """Every scheme is tested here."""
    assert set(SCHEMES) == set(SIGNERS)


@every_scheme
def test_what_the_sender_signs_fits(scheme: str) -> None:
    """The vendor's own code, or the documented recipe, makes signatures that fit."""
    assert "valid" == code(scheme, SIGNERS[scheme](BODY))
    assert "valid" == code(scheme, SIGNERS[scheme](b""), b"")
    lower = tuple((name.lower(), value) for name, value in SIGNERS[scheme](BODY))
    assert "valid" == code(scheme, lower)


@every_scheme
@given(body=st.binary(max_size=80))
def test_any_body(scheme: str, body: bytes) -> None:
    """The raw bytes are what counts, whatever they are."""
    assert "valid" == code(scheme, SIGNERS[scheme](body), body)


REWRITTEN = json.loads(BODY)
CHANGES = [
    pytest.param(BODY + b"\n", "newline_added", id="newline-added"),
    pytest.param(b"\xef\xbb\xbf" + BODY, "bom_changed", id="bom-added"),
    pytest.param(b" " + BODY + b"  ", "blanks_changed", id="blanks-added"),
    pytest.param(json.dumps(REWRITTEN).encode(), "json_rewritten", id="blanks-in-json"),
    pytest.param(json.dumps(REWRITTEN, indent=2).encode(), "json_rewritten", id="indented"),
    pytest.param(json.dumps(REWRITTEN, sort_keys=True).encode(), "wrong_secret", id="keys-sorted"),
    pytest.param(BODY.decode().encode("latin-1"), "charset_changed", id="latin-1"),
    pytest.param(BODY.decode("latin-1").encode(), "charset_changed", id="utf-8-twice"),
    pytest.param(BODY.replace(b"evt_1", b"evt_2"), "wrong_secret", id="other-value"),
    pytest.param(b"", "wrong_secret", id="lost"),
]


@every_scheme
@pytest.mark.parametrize(("received", "expected"), CHANGES)
def test_the_body_was_changed_on_the_way(scheme: str, received: bytes, expected: str) -> None:
    """A changed body is told from a wrong secret, with what was changed."""
    assert expected == code(scheme, SIGNERS[scheme](BODY), received)


@every_scheme
@pytest.mark.parametrize(
    ("signed", "received", "expected"),
    [
        (BODY + b"\n", BODY, "newline_removed"),
        (b'{"a":\r\n1}', b'{"a":\n1}', "line_ends_changed"),
        (b"a\nb", b"a\r\nb", "line_ends_changed"),
        (b'{"a": 1, "b": "\\u00e9"}', b'{"a":1,"b":"\xc3\xa9"}', "json_rewritten"),
        (b'{\n  "a": 1\n}', b'{"a":1}', "json_rewritten"),
        (b'{"a":"x\\/y"}', b'{"a":"x/y"}', "json_rewritten"),
        (b"", BODY, "empty_body_signed"),
    ],
)
def test_the_other_way_round(scheme: str, signed: bytes, received: bytes, expected: str) -> None:
    """What was taken away or rewritten is recognised too."""
    assert expected == code(scheme, SIGNERS[scheme](signed), received)


@every_scheme
def test_another_secret(scheme: str) -> None:
    """A wrong secret is said to be the likeliest reason."""
    other = "whsec_" + base64.b64encode(b"another secret of 24 byt").decode()
    assert "wrong_secret" == code(scheme, SIGNERS[scheme](BODY), secret=other)


@every_scheme
def test_no_header(scheme: str) -> None:
    """A missing header field is named."""
    fields = SIGNERS[scheme](BODY)
    for missing, _ in fields:
        left = tuple(pair for pair in fields if pair[0] != missing)
        assert "header_missing" == code(scheme, left)
        if scheme != "hmac":
            assert missing.lower() in verify(SignatureRule(scheme, SECRET), left, BODY, NOW).why.lower()


@pytest.mark.parametrize("scheme", TIMED)
@pytest.mark.parametrize(
    ("later", "expected"), [(299, "valid"), (301, "timestamp_too_old"), (-301, "timestamp_in_future")]
)
def test_time(scheme: str, later: int, expected: str) -> None:
    """A signature is good for five minutes; then it says by how much it is too old."""
    assert expected == code(scheme, SIGNERS[scheme](BODY), now=NOW + later)


@pytest.mark.parametrize("scheme", TIMED)
def test_milliseconds(scheme: str) -> None:
    """A time in milliseconds is recognised."""
    fields = (
        SIGNERS[scheme](BODY, now=NOW)
        if scheme == "standardwebhooks"
        else SIGNERS[scheme](BODY, now=NOW * 1000)
    )
    if scheme == "standardwebhooks":
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        mac = hmac.new(key, f"msg_1.{NOW}000.".encode() + BODY, hashlib.sha256).digest()
        fields = (
            ("webhook-id", "msg_1"),
            ("webhook-timestamp", f"{NOW}000"),
            ("webhook-signature", "v1," + base64.b64encode(mac).decode()),
        )
    assert "timestamp_malformed" == code(scheme, fields)


def encoded(scheme: str, change: Callable[[bytes], str]) -> Fields:
    """The fields of a scheme with the signature in another encoding."""
    fields = list(SIGNERS[scheme](BODY))
    name, value = fields[-1]
    for text in value.replace(",", "=", 1 if scheme == "standardwebhooks" else 0).split(","):
        front, _, signature = text.partition("=") if text.endswith("=") else text.rpartition("=")
        if scheme in ("shopify", "hmac"):
            front, signature = "", value
        if front in ("t", "v0") and scheme == "stripe":
            continue
        raw = (
            base64.b64decode(signature)
            if scheme in ("standardwebhooks", "shopify")
            else bytes.fromhex(signature)
        )
        fields[-1] = (name, value.replace(signature, change(raw)))
        return tuple(fields)
    raise AssertionError(value)


@pytest.mark.parametrize("scheme", ["standardwebhooks", "shopify"])
def test_hex_where_base64_is_due(scheme: str) -> None:
    """The right digest in hexadecimal is recognised."""
    assert "hex_instead_of_base64" == code(scheme, encoded(scheme, bytes.hex))


@pytest.mark.parametrize("scheme", ["github", "stripe", "slack"])
def test_base64_where_hex_is_due(scheme: str) -> None:
    """The right digest in base64 is recognised."""
    assert "base64_instead_of_hex" == code(
        scheme, encoded(scheme, lambda raw: base64.b64encode(raw).decode())
    )


@pytest.mark.parametrize("scheme", ["github", "slack", "standardwebhooks", "shopify"])
def test_encoded_twice(scheme: str) -> None:
    """base64 of hexadecimal text is recognised."""
    assert "encoded_twice" == code(
        scheme, encoded(scheme, lambda raw: base64.b64encode(raw.hex().encode()).decode())
    )


@every_scheme
def test_cut_signature(scheme: str) -> None:
    """A signature of the wrong length is said to be none."""
    change: Callable[[bytes], str] = bytes.hex
    if scheme in ("standardwebhooks", "shopify"):
        change = lambda raw: base64.b64encode(raw[:16]).decode()  # noqa: E731
    else:
        change = lambda raw: raw[:16].hex()  # noqa: E731
    assert "signature_malformed" == code(scheme, encoded(scheme, change))


@pytest.mark.parametrize(
    ("scheme", "name", "value"),
    [
        ("github", "X-Hub-Signature-256", "md5=00"),
        ("github", "X-Hub-Signature-256", "00"),
        ("stripe", "Stripe-Signature", "v1=00"),
        ("stripe", "Stripe-Signature", "t=1"),
        ("stripe", "Stripe-Signature", ""),
        ("slack", "X-Slack-Signature", "00"),
        ("standardwebhooks", "webhook-signature", "v2,AA=="),
    ],
)
def test_malformed_headers(scheme: str, name: str, value: str) -> None:
    """A field that cannot be read says what it should look like."""
    fields = tuple((each, value if each == name else old) for each, old in SIGNERS[scheme](BODY))
    assert "header_malformed" == code(scheme, fields)


def test_only_the_outdated_github_header() -> None:
    """GitHub's SHA-1 signature alone is recognised."""
    fields = (("X-Hub-Signature", f"sha1={digest(SECRET, BODY, 'sha1').hex()}"),)
    result = verify(SignatureRule("github", SECRET), fields, BODY, NOW)
    assert ("header_missing", True) == (result.code, "SHA-1" in result.why)


@pytest.mark.parametrize("scheme", ["github", "shopify"])
@pytest.mark.parametrize("algorithm", ["sha1", "sha512"])
def test_another_algorithm(scheme: str, algorithm: str) -> None:
    """A digest of another algorithm is recognised."""
    raw = digest(SECRET, BODY, algorithm)
    value = f"sha256={raw.hex()}" if scheme == "github" else base64.b64encode(raw).decode()
    name = SIGNERS[scheme](BODY)[0][0]
    assert code(scheme, ((name, value),)) in ("wrong_algorithm", "signature_malformed")


@every_scheme
def test_misread_secrets(scheme: str) -> None:
    """The secret with a blank, a newline or without its prefix is recognised."""
    signer = SIGNERS[scheme]
    if scheme != "standardwebhooks":
        assert "secret_misread" == code(scheme, signer(BODY, SECRET + "\n"))
        assert "secret_misread" == code(scheme, signer(BODY, SECRET.removeprefix("whsec_")))
        assert "secret_misread" == code(scheme, signer(BODY), secret=f" {SECRET} ")
    else:
        mac = hmac.new(SECRET.encode(), f"msg_1.{NOW}.".encode() + BODY, hashlib.sha256).digest()
        fields = (*signer(BODY)[:2], ("webhook-signature", "v1," + base64.b64encode(mac).decode()))
        assert "secret_misread" == code(scheme, fields)


def test_signed_without_the_time() -> None:
    """A sender that signs the body alone is recognised."""
    fields = (
        ("X-Slack-Request-Timestamp", str(NOW)),
        ("X-Slack-Signature", f"v0={digest(SECRET, BODY).hex()}"),
    )
    assert "signed_without_time" == code("slack", fields)


def test_one_of_several_signatures() -> None:
    """While a secret is being replaced, senders sign with both: one that fits is enough."""
    value = stripes(BODY)[0][1]
    other = stripes(BODY, "whsec_old")[0][1].partition(",")[2]
    assert "valid" == code("stripe", (("Stripe-Signature", f"t={NOW},{other},{value.partition(',')[2]}"),))
    signature = standard(BODY)[2][1]
    fields = (*standard(BODY)[:2], ("webhook-signature", f"v1,AAAA {signature} v1a,xyz"))
    assert "valid" == code("standardwebhooks", fields)


def test_svix_names() -> None:
    """Svix, where Standard Webhooks come from, has names of its own for the same fields."""
    fields = tuple((name.replace("webhook", "svix"), value) for name, value in standard(BODY))
    assert "valid" == code("standardwebhooks", fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Signature", digest(SECRET, BODY).hex().upper()),
        ("X-Hub-Signature-256", "sha256=" + digest(SECRET, BODY).hex()),
        ("X-Webhook-Signature", base64.b64encode(digest(SECRET, BODY)).decode()),
        ("Signature", "SHA512=" + digest(SECRET, BODY, "sha512").hex()),
        ("X-Hub-Signature", "sha1=" + digest(SECRET, BODY, "sha1").hex()),
    ],
)
def test_plain_hmac_takes_usual_forms(name: str, value: str) -> None:
    """Hexadecimal or base64, with or without the algorithm in front, under any usual name."""
    assert "valid" == code("hmac", ((name, value),))


def test_plain_hmac_with_a_header_of_ones_own() -> None:
    """The field can be named in the rules, and then no other counts."""
    rule = SignatureRule("hmac", SECRET, "X-Mine")
    right = digest(SECRET, BODY).hex()
    assert verify(rule, (("x-mine", right),), BODY).valid
    assert "header_missing" == verify(rule, (("X-Signature", right),), BODY).code


@every_scheme
@given(value=st.text(max_size=40), body=st.binary(max_size=40))
def test_no_header_breaks_it(scheme: str, value: str, body: bytes) -> None:
    """Whatever the fields hold, there is a result, and it is not valid."""
    fields = tuple((name, value) for name, _ in SIGNERS[scheme](b""))
    assert "valid" != code(scheme, fields, body)


@pytest.mark.parametrize(
    "body", [b"[" * 200_000, b'{"a":' * 1000 + b"1" + b"}" * 1000, b"9" * 100_000, b"\xff" * 300_000]
)
def test_hostile_bodies(body: bytes) -> None:
    """Deep, huge and broken bodies get a result like any other."""
    assert "wrong_secret" == code("github", github(b"other"), body)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("stripe", "stripe"),
        ("GitHub", "github"),
        ("Standard Webhooks", "standardwebhooks"),
        ("svix", "standardwebhooks"),
        ("hmac-sha256", "hmac"),
        ("plain", "hmac"),
        ("", ""),
        ("md5", ""),
        ("x" * 1000, ""),
    ],
)
def test_names_of_schemes(text: str, name: str) -> None:
    """A scheme is found by any usual spelling of its name."""
    assert name == scheme_name(text)
