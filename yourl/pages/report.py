"""An inspection as plain text for a ticket: the facts that a colleague needs.

No secrets: credentials in the URL and in header fields are masked, and the body is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yourl import __version__
from yourl.explain import terminal_text
from yourl.pages.route import drawn_hops
from yourl.redaction import MASK, is_secret, redacted_target
from yourl.text import excerpt, printable

LONGEST_VALUE = 200
LONGEST_URL = 500
LONGEST_REPORT = 8000
"""Characters of the whole report."""
MOST_FIELDS = 40
WIDTH = 200
"""Columns: a ticket wraps long lines itself."""


def ticket_text(doc: Mapping[str, Any]) -> str:
    """The report on one inspection, cut where it is longer than ``LONGEST_REPORT``."""
    report = "\n\n".join([_title(doc), _verdict(doc), _fields(doc), _body(doc["body"])]) + "\n"
    if len(report) <= LONGEST_REPORT:
        return report
    return report[:LONGEST_REPORT] + "…\n(cut; the JSON has the rest)\n"


def _title(doc: Mapping[str, Any]) -> str:
    return printable(
        f"yourl {__version__} on {doc['served_by']}, {doc['timestamp']}, session {doc['session_id']}"
    )


def _verdict(doc: Mapping[str, Any]) -> str:
    reported = {key: doc[key] for key in ("method", "findings", "device", "guard")}
    reported["url"] = excerpt(redacted_target(doc["url"]), LONGEST_URL)
    reported["proxy"] = {**doc["proxy"], "hops": drawn_hops(doc["proxy"]["hops"])}
    return terminal_text(reported, width=WIDTH).rstrip("\n")


def _fields(doc: Mapping[str, Any]) -> str:
    fields = list(doc["headers_as_received"] or doc["headers"].items())
    lines = [
        f"  {excerpt(name, 80)}: {MASK if value and is_secret(name) else excerpt(value, LONGEST_VALUE)}"
        for name, value in fields[:MOST_FIELDS]
    ]
    if len(fields) > MOST_FIELDS:
        lines.append(f"  … {len(fields) - MOST_FIELDS} more")
    return "\n".join(["Header fields", *lines])


def _body(body: Mapping[str, Any]) -> str:
    content_type = excerpt(body["content_type"] or "no content type", 80)
    return f"Body: {body['size']} bytes, {content_type}" if body["size"] else "Body: none"
