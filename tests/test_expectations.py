"""Expectations: each name, each kind of value, and that no text makes them fail to answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.errors import TooManyExpectations
from yourl.expectations import MAX_EXPECTATIONS, SHOWN, check, check_all, expectations_in, summary_of
from yourl.proxies import FINDING_CODES


def decided(value: Any) -> dict[str, Any]:
    return {"value": value, "source": "X-Forwarded-For[0]", "trusted": True, "why": "a proxy said so"}


DOCUMENT: dict[str, Any] = {
    "url": "https://shop.example/api",
    "method": "GET",
    "visual_inspection_allowed": False,
    "device_type": "phone",
    "body": {"size": 0, "text": None},
    "headers": {"Host": "shop.example", "X-Own.Name": "a"},
    "query": {"x": ["1", "2"], "a.b": ["3"]},
    "findings": [{"code": "missing-proto"}, {"code": "port-lost"}],
    "headers_as_received": [["host", "shop.example"], ["X_Internal", "1"], ["Cookie", "a"]],
    "proxy": {
        "hops": [{"address": "2001:db8::7"}, {"address": "10.0.0.1"}, {"address": None}],
        "client": decided("2001:db8::7"), "scheme": decided("https"), "host": decided("shop.example"),
        "port": decided(443), "prefix": decided(""),
    },
}  # fmt: skip

CASES = [
    pytest.param("client:2001:db8::7", True, id="client-with-colons"),
    pytest.param("client:2001:DB8:0::7", True, id="the-same-address-written-otherwise"),
    pytest.param("client:203.0.113.7", False, id="another-client"),
    pytest.param("scheme:https", True, id="scheme"),
    pytest.param("host:Shop.Example", True, id="host-in-any-case"),
    pytest.param("port:443", True, id="port-is-a-number"),
    pytest.param("prefix:", True, id="no-prefix"),
    pytest.param("device:phone", True, id="device"),
    pytest.param("device:watch", False, id="another-device"),
    pytest.param("finding:missing-proto", True, id="finding"),
    pytest.param("finding:private-client", False, id="finding-that-is-not-there"),
    pytest.param("finding:none", False, id="no-findings"),
    pytest.param("!finding:private-client", True, id="not-that-finding"),
    pytest.param("!finding:port-lost", False, id="not-that-finding-but-it-is-there"),
    pytest.param("finding:prot-lost", False, id="no-such-finding"),
    pytest.param("!finding:prot-lost", False, id="no-such-finding-negated"),
    pytest.param("!finding:none", True, id="some-finding"),
    pytest.param("client:2001:db8::/32", True, id="client-in-a-network"),
    pytest.param("client:2001:db8:1::/48", False, id="client-in-another-network"),
    pytest.param("client:[2001:db8::7]", True, id="client-in-brackets"),
    pytest.param("client:10.0.0.0/8", False, id="client-in-a-network-of-the-other-version"),
    pytest.param("!client:10.0.0.0/8", True, id="client-not-in-a-network"),
    pytest.param("!client:10.0.0.0/33", False, id="no-network-negated"),
    pytest.param("!client:203.0.113.999", False, id="no-address-negated"),
    pytest.param("!client:", False, id="no-client-at-all-negated"),
    pytest.param("client:unknown", False, id="a-name-may-be-a-client"),
    pytest.param("!scheme:htps", False, id="no-such-scheme-negated"),
    pytest.param("scheme:HTTPS", True, id="scheme-in-any-case"),
    pytest.param("!device:wacht", False, id="no-such-device-negated"),
    pytest.param("!port:https", False, id="no-port-negated"),
    pytest.param("!port:70000", False, id="no-such-port-negated"),
    pytest.param("!port:80", True, id="another-port"),
    pytest.param("hops:3", True, id="number-of-hops"),
    pytest.param("hops:2", False, id="another-number-of-hops"),
    pytest.param("hops:10.0.0.1", True, id="a-hop"),
    pytest.param("hops:10.0.0.0/8", True, id="a-hop-in-a-network"),
    pytest.param("!hops:192.0.2.0/24", True, id="no-hop-in-a-network"),
    pytest.param("!hops:ten", False, id="no-number-of-hops-negated"),
    pytest.param("header-absent:X-Secret", True, id="header-absent"),
    pytest.param("header-absent:host", False, id="header-present"),
    pytest.param("!header-absent:Host", True, id="header-not-absent"),
    pytest.param("header-absent:x_internal", False, id="header-that-wsgi-would-drop"),
    pytest.param("header-absent:X Secret", False, id="no-header-name"),
    pytest.param("!header-absent:", False, id="no-header-name-negated"),
    pytest.param("url:https://shop.example/api", True, id="url"),
    pytest.param("headers_as_received:1", True, id="any-of-lists-in-a-list"),
    pytest.param("!headers:x", False, id="an-object-is-no-value"),
    pytest.param(f"!{'x' * 300}:1", False, id="a-long-name"),
    pytest.param(f"!{'a.' * 100}a:1", False, id="a-deep-name"),
    pytest.param("method:GET", True, id="top-level"),
    pytest.param("visual_inspection_allowed:false", True, id="boolean"),
    pytest.param("visual_inspection_allowed:0", False, id="a-number-is-no-boolean"),
    pytest.param("body.size:0", True, id="path"),
    pytest.param("body.text:null", True, id="null"),
    pytest.param("headers.host:shop.example", True, id="field-names-in-any-case"),
    pytest.param("headers.x-own.name:a", True, id="a-key-with-a-dot"),
    pytest.param("query.x:2", True, id="any-of-a-list"),
    pytest.param("query.a.b:3", True, id="a-parameter-with-a-dot"),
    pytest.param("!method:POST", True, id="not"),
    pytest.param("nothing:1", False, id="unknown-name"),
    pytest.param("!nothing:1", False, id="unknown-name-negated"),
    pytest.param("method", False, id="no-value"),
    pytest.param(":GET", False, id="no-name"),
    pytest.param("", False, id="nothing"),
    pytest.param("body.size.more:1", False, id="path-into-a-number"),
]


@pytest.mark.parametrize(("expectation", "met"), CASES)
def test_check(expectation: str, met: bool) -> None:
    """An expectation is met or not, and always says why."""
    result = check(expectation, DOCUMENT)
    assert (expectation, met) == (result.expect, result.met)
    assert result.why.endswith(".")


def test_an_unmet_decision_says_why_it_was_made() -> None:
    """Who expected another client reads at once why it is this one."""
    assert "a proxy said so" in check("client:203.0.113.7", DOCUMENT).why


def test_too_many() -> None:
    """As many as the limit are checked; one more is refused, not forgotten."""
    assert all(result.met for result in check_all(["method:GET"] * MAX_EXPECTATIONS, DOCUMENT))
    with pytest.raises(TooManyExpectations, match=str(MAX_EXPECTATIONS)):
        check_all(["method:GET"] * (MAX_EXPECTATIONS + 1), DOCUMENT)


def test_expectations_of_a_query() -> None:
    """They come in order; where the query is too long to be listed, none of them is overlooked."""
    assert ["a:b", "c:d"] == expectations_in(
        {"x": ["1"], "expect": ["a:b", "c:d"]}, "x=1&expect=a:b&expect=c:d"
    )
    assert not expectations_in({}, "")
    assert not expectations_in({}, "x&" * 2000)
    with pytest.raises(TooManyExpectations):
        expectations_in({}, "x&" * 2000 + "expect=a:b")


def test_every_finding_can_be_expected() -> None:
    """Each code that a finding can have is known."""
    assert all(
        check(f"!finding:{code}", DOCUMENT).why.startswith("The findings are") for code in FINDING_CODES
    )


LONG = {
    **DOCUMENT,
    "text": "x" * 1_000_000, "list": ["y" * 1000] * 1000, "number": 10**4000,
    "nested": [[["z"] * 50] * 50] * 50,
    "hidden": "\0" * 1000,
}  # fmt: skip


@pytest.mark.parametrize("name", ["text", "list", "number", "nested", "hidden"])
def test_a_check_shows_an_excerpt(name: str) -> None:
    """However long a value is, each check repeats little of it."""
    for wanted in ("1", "x" * 8000, "\0" * 8000):
        result = check(f"{name}:{wanted}", LONG)
        assert not result.met
        assert len(str(result.actual)) <= 4 * SHOWN
        assert len(result.why) <= 400


def test_the_summary_is_short() -> None:
    """The message of a refusal names the first few reasons and the number of the others."""
    unmet = check_all(["method:POST"] * 10, DOCUMENT)
    assert summary_of(unmet).endswith("And 7 more.")
    assert summary_of(unmet[:1]) == unmet[0].why


@given(st.text(max_size=60))
def test_no_expectation_raises(text: str) -> None:
    """Whatever is asked, there is an answer."""
    assert check(text, DOCUMENT).met in (True, False)
