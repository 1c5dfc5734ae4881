"""The table of rules: complete, readable, and linear in time."""

from __future__ import annotations

import re

import pytest

from yourl.devices import DEVICE_TYPES
from yourl.devices.rules import FORM_FACTORS, LOOKS, RULES, Rule
from yourl.devices.user_agents import rule_groups

each_rule = pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: f"{rule.type}-{rule.look}-{rule.pattern[:24]}"
)


@each_rule
def test_every_rule_is_complete(rule: Rule) -> None:
    """A rule has a class, a place, a reason, and a pattern in lower case that compiles."""
    assert rule.type in DEVICE_TYPES
    assert rule.look in LOOKS
    assert len(rule.reason) > 5
    letters = re.sub(r"\\.", "", rule.pattern)
    assert letters == letters.lower()
    assert re.compile(rule.pattern).match("") is None


@each_rule
def test_no_pattern_has_an_unbounded_repeat(rule: Rule) -> None:
    """No rule has an unbounded repeat, so the time grows with the text and not faster."""
    unescaped = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", rule.pattern)
    assert re.findall(r"[*+]|\{\d*,\}", unescaped) == []


def test_every_rule_is_used() -> None:
    """Each rule is in one group."""
    used = [rule for group in rule_groups() for rule in group.rules]
    assert sorted(map(repr, RULES)) == sorted(map(repr, used))


def test_form_factors_lead_to_classes() -> None:
    """Every form factor of the specification has a class."""
    assert {kind for _, kind in FORM_FACTORS} <= set(DEVICE_TYPES)
    assert {name for name, _ in FORM_FACTORS} == {
        *("Desktop", "Automotive", "Mobile", "Tablet", "XR", "EInk", "Watch")
    }
