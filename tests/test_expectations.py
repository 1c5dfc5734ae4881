"""Expectations: each name, each kind of value, and that no text makes them fail to answer."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.expectations import MAX_EXPECTATIONS, check, check_all


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
    "proxy": {
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
    """Those over the limit are listed as failed, not forgotten."""
    results = check_all(["method:GET"] * (MAX_EXPECTATIONS + 2), DOCUMENT)
    assert [True] * MAX_EXPECTATIONS + [False] * 2 == [result.met for result in results]


@given(st.text(max_size=60))
def test_no_expectation_raises(text: str) -> None:
    """Whatever is asked, there is an answer."""
    assert check(text, DOCUMENT).met in (True, False)
