"""`Device`: the class of device that sent a request, and the evidence for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yourl.devices.names import names_of

DEVICE_TYPES = ("pc", "phone", "tablet", "watch", "tv", "xr", "car", "bot", "unknown")

#: Characters of a user agent that are read. Real browsers and apps send fewer.
USER_AGENT_CUT = 400


@dataclass(frozen=True, slots=True)
class Device:
    """What sent a request: its class, the evidence, and the names of browser, system and family.

    The names are looked up when they are first read (see `yourl.devices.names`).
    """

    type: str
    evidence: tuple[str, ...]
    user_agent: str
    hints: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def browser(self) -> str:
        """Browser and version as user-agents names them, "Chrome 120.0.0"; "Other" if unknown."""
        return names_of(self.user_agent)[0]

    @property
    def os(self) -> str:
        """Operating system and version as user-agents names them, "Windows 10"."""
        return names_of(self.user_agent)[1]

    @property
    def family(self) -> str:
        """Device family as user-agents names it, "iPhone"; "Other" for most PCs."""
        return names_of(self.user_agent)[2]
