"""Each kind of page, and each with the worst that a request can carry."""

from __future__ import annotations

from functools import cache

from tests.pages.inspections import HOSTILE, TIMESTAMP, documents
from yourl.pages import Page, error_page, facts_page, inspection_page, refused_device_page

ERROR = {
    "error": "not_found",
    "message": "There is nothing at /nowhere.",
    "url": "https://shop.example/nowhere",
    "timestamp": TIMESTAMP,
}
HOSTILE_ERROR = {key: HOSTILE + value for key, value in ERROR.items()}
FACTS = {"ruleset": {"enabled": True, "allow": ["pc", "phone"], "block": []}, "usage": None}
PATHS = ("/", "/api", "/health")


@cache
def every_page() -> dict[str, Page]:
    """Name -> page."""
    return {
        **{name: inspection_page(document) for name, document in documents().items()},
        "error": error_page(ERROR, 404, "Not Found", PATHS),
        "hostile-error": error_page({**HOSTILE_ERROR, "prefix": HOSTILE}, 400, HOSTILE),
        "facts": facts_page("Guard", FACTS, "Add ?user_agent=…."),
        "hostile-facts": facts_page(
            HOSTILE, {HOSTILE: [HOSTILE], "device": {"hints": {}, "evidence": HOSTILE}}
        ),
        "refused-device": refused_device_page({"message": "The policy blocks watches."}, 403, "Forbidden"),
        "hostile-refused-device": refused_device_page({"message": HOSTILE}, 403, HOSTILE),
    }
