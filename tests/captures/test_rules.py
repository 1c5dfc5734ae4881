"""The rules of an inbox: read strictly, no header can be injected, the secret is not shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.captures.errors import BadInboxRules
from yourl.captures.rules import (
    Answer,
    InboxRules,
    SignatureRule,
    pack_rules,
    parse_one_off,
    parse_rules,
    public_document,
    unpack_rules,
)

GOOD = [
    ({}, InboxRules()),
    ({"status": 503, "delay": 1.5}, InboxRules(Answer(503, delay=1.5))),
    (
        {"headers": {"X-A": "1", "Link": ["a", "b"]}},
        InboxRules(Answer(headers=(("X-A", "1"), ("Link", "a"), ("Link", "b")))),
    ),
    ({"body": "höflich"}, InboxRules(Answer(body="höflich"))),
    ({"sequence": [{"status": 500}, {}]}, InboxRules(None, (Answer(500), Answer()))),
    ({"signature": {"scheme": "stripe", "secret": "s"}}, InboxRules(signature=SignatureRule("stripe", "s"))),
    (
        {"signature": {"scheme": "Standard Webhooks", "secret": "s"}},
        InboxRules(signature=SignatureRule("standardwebhooks", "s")),
    ),
    (
        {"signature": {"scheme": "hmac", "secret": "s", "header": "X-Mac"}},
        InboxRules(signature=SignatureRule("hmac", "s", "X-Mac")),
    ),
    ({"signature": None, "sequence": None}, InboxRules()),
]


@pytest.mark.parametrize(("document", "rules"), GOOD)
def test_good_rules(document: dict[str, Any], rules: InboxRules) -> None:
    """What is allowed is read, and survives the store."""
    assert rules == parse_rules(document)
    assert rules == unpack_rules(pack_rules(rules))


BAD = [
    ([], "JSON object"),
    ("x", "JSON object"),
    (None, "JSON object"),
    ({"statsu": 1}, "may have the keys"),
    *(({"status": status}, "status must be") for status in (199, 600, 100, "200", 200.0, True, None, [])),
    *(
        ({"delay": delay}, "delay must be")
        for delay in (-1, 30.1, "1", float("nan"), float("inf"), True, None)
    ),
    ({"body": 1}, "body must be"),
    ({"body": "x" * 65_537}, "body must be"),
    ({"status": 204, "body": "x"}, "body must be empty"),
    ({"headers": []}, "headers must be an object"),
    ({"headers": {"a": 1}}, r"headers\.a must be one line"),
    ({"headers": {str(n): "" for n in range(33)}}, "at most 32"),
    *(
        ({"headers": {name: "x"}}, "a name that is none")
        for name in ("", "a b", "a:b", "a\r\nb", "ä", "x" * 101)
    ),
    *(
        ({"headers": {"X": value}}, "headers.X must")
        for value in ("a\r\nSet-Cookie: b", "a\nb", "\x00", " a", "€", "x" * 4097)
    ),
    *(
        ({"headers": {name: "x"}}, f"may not set {name}")
        for name in (
            "Connection",
            "Transfer-Encoding",
            "content-length",
            "Upgrade",
            "Set-Cookie",
            "Content-Security-Policy",
            "X-Capture-ID",
            "Keep-Alive",
            "TE",
            "Trailer",
            "Proxy-Authenticate",
            "Date",
            "Access-Control-Allow-Origin",
        )
    ),
    ({"sequence": {}}, "sequence must be a list"),
    ({"sequence": [{}] * 101}, "at most 100"),
    ({"sequence": [1]}, r"sequence\[0\] must be an object"),
    ({"sequence": [{"status": 1}]}, r"sequence\[0\]\.status"),
    ({"sequence": [{"sequence": []}]}, r"sequence\[0\] may have the keys"),
    ({"signature": "x"}, "signature must be an object"),
    ({"signature": {"scheme": "x", "secret": "s"}}, "scheme must be one of"),
    ({"signature": {"scheme": "stripe"}}, "secret must be"),
    ({"signature": {"scheme": "stripe", "secret": ""}}, "secret must be"),
    ({"signature": {"scheme": "stripe", "secret": "a\nb"}}, "secret must be"),
    ({"signature": {"scheme": "stripe", "secret": "s", "header": "X"}}, "header must be"),
    ({"signature": {"scheme": "hmac", "secret": "s", "header": "a b"}}, "header must be"),
]


@pytest.mark.parametrize(("document", "message"), BAD)
def test_bad_rules(document: Any, message: str) -> None:
    """Each mistake is refused with a sentence that names it."""
    with pytest.raises(BadInboxRules, match=message):
        parse_rules(document)


def test_all_mistakes_at_once() -> None:
    """Every mistake is named."""
    with pytest.raises(BadInboxRules) as caught:
        parse_rules({"status": 1, "delay": -1, "headers": {"a b": ""}, "sequence": [{"body": 1}]})
    assert 4 == len(caught.value.faults)


def test_too_many_rules() -> None:
    """Rules that would fill the store are refused."""
    rules = parse_rules({"sequence": [{"body": "x" * 60_000}] * 30})
    with pytest.raises(BadInboxRules, match="longer"):
        pack_rules(rules)


def test_the_secret_is_not_shown() -> None:
    """What is shown of rules has the scheme and no secret, and is otherwise what was set."""
    document = {
        "status": 503,
        "headers": {"A": ["1", "2"], "B": "3"},
        "body": "x",
        "delay": 2.0,
        "sequence": [{"status": 500, "headers": {}, "body": None, "delay": 0.0}],
        "signature": {"scheme": "hmac", "secret": "geheim", "header": "X-Mac"},
    }
    shown = public_document(parse_rules(document))
    assert "geheim" not in json.dumps(shown)
    del document["signature"]["secret"]  # type: ignore[attr-defined]
    assert document == shown


@pytest.mark.parametrize(
    ("document", "statuses"),
    [
        ({}, [200, 200]),
        ({"status": 418}, [418, 418]),
        ({"sequence": [{"status": 500}, {"status": 503}, {"status": 200}]}, [500, 503, 200, 200]),
        ({"sequence": [{"status": 500}, {"status": 500}], "status": 201}, [500, 500, 201, 201]),
    ],
)
def test_turns(document: dict[str, Any], statuses: list[int]) -> None:
    """After a sequence comes the plain answer; without one its last answer repeats."""
    rules = parse_rules(document)
    assert statuses == [rules.answer_at(turn).status for turn in range(len(statuses))]


@pytest.mark.parametrize(
    ("parameters", "answer"),
    [
        ({}, None),
        ({"x": "1"}, None),
        ({"status": "503"}, Answer(503)),
        ({"delay": "0.5"}, Answer(delay=0.5)),
        ({"status": "404", "delay": "30"}, Answer(404, delay=30.0)),
    ],
)
def test_one_off_answers(parameters: dict[str, str], answer: Answer | None) -> None:
    """A request can ask for a status and a delay of its own."""
    assert answer == parse_one_off(parameters)


@pytest.mark.parametrize(
    "parameters",
    [
        {"status": "x"},
        {"status": "99"},
        {"status": "200.5"},
        {"delay": "31"},
        {"delay": "-1"},
        {"delay": "nan"},
        {"delay": "1e9"},
        {"status": ""},
    ],
)
def test_bad_one_off_answers(parameters: dict[str, str]) -> None:
    """A bad status or delay is refused, not ignored."""
    with pytest.raises(BadInboxRules):
        parse_one_off(parameters)


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = st.sampled_from(["status", "headers", "body", "delay", "sequence", "signature", "scheme", "secret"])


@given(st.dictionaries(KEYS, VALUES))
def test_no_json_breaks_it(document: dict[str, Any]) -> None:
    """Any JSON is either rules without a line end in a header, or refused with sentences."""
    try:
        rules = parse_rules(document)
    except BadInboxRules:
        return
    for answer in (rules.answer_at(0), *rules.sequence):
        assert not any(sign in value for _, value in answer.headers for sign in "\r\n\0")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 700) | st.floats() | st.sampled_from(["hmac", "X-A", "", "s"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["status", "headers", "body", "delay", "sequence", "signature", "scheme", "secret", "header"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_what_is_accepted_survives_the_store(document: Any) -> None:
    """Rules that were accepted can be read again: else the inbox could answer nothing any more."""
    try:
        rules = parse_rules(document)
    except BadInboxRules:
        return
    assert rules == unpack_rules(pack_rules(rules))


@pytest.mark.parametrize("header", [False, 0, [], {}, 1, "a b", "x" * 101])
def test_bad_names_of_signature_headers(header: Any) -> None:
    """What is no name is refused, also where Python takes it for empty."""
    document = {"signature": {"scheme": "hmac", "secret": "s", "header": header}}
    with pytest.raises(BadInboxRules, match=r"signature\.header"):
        parse_rules(document)
