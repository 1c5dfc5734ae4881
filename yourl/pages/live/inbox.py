"""The page that sets how an inbox answers and verifies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from yourl.pages.allowance import Allowance
from yourl.pages.assets import Page
from yourl.pages.errors import path_prefix
from yourl.pages.live.addresses import live_address
from yourl.pages.live.assets import STYLE
from yourl.pages.rendering import render
from yourl.pages.words import LONGEST_FIELD, typed

BYTES_OF_VALUES = 32 * 1024
MOST_FAULTS = 50
LONGEST = {
    **dict.fromkeys(("status", "delay", "scheme", "header"), LONGEST_FIELD),
    **{"headers": 140_000, "body": 66_000, "sequence": 200_000},
}
"""The fields of the form, besides ``secret``: characters of each that a page shows."""


def inbox_page(given: Mapping[str, Any]) -> Page:
    """The form for the rules of one inbox. The secret is never on the page.

    :param given: ``prefix``; ``inbox``, its name; ``rules``, what ``rules.public_document`` gives;
        ``has_secret``; ``schemes``, pairs of name and title; ``change_token``; ``faults``, sentences;
        ``saved``; and, where faults are shown, ``fields``: the fields of the form as they were sent
    """
    sent = given.get("fields")
    known = _fields(given["rules"]) if sent is None else sent
    fields = {name: known.get(name, "") for name in LONGEST}
    if sent is not None:
        fields = {name: text.replace("\r\n", "\n") for name, text in fields.items()}  # as browsers send it
    shown = {name: typed(text, LONGEST[name]) for name, text in fields.items()}
    return render(
        "live_inbox.html",
        style=STYLE,
        script="",
        forms=True,
        given=given,
        live=live_address(given["prefix"]),
        root=path_prefix(given["prefix"]),
        allowance=Allowance(BYTES_OF_VALUES, MOST_FAULTS),
        fields=shown,
        # What a form cannot hold whole would be lost when it is saved.
        is_whole=shown == fields,
        schemes=given["schemes"],
    )


def _fields(rules: Mapping[str, Any]) -> dict[str, str]:
    """The form as it shows these rules."""
    signature = rules["signature"] or {}
    has_answer = "status" in rules
    return {
        "status": str(rules["status"]) if has_answer else "",
        "headers": "\n".join(_header_lines(rules.get("headers", {}))),
        "body": rules.get("body") or "",
        "delay": f"{rules['delay']:g}" if rules.get("delay") else "",
        "sequence": "\n".join(map(_sequence_line, rules["sequence"])),
        "scheme": signature.get("scheme", ""),
        "header": signature.get("header", ""),
    }


def _header_lines(headers: Mapping[str, Any]) -> Iterator[str]:
    for name, given in headers.items():
        for value in given if isinstance(given, list) else [given]:
            yield f"{name}: {value}"


def _sequence_line(answer: Mapping[str, Any]) -> str:
    """One answer of a sequence: status and delay where that is all, else JSON."""
    if answer["headers"] or answer["body"] is not None:
        return json.dumps(answer, ensure_ascii=False)
    return f"{answer['status']} {answer['delay']:g}" if answer["delay"] else str(answer["status"])
