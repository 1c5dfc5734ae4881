"""Pages for people, each with its Content-Security-Policy: plain dicts in, HTML out.

All that a request can carry is shown and none of it is trusted: every value is escaped, invisible characters
are named, and what could grow without bound is shown up to a limit that the page states. A page derives
no fact that the dict does not state. Knows Jinja2 and MarkupSafe, not Flask, settings or stores.
"""

from __future__ import annotations

from yourl.pages import errors, rendering
from yourl.pages.assets import Page
from yourl.pages.errors import error_page, refused_device_page
from yourl.pages.facts import facts_page
from yourl.pages.inspection import inspection_page

__all__ = ["Page", "error_page", "facts_page", "inspection_page", "refused_device_page", "warm"]


def warm() -> None:
    """Read and compile all that the pages need.

    A server calls this before it forks: the workers share the result, and an archive that is replaced
    under a running process is not read again.
    """
    import yourl.pages.report  # noqa: F401 (imported when first used)
    from yourl.pages import live

    errors.warm()
    rendering.warm()
    live.warm()
