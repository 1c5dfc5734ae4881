"""The settings: a mapping (the environment) in, one frozen ``Settings`` out, every fault at once.

Each setting is declared once, at its field of ``Settings`` (model.py). The tables in docs/settings.md,
``--help``, ``check`` and the command-line options are made from there. Knows nothing of Flask; the
environment is a parameter.
"""

from yourl.settings.declaration import Setting
from yourl.settings.loading import load, unknown_names
from yourl.settings.model import SETTINGS, Settings

__all__ = ["SETTINGS", "Setting", "Settings", "load", "unknown_names"]
