"""The guard: which class is allowed, by which rule."""

from __future__ import annotations

import pytest

from yourl.devices import DEVICE_TYPES
from yourl.guard import GuardPolicy

CASES = [
    pytest.param(GuardPolicy(), "pc", True, "allow:pc", id="pc-is-allowed"),
    pytest.param(GuardPolicy(), "phone", True, "allow:phone", id="phone-is-allowed"),
    pytest.param(GuardPolicy(), "tablet", True, "allow:tablet", id="tablet-is-allowed"),
    pytest.param(GuardPolicy(), "watch", False, "block:watch", id="watch-is-blocked"),
    pytest.param(GuardPolicy(), "tv", False, "deny-by-default", id="tv-is-in-neither-list"),
    pytest.param(GuardPolicy(), "unknown", False, "deny-by-default", id="unknown-is-in-neither-list"),
    pytest.param(GuardPolicy(enabled=False), "watch", True, "guard-off", id="off-allows-all"),
    pytest.param(GuardPolicy(allow=("watch",)), "watch", False, "block:watch", id="block-beats-allow"),
    pytest.param(GuardPolicy(allow=("tv",)), "tv", True, "allow:tv", id="own-allow-list"),
    pytest.param(
        GuardPolicy(block=()), "watch", False, "deny-by-default", id="empty-block-list-still-denies"
    ),
]


@pytest.mark.parametrize(("policy", "device_type", "allowed", "rule"), CASES)
def test_decides(policy: GuardPolicy, device_type: str, allowed: bool, rule: str) -> None:
    """Each class gets the decision of the rule that names it, or is denied by default."""
    decision = policy.decide(device_type)
    assert (allowed, rule) == (decision.allowed, decision.rule)


@pytest.mark.parametrize("device_type", DEVICE_TYPES)
def test_says_why_for_every_class(device_type: str) -> None:
    """Every decision has a sentence that names the class."""
    decision = GuardPolicy().decide(device_type)
    assert decision.why.endswith(".")
    assert device_type in decision.why


def test_allows_agrees_with_decide() -> None:
    """`allows` gives what `decide` decides."""
    policy = GuardPolicy()
    assert [policy.decide(t).allowed for t in DEVICE_TYPES] == [policy.allows(t) for t in DEVICE_TYPES]
