"""The Friends and Family Guard: is a device of this class allowed to see the page?

A policy about device classes, not authentication: a client can send any User-Agent.
Knows nothing of Flask, paths or headers; it takes a class and returns a decision with its reason.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a device is allowed, by which rule, and why in a sentence."""

    allowed: bool
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class GuardPolicy:
    """Which device classes are allowed. A class in neither list is refused (deny by default).

    :param enabled: when false, every class is allowed
    :param allow: classes that are allowed, such as ``("pc", "phone", "tablet")``
    :param block: classes that are refused; a class in both lists is refused
    """

    enabled: bool = True
    allow: tuple[str, ...] = ("pc", "phone", "tablet")
    block: tuple[str, ...] = ("watch",)

    def decide(self, device_type: str) -> Decision:
        """The decision for a device of this class."""
        if not self.enabled:
            return Decision(True, "guard-off", "The guard is off: every device is allowed.")
        if device_type in self.block:
            return Decision(
                False, f"block:{device_type}", f"The policy blocks the device class {device_type}."
            )
        if device_type in self.allow:
            return Decision(
                True, f"allow:{device_type}", f"The policy allows the device class {device_type}."
            )
        why = f"The policy does not list the device class {device_type}, so it is refused."
        return Decision(False, "deny-by-default", why)

    def allows(self, device_type: str) -> bool:
        """Only whether a device of this class is allowed."""
        return self.decide(device_type).allowed
