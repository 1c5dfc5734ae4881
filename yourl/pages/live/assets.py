"""The static files of the live pages."""

from __future__ import annotations

STYLE = "inspection.css live.css"
"""Style sheets, in the order in which they apply."""
LIST_SCRIPT = "copy.js live_times.js live_rows.js live.js"
KEPT_SCRIPT = "copy.js live_times.js live_kept.js"
TIMES_SCRIPT = "copy.js live_times.js"
