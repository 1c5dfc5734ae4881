"""The Friends and Family Guard: may a device of this class look at the page?

A policy about device classes, not an authentication: a client can send any User-Agent it likes.
Knows nothing of Flask, paths or headers; it is given a class and answers with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """What the guard says of one device, by which rule, and why in a sentence."""

    allowed: bool
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """Which device classes may look. What is in neither list may not (deny by default).

    :param enabled: when false, every class may look
    :param allow: classes that may look, such as ``("pc", "phone", "tablet")``
    :param block: classes that may not; a class in both lists is blocked
    """

    enabled: bool = True
    allow: tuple[str, ...] = ("pc", "phone", "tablet")
    block: tuple[str, ...] = ("watch",)

    def decide(self, device_type: str) -> Decision:
        """Whether a device of this class may look."""
        if not self.enabled:
            return Decision(True, "guard-off", "The guard is switched off: every device may look.")
        if device_type in self.block:
            return Decision(
                False, f"block:{device_type}", f"The policy blocks devices of the class {device_type}."
            )
        if device_type in self.allow:
            return Decision(
                True, f"allow:{device_type}", f"The policy lets devices of the class {device_type} look."
            )
        return Decision(
            False,
            "deny-by-default",
            f"The class {device_type} is in neither list of the policy, so it may not look.",
        )

    def allows(self, device_type: str) -> bool:
        """The decision without its reason."""
        return self.decide(device_type).allowed
