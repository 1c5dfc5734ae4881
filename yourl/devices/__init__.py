"""Which class of device sent a request, by its User-Agent and client hints, with the evidence.

Knows nothing of Flask, the settings or the environment.
"""

from __future__ import annotations

from yourl.devices.classification import (
    ACCEPT_CH,
    CRITICAL_CH,
    DEVICE_TYPES,
    HINT_NAMES,
    NAMES_CUT,
    USER_AGENT_CUT,
    Device,
    classify,
    warm_names,
    warm_rules,
)

__all__ = [
    "ACCEPT_CH",
    "CRITICAL_CH",
    "DEVICE_TYPES",
    "HINT_NAMES",
    "NAMES_CUT",
    "USER_AGENT_CUT",
    "Device",
    "classify",
    "warm_names",
    "warm_rules",
]
