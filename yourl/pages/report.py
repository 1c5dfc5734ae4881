"""An inspection as plain text for a ticket: the facts that a colleague needs.

No secrets: credentials in the URL and in header fields are masked, and the body is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yourl import __version__
from yourl.explain import plain_text
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
    verdict = _verdict(doc)
    # No more fields than there is room for: to mask and escape them takes longer than all the rest.
    fields = _fields(doc, LONGEST_REPORT - len(verdict))
    report = "\n\n".join([_title(doc), verdict, fields, _body(doc["body"])]) + "\n"
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
    return plain_text(reported, width=WIDTH).rstrip("\n")


def _fields(doc: Mapping[str, Any], room: int) -> str:
    """The header fields, as many of them as begin within ``room`` characters."""
    fields = list(doc["headers_as_received"] or doc["headers"].items())
    lines = ["Header fields"]
    for name, value in fields[:MOST_FIELDS]:
        shown = MASK if value and is_secret(name) else excerpt(value, LONGEST_VALUE)
        lines.append(f"  {excerpt(name, 80)}: {shown}")
        room -= len(lines[-1])
        if room < 0:
            break
    if len(fields) >= len(lines):
        lines.append(f"  … {len(fields) + 1 - len(lines)} more")
    return "\n".join(lines)


def _body(body: Mapping[str, Any]) -> str:
    content_type = excerpt(body["content_type"] or "no content type", 80)
    return f"Body: {body['size']} bytes, {content_type}" if body["size"] else "Body: none"
