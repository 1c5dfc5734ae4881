"""No advice does harm: what a finding offers to paste never makes the verdict less true.

A small model of nginx stands between a visitor, who forges headers, and us. It has a generated configuration,
right or wrong; each fix for nginx, and each setting of ours, is pasted into it as a person would.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from hypothesis import example, given, settings
from hypothesis import strategies as st

from yourl.http1.target import parse_target
from yourl.proxies import (
    FINDING_CODES,
    FORWARDING_HEADERS,
    Connection,
    Finding,
    TrustedProxies,
    Verdict,
    evaluate,
)
from yourl.proxies.fixes import PRODUCTS

PEER = Connection("10.0.0.3", 50000, "10.0.0.9", 8080)
HOST = "shop.example:8443"
SLOTS = ("client", "scheme", "host", "port", "prefix")

Headers = dict[str, str]


@dataclass(frozen=True)
class Nginx:
    """An nginx at the edge that ends TLS: the ``proxy_set_header`` lines of its location."""

    lines: Headers = field(default_factory=dict)

    def passed_on(self, visitor: str, forged: Headers) -> Headers:
        """What arrives here of a visitor's request with these headers."""
        variables = {
            "$remote_addr": visitor,
            "$proxy_add_x_forwarded_for": ", ".join(filter(None, (forged.get("x-forwarded-for"), visitor))),
            "$scheme": "https",
            "$http_x_forwarded_proto": forged.get("x-forwarded-proto", ""),
            "$http_host": HOST,
            "$host": "shop.example",
            "$server_port": "8443",
        }
        passed = {**forged, "host": "backend", "connection": "close"}
        for name, value in self.lines.items():
            passed[name] = variables.get(value, value)
        return {name: value for name, value in passed.items() if value}

    def with_lines(self, text: str) -> Nginx:
        """The configuration with the ``proxy_set_header`` lines of a fix pasted over its own."""
        pasted = re.findall(r'^proxy_set_header ([\w-]+) "?([^";]*)"?;', text, re.MULTILINE)
        return Nginx({**self.lines, **{name.lower(): value for name, value in pasted}})


@dataclass(frozen=True)
class SetUp:
    """A visitor, what he forges, the proxy and our setting."""

    visitor: str
    forged: Headers
    proxy: Nginx
    trusted: str

    def verdict(self) -> Verdict:
        """What is decided about a visitor's request."""
        fields = list(self.proxy.passed_on(self.visitor, self.forged).items())
        trusted = TrustedProxies.parse(self.trusted)
        return evaluate(PEER, fields, trusted, target=parse_target("/api"), http_version="1.0")

    def truths(self) -> int:
        """How many of the five values are right."""
        found, truth = self.verdict(), (self.visitor, "https", "shop.example", 8443, "")
        return sum(getattr(found, slot).value == value for slot, value in zip(SLOTS, truth, strict=True))

    def after(self, finding: Finding) -> Iterator[SetUp]:
        """The set-up with what a finding offers."""
        for setting in re.findall(r"^YOURL_TRUSTED_PROXIES=(.+)$", finding.fix, re.MULTILINE):
            yield replace(self, trusted=setting)
        yield replace(self, proxy=self.proxy.with_lines(finding.fix))


VISITORS = st.sampled_from(["203.0.113.7", "192.168.7.7", "2001:db8::7"])
TRUSTS = st.sampled_from(["10.0.0.0/8", "10.0.0.3", "1", "2", "private"])
LINES = st.fixed_dictionaries(
    {},
    optional={
        "host": st.sampled_from(["$http_host", "$host"]),
        "x-forwarded-for": st.sampled_from(["$remote_addr", "$proxy_add_x_forwarded_for"]),
        "x-forwarded-proto": st.sampled_from(["$scheme", "http", "$http_x_forwarded_proto"]),
        "x-forwarded-host": st.sampled_from(["$http_host", "$host"]),
        "x-forwarded-port": st.sampled_from(["$server_port", "80"]),
        "x-real-ip": st.just("$remote_addr"),
    },
)
FORGED_VALUES = {
    "client": ["198.51.100.66", "10.66.66.66", "unknown", "198.51.100.66, 10.0.0.77"],
    "scheme": ["http", "https", "off"],
    "host": ["evil.example", "evil.example:8443", "shop.example"],
    "port": ["81", "443"],
    "prefix": ["/evil", "/"],
    "all": ["for=198.51.100.66;proto=http;host=evil.example"],
}
FORGED = st.lists(
    # Without those about the path: a proxy that shows it and one that passes it on look the same.
    st.sampled_from([key for key, one in FORWARDING_HEADERS.items() if one.about != "other"]).flatmap(
        lambda key: st.tuples(st.just(key), st.sampled_from(FORGED_VALUES[FORWARDING_HEADERS[key].about]))
    ),
    max_size=4,
).map(dict)
BROWSER = st.sampled_from(
    [{}, {"origin": f"https://{HOST}", "sec-fetch-site": "same-origin"}, {"sec-fetch-mode": "navigate"}]
)
SET_UPS = st.builds(
    lambda visitor, forged, browser, lines, trusted: SetUp(
        visitor, {**forged, **browser}, Nginx(lines), trusted
    ),
    VISITORS,
    FORGED,
    BROWSER,
    LINES,
    TRUSTS,
)
RIGHT = {
    "host": "$http_host",
    "x-forwarded-for": "$remote_addr",
    "x-forwarded-proto": "$scheme",
    "x-forwarded-host": "$http_host",
    "x-forwarded-port": "$server_port",
    "x-forwarded-prefix": "/",
    "forwarded": "",
}


@given(SET_UPS)
@settings(max_examples=300, deadline=None)
@example(SetUp("192.168.7.7", {"x-forwarded-for": "198.51.100.66"}, Nginx(RIGHT), "10.0.0.0/8"))
def test_no_fix_makes_the_verdict_less_true(set_up: SetUp) -> None:
    """Whatever is wrong and whatever a visitor forges, every fix can be pasted as it stands."""
    before = set_up.truths()
    for finding in set_up.verdict().findings:
        for after in set_up.after(finding):
            assert before <= after.truths(), (finding, after.proxy.lines, after.trusted)


@given(VISITORS, FORGED, BROWSER, TRUSTS.filter(lambda text: text != "2"))
@settings(max_examples=150, deadline=None)
def test_behind_a_right_proxy_nothing_can_be_forged(
    visitor: str, forged: Headers, browser: Headers, trusted: str
) -> None:
    """Where the proxy sets every value, all five are true, whatever a visitor sends."""
    trusted = "10.0.0.0/8" if visitor.startswith("192.168") and trusted == "private" else trusted
    assert 5 == SetUp(visitor, {**forged, **browser}, Nginx(RIGHT), trusted).truths()


@given(VISITORS, FORGED, BROWSER, TRUSTS.filter(lambda text: text != "2"))
@settings(max_examples=200, deadline=None)
def test_behind_a_proxy_that_appends_no_client_can_be_forged(
    visitor: str, forged: Headers, browser: Headers, trusted: str
) -> None:
    """Where the proxy adds to the list, the address that it adds is the client."""
    trusted = "10.0.0.0/8" if visitor.startswith("192.168") and trusted == "private" else trusted
    lines = {**RIGHT, "x-forwarded-for": "$proxy_add_x_forwarded_for"}
    assert 5 == SetUp(visitor, {**forged, **browser}, Nginx(lines), trusted).truths()


@given(VISITORS, BROWSER, TRUSTS.filter(lambda text: text not in ("2", "private")))
@settings(max_examples=100, deadline=None)
def test_a_right_proxy_is_not_blamed(visitor: str, browser: Headers, trusted: str) -> None:
    """Behind a right proxy no visitor, from outside or inside, makes a finding above info."""
    found = SetUp(visitor, browser, Nginx(RIGHT), trusted).verdict().findings
    assert [] == [finding for finding in found if finding.severity != "info"]


_HEADING = re.compile(rf"# (?:{'|'.join(re.escape(product.title) for product in PRODUCTS.values())})\b")


@given(SET_UPS)
@settings(max_examples=200, deadline=None)
def test_the_parts_of_a_fix_fit_together(set_up: SetUp) -> None:
    """A fix begins with a heading, a setting of ours or a condition; settings can be read; codes exist."""
    for finding in set_up.verdict().findings:
        first, *_, last = finding.fix.split("\n")
        assert _HEADING.match(first) or first.startswith(("YOURL_", "# Only if ", "Host: ")), finding.fix
        for setting in re.findall(r"^(?:# )?YOURL_TRUSTED_PROXIES=(.+)$", finding.fix, re.MULTILINE):
            assert setting == str(TrustedProxies.parse(setting)) or TrustedProxies.parse(setting)
        assert set(re.findall(r"expect=!finding:([a-z-]+)", last)) == {finding.code}
        assert finding.code in FINDING_CODES
