"""The page that asks for the access code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yourl.pages.allowance import Allowance
from yourl.pages.assets import Page
from yourl.pages.live.addresses import live_address
from yourl.pages.live.assets import STYLE
from yourl.pages.rendering import render

BYTES_OF_VALUES = 4096


def sign_in_page(given: Mapping[str, Any]) -> Page:
    """The form for the access code.

    :param given: ``prefix``; ``message``, why the form is shown again, or empty; ``next``, where to go then
    """
    return render(
        "live_sign_in.html",
        style=STYLE,
        script="",
        forms=True,
        given=given,
        live=live_address(given["prefix"]),
        allowance=Allowance(BYTES_OF_VALUES, 1),
    )
