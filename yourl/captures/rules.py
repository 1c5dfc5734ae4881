"""How an inbox answers and verifies: strict reading of the JSON that sets it, and which answer is whose turn.

An answer is sent to the sender, from the same origin as the pages of this server. So a rule
sets no field that frames the message, that this server sets itself, or that browsers keep for the origin.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from yourl.captures.errors import BadInboxRules
from yourl.captures.signatures.schemes import SCHEMES, scheme_name
from yourl.http1.grammar import is_token
from yourl.http1.head import Fields

MAX_DELAY = 30.0
MAX_BODY = 64 * 1024
MAX_HEADERS = 32
MAX_HEADER_NAME = 100
MAX_HEADER_VALUE = 4096
MAX_SEQUENCE = 100
MAX_RULES = 1024 * 1024
MAX_SECRET = 1024

_FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NO_CONTENT = (204, 205, 304)
# Framing and hop-by-hop fields (RFC 9110 section 7.6.1), what the server sets itself, and what a browser
# would keep for the whole origin.
_FORBIDDEN = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("content-length", "content-encoding", "date", "server", "x-capture-id", "x-request-id"),
        *("content-security-policy", "content-security-policy-report-only", "x-content-type-options"),
        *("set-cookie", "set-cookie2", "clear-site-data", "strict-transport-security", "alt-svc"),
        *("service-worker-allowed", "refresh", "public-key-pins", "report-to", "nel", "reporting-endpoints"),
    )
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer; ``delay`` in seconds before it is sent."""

    status: int = 200
    headers: Fields = ()
    body: str | None = None
    """None: the server's own short answer, which names the capture."""
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class SignatureRule:
    """How requests to an inbox are signed. ``header`` is for ``hmac`` only; empty: the usual ones."""

    scheme: str
    secret: str
    header: str = ""


@dataclass(frozen=True, slots=True)
class InboxRules:
    """How an inbox answers and verifies. ``answer`` comes after the sequence; None: its last one repeats."""

    answer: Answer | None = None
    sequence: tuple[Answer, ...] = ()
    signature: SignatureRule | None = None

    def answer_at(self, turn: int) -> Answer:
        """The answer to the request before which ``turn`` others have come."""
        if turn < len(self.sequence):
            return self.sequence[turn]
        return self.answer or (self.sequence[-1] if self.sequence else Answer())


def parse_rules(document: Any) -> InboxRules:
    """Rules from decoded JSON: ``status``, ``headers``, ``body``, ``delay``, ``sequence``, ``signature``.

    :raises BadInboxRules: with every mistake
    """
    faults: list[str] = []
    rules = _rules(document, faults)
    if faults or rules is None:
        raise BadInboxRules(faults)
    return rules


def parse_one_off(parameters: Mapping[str, str]) -> Answer | None:
    """The answer that the parameters ``status`` and ``delay`` of one request ask for; None for neither.

    :raises BadInboxRules: with every mistake
    """
    faults: list[str] = []
    chosen: dict[str, Any] = {}
    for name in ("status", "delay"):
        if name in parameters:
            text = parameters[name]
            number = float(text) if re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,6})?", text) else None
            chosen[name] = int(number) if number is not None and number == int(number) else number
    answer = _answer(chosen, "", faults) if chosen else None
    if faults:
        raise BadInboxRules(faults)
    return answer


def _rules(document: Any, faults: list[str]) -> InboxRules | None:
    if not isinstance(document, dict):
        faults.append("The rules of an inbox must be a JSON object.")
        return None
    _refuse_others(document, ("status", "headers", "body", "delay", "sequence", "signature"), "", faults)
    has_answer = any(key in document for key in ("status", "headers", "body", "delay"))
    return InboxRules(
        answer=_answer(document, "", faults) if has_answer else None,
        sequence=_sequence(document.get("sequence"), faults),
        signature=_signature(document.get("signature"), faults),
    )


def _refuse_others(document: Mapping[str, Any], known: tuple[str, ...], at: str, faults: list[str]) -> None:
    if not document.keys() <= set(known):
        faults.append(f"{at or 'The rules'} may have the keys {', '.join(known)} only.")


def _answer(document: Mapping[str, Any], at: str, faults: list[str]) -> Answer:
    status = _status(document.get("status", 200), at, faults)
    body = document.get("body")
    if body is not None and (not isinstance(body, str) or len(body.encode("utf-8", "replace")) > MAX_BODY):
        faults.append(f"{at}body must be a string of at most {MAX_BODY} bytes.")
        body = None
    if body and status in _NO_CONTENT:
        faults.append(f"{at}body must be empty: an answer with status {status} has none.")
    return Answer(
        status, _headers(document.get("headers", {}), at, faults), body,
        _delay(document.get("delay", 0), at, faults),
    )  # fmt: skip


def _status(value: Any, at: str, faults: list[str]) -> int:
    if type(value) is not int or not 200 <= value <= 599:
        faults.append(f"{at}status must be a whole number from 200 to 599.")
        return 200
    return value


def _delay(value: Any, at: str, faults: list[str]) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= MAX_DELAY:
        faults.append(f"{at}delay must be a number of seconds from 0 to {MAX_DELAY:g}.")
        return 0.0
    return float(value)


def _headers(value: Any, at: str, faults: list[str]) -> Fields:
    if not isinstance(value, dict):
        faults.append(f"{at}headers must be an object of names and values.")
        return ()
    pairs = [
        (name, single)
        for name, given in value.items()
        for single in (given if isinstance(given, list) else [given])
    ]
    if len(pairs) > MAX_HEADERS:
        faults.append(f"{at}headers may be at most {MAX_HEADERS}.")
        return ()
    return tuple(pair for pair in pairs if _header_is_good(*pair, at, faults))


def _header_is_good(name: str, value: Any, at: str, faults: list[str]) -> bool:
    if not _is_field_name(name):
        faults.append(f"{at}headers has a name that is none: letters, digits and hyphens.")
    elif name.lower() in _FORBIDDEN or name.lower().startswith(("proxy-", "access-control-")):
        faults.append(f"{at}headers may not set {name}: this server sets it or may not send it.")
    elif not isinstance(value, str) or len(value) > MAX_HEADER_VALUE or not _FIELD_VALUE.fullmatch(value):
        faults.append(
            f"{at}headers.{name} must be one line of at most {MAX_HEADER_VALUE} characters, Latin-1."
        )
    elif value != value.strip(" \t"):
        faults.append(f"{at}headers.{name} must not begin or end with a blank.")
    else:
        return True
    return False


def _sequence(value: Any, faults: list[str]) -> tuple[Answer, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > MAX_SEQUENCE:
        faults.append(f"sequence must be a list of at most {MAX_SEQUENCE} answers.")
        return ()
    answers = []
    for number, item in enumerate(value):
        at = f"sequence[{number}]."
        if not isinstance(item, dict):
            faults.append(f"sequence[{number}] must be an object.")
            continue
        _refuse_others(item, ("status", "headers", "body", "delay"), f"sequence[{number}]", faults)
        answers.append(_answer(item, at, faults))
    return tuple(answers)


def _signature(value: Any, faults: list[str]) -> SignatureRule | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        faults.append("signature must be an object with scheme and secret.")
        return None
    _refuse_others(value, ("scheme", "secret", "header"), "signature", faults)
    scheme, secret, header = value.get("scheme"), value.get("secret"), value.get("header")
    scheme = scheme_name(scheme) if isinstance(scheme, str) else ""
    if not scheme:
        faults.append(f"signature.scheme must be one of {', '.join(SCHEMES)}.")
    if not isinstance(secret, str) or not 1 <= len(secret) <= MAX_SECRET or not secret.isprintable():
        faults.append(f"signature.secret must be 1 to {MAX_SECRET} printable characters.")
    if header not in (None, "") and (scheme != "hmac" or not _is_field_name(header)):
        faults.append("signature.header must be a field name, and is for the scheme hmac only.")
    return SignatureRule(str(scheme), str(secret), str(header or ""))


def _is_field_name(value: Any) -> bool:
    return isinstance(value, str) and is_token(value) and len(value) <= MAX_HEADER_NAME


def public_document(rules: InboxRules) -> dict[str, Any]:
    """The rules as plain dicts, without the secret."""
    document = _stored_document(rules)
    if document["signature"] is not None:
        del document["signature"]["secret"]
    return document


def _stored_document(rules: InboxRules) -> dict[str, Any]:
    signature = rules.signature
    return {
        **(_answer_document(rules.answer) if rules.answer else {}),
        "sequence": [_answer_document(answer) for answer in rules.sequence],
        "signature": None if signature is None else {
            "scheme": signature.scheme,
            "secret": signature.secret,
            **({"header": signature.header} if signature.header else {}),
        },
    }  # fmt: skip


def _answer_document(answer: Answer) -> dict[str, Any]:
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    plain = {name: values[0] if len(values) == 1 else values for name, values in headers.items()}
    return {"status": answer.status, "headers": plain, "body": answer.body, "delay": answer.delay}


def pack_rules(rules: InboxRules) -> str:
    """The rules as a store keeps them, the secret included.

    :raises BadInboxRules: where they are too long
    """
    packed = json.dumps(_stored_document(rules))
    if len(packed) > MAX_RULES:
        raise BadInboxRules([f"The rules are longer than {MAX_RULES} bytes."])
    return packed


@lru_cache(maxsize=64)
def unpack_rules(packed: str) -> InboxRules:
    """The rules that were packed; each request to an inbox reads them."""
    return parse_rules(json.loads(packed))
