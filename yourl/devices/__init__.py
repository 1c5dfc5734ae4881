"""Which class of device sent a request, by its User-Agent and client hints, with the evidence.

Read `classification` first. `rules` is the table to extend for a new device. Knows nothing of Flask, the
settings or the environment.
"""

from __future__ import annotations

from yourl.devices.classification import classify, warm_rules
from yourl.devices.client_hints import ACCEPT_CH, CRITICAL_CH, HINT_NAMES
from yourl.devices.device import DEVICE_TYPES, USER_AGENT_CUT, Device
from yourl.devices.names import NAMES_CUT, warm_names

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
