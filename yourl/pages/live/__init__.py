"""The pages below ``/live``: what inboxes have kept, for people. Plain dicts in, ``Page`` out.

Each function takes one dict and shows what it states. Every page works without a script; with one, new
requests appear without reloading. ``prefix`` in each dict is the path prefix that a proxy announces.
"""

from __future__ import annotations

from yourl.pages.live.assets import KEPT_SCRIPT, LIST_SCRIPT, STYLE, TIMES_SCRIPT
from yourl.pages.live.comparing import comparison_page
from yourl.pages.live.inbox import inbox_page
from yourl.pages.live.kept import kept_request_page
from yourl.pages.live.listing import live_page
from yourl.pages.live.signing_in import sign_in_page
from yourl.pages.rendering import joined

__all__ = ["comparison_page", "inbox_page", "kept_request_page", "live_page", "sign_in_page", "warm"]


def warm() -> None:
    """Read the static files; the templates are compiled with the others."""
    for names in (STYLE, LIST_SCRIPT, KEPT_SCRIPT, TIMES_SCRIPT):
        joined(names)
