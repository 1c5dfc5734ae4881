"""The rules of an inbox from the fields of its form, as the JSON that a program would send.

``headers`` is a line ``Name: value`` for each field. ``sequence`` is a line for each answer: a status, a
status and a delay in seconds, or JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from yourl.captures.errors import BadInboxRules
from yourl.captures.rules import MAX_HEADERS, MAX_SEQUENCE, InboxRules

_NUMBER = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6})?")


def document_of_form(fields: Mapping[str, str], known: InboxRules) -> dict[str, Any]:
    """The rules as JSON, still to be checked.

    :param known: the rules that are set, whose secret an empty field keeps
    :raises BadInboxRules: where a line cannot be read
    """
    faults: list[str] = []
    given = {name: text.replace("\r\n", "\n") for name, text in fields.items()}
    document: dict[str, Any] = {
        "headers": _headers(given.get("headers", ""), faults),
        "sequence": _sequence(given.get("sequence", ""), faults),
        "signature": _signature(given, known),
    }
    for name in ("status", "delay"):
        if given.get(name, "").strip():
            document[name] = _number(given[name].strip())
    if given.get("body"):
        document["body"] = given["body"]
    if faults:
        raise BadInboxRules(faults)
    return {name: value for name, value in document.items() if value not in ({}, [], None)}


def _number(text: str) -> int | float | str:
    """The number, or the text where it is none: what checks the rules says so."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _headers(text: str, faults: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > MAX_HEADERS:
        faults.append(f"headers may be at most {MAX_HEADERS}.")
        return {}
    for number, line in enumerate(lines, 1):
        name, colon, value = line.partition(":")
        if not colon:
            faults.append(f"Line {number} of the header fields must be a name, a colon and a value.")
        found.setdefault(name.strip(), []).append(value.strip())
    return found


def _sequence(text: str, faults: list[str]) -> list[Any]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > MAX_SEQUENCE:
        faults.append(f"sequence must be a list of at most {MAX_SEQUENCE} answers.")
        return []
    return [_answer(line, number, faults) for number, line in enumerate(lines, 1)]


def _answer(line: str, number: int, faults: list[str]) -> Any:
    if line.startswith("{"):
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            faults.append(f"Line {number} of the sequence is no valid JSON.")
            return {}
    status, *delay = line.split()
    if len(delay) > 1:
        faults.append(f"Line {number} of the sequence must be a status, a status and a delay, or JSON.")
    return {"status": _number(status), **({"delay": _number(delay[0])} if delay else {})}


def _signature(given: Mapping[str, str], known: InboxRules) -> dict[str, str] | None:
    scheme, secret = given.get("scheme", ""), given.get("secret", "")
    if not scheme:
        return None
    if not secret and known.signature is not None and scheme == known.signature.scheme:
        secret = known.signature.secret
    header = given.get("header", "").strip()
    return {"scheme": scheme, "secret": secret, **({"header": header} if header else {})}
