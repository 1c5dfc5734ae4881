"""From the environment to ``Settings``, and which of its variables look like a setting but are none."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from yourl.errors import SettingsError
from yourl.settings.model import SETTINGS, Settings
from yourl.settings.platform import cloud_project_of, new_access_code, platform_of

# Kubernetes sets such names for each Service, and one may well be called "yourl".
_SERVICE_LINK = re.compile(r"YOURL_(SERVICE_(HOST|PORT.*)|PORT(_.*)?)\Z")


def load(environ: Mapping[str, str]) -> Settings:
    """Read every setting out of ``environ``.

    :raises SettingsError: naming each bad setting, its value (masked if secret) and what is allowed
    """
    faults = [fault for setting in SETTINGS if (fault := setting.fault(environ))]
    if faults:
        raise SettingsError(faults)
    values = {setting.field: setting.value(environ) for setting in SETTINGS}
    return Settings(
        **values,
        platform=platform_of(environ),
        cloud_project=cloud_project_of(environ),
        made_code=new_access_code(environ),
    )


def unknown_names(environ: Mapping[str, str]) -> list[str]:
    """A sentence for each ``YOURL_…`` variable that is no setting, with the likeliest one meant."""
    known = {setting.name for setting in SETTINGS}
    sentences = []
    for name in sorted(environ):
        if name.startswith("YOURL_") and name not in known and not _SERVICE_LINK.match(name):
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            sentences.append(f"{name} is not a setting of yourl and is ignored{hint}")
    return sentences
