"""Which class of device sent a request, by its User-Agent and client hints, with the evidence.

Read `classification` first. `rules` is the table to extend for a new device. Knows nothing of Flask, the
settings or the environment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from yourl.devices.device import DEVICE_TYPES, USER_AGENT_CUT, Device
from yourl.devices.hint_names import ACCEPT_CH, CRITICAL_CH, HINT_NAMES
from yourl.devices.names import NAMES_CUT, warm_names
from yourl.lazy import imported_on_use

if TYPE_CHECKING:
    from yourl.devices.classification import classify, warm_rules

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

__getattr__ = imported_on_use(__name__, {"classify": "classification", "warm_rules": "classification"})
