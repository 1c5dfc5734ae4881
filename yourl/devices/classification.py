"""Classifies the device that sent a request from its User-Agent and client hints, with evidence.

Every step reads a bounded part of the text with patterns that take linear time. The rules are data and
live in `yourl.devices.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from yourl.devices.client_hints import combine, read_hints
from yourl.devices.device import USER_AGENT_CUT, Device
from yourl.devices.user_agents import conclude_from_user_agent, rule_groups

_NO_HINTS: Mapping[str, str] = MappingProxyType({})


def classify(user_agent: str, hints: Mapping[str, str] = _NO_HINTS) -> Device:
    """The class of the device that sent `user_agent` and `hints` (header name in any case → value as sent).

    Never raises. A usable hint wins over the user agent, with two exceptions: a user agent that names a
    watch remains a watch, and one that names a program remains a bot.
    """
    read = user_agent[:USER_AGENT_CUT]
    usable, notes = read_hints(hints)
    if len(user_agent) > USER_AGENT_CUT:
        notes.insert(0, f"only the first {USER_AGENT_CUT} of {len(user_agent)} characters were read")
    conclusion = combine(conclude_from_user_agent(read), usable)
    return Device(conclusion.type, (*conclusion.evidence, *notes), read, MappingProxyType(usable))


def warm_rules() -> None:
    """Compile every group of rules now (about 25 ms), so that no request waits for it."""
    for group in rule_groups():
        _ = group.pattern
