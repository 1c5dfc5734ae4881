"""Groups of rules: one merged pattern finds what the rules find one by one."""

from __future__ import annotations

import re

import pytest

from tests.devices.cases import CASES
from yourl.devices.rule_groups import RuleGroup, merged_pattern
from yourl.devices.rules import Rule
from yourl.devices.user_agents import rule_groups


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        pytest.param(["a", "b"], "a(?:)|b(?:)", id="joined"),
        pytest.param(["ab", "cd|ae"], "a(?:b|e)|c(?:d)", id="by-first-character"),
        pytest.param(["a?b", "a{2}", ".c", "^d"], "a?b|a{2}|.c|^d", id="no-literal-first"),
        pytest.param([r"\ba|b", r"\bc"], r"b(?:)|\b(?:a(?:)|c(?:))", id="word-boundaries-together"),
        pytest.param([r"x(?:\by|z)|\b(?:p|q)"], r"x(?:(?:\by|z))|\b(?:(?:p|q))", id="only-outer-bars-divide"),
        pytest.param([r"[|)]|\bw|\|"], r"[|)]|\||\b(?:w(?:))", id="bars-that-are-characters"),
        pytest.param([], "", id="none"),
    ],
)
def test_merges_alternatives(patterns: list[str], expected: str) -> None:
    """Alternatives are joined by first character, those after a word boundary in their own group."""
    assert merged_pattern(patterns) == expected


@pytest.mark.parametrize("group", list(rule_groups()), ids=lambda group: repr(group.rules[:1])[:50])
def test_a_group_matches_where_one_of_its_rules_does(group: RuleGroup) -> None:
    """The merged pattern finds a match exactly where one of the rules has one."""
    for _, user_agent, _ in CASES:
        text = user_agent.lower()
        alone = any(re.search(rule.pattern, text) for rule in group.rules)
        assert (group.search(text) is not None) == alone


def test_names_the_leftmost_match_and_its_rule() -> None:
    """The result holds the rule that matched first in the text, and the token."""
    later, earlier = Rule("tv", "text", "tv", "a TV"), Rule("tv", "text", r"box\d", "a box")
    found = RuleGroup((later, earlier)).search("a box7 for a tv")
    assert found == (earlier, "box7")


def test_an_empty_group_matches_nothing() -> None:
    """A group without rules finds nothing, not everything."""
    assert RuleGroup(()).search("") is None
