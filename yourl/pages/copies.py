"""Copies of an inspection to take away: files to download, a command to repeat it, a report for a ticket.

The files stand inside the page as ``data:`` URLs: the server keeps nothing of a request, so it could not
answer for a file later.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from yourl.har import har_document
from yourl.pages.commands import BODY_FILE, Command, curl
from yourl.redaction import is_secret
from yourl.representation import to_json

LONGEST_URL = 2_000_000
"""Characters; Chromium downloads no ``data:`` URL over 2 MiB."""

LONGEST_INDENTED = 32 * 1024
"""Bytes of a request whose JSON is indented: that takes three times as long."""

_ESCAPED = (b"%", b"#", b"&", b"<", b">", b"'", b"\n")
"""What ends the URL or the attribute, or is dropped from a URL."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to download."""

    label: str
    name: str
    url: Markup
    """For an attribute in single quotation marks."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What the page offers besides files."""

    command: Command | None
    """None where it would be too long."""
    report: str
    secrets: list[str]
    """Names of the header fields with credentials, which only the report and the HAR file mask."""


def copies_of(doc: Mapping[str, Any]) -> Copies:
    """The copies of one inspection that are text."""
    # Imported here: it is not needed before the first page.
    from yourl.pages.report import ticket_text

    fields = doc["headers_as_received"] or doc["headers"].items()
    return Copies(
        command=curl(doc),
        report=ticket_text(doc),
        secrets=[name for name, _ in fields if is_secret(name)][:10],
    )


def files_of(doc: Mapping[str, Any], room: int, sent: int) -> list[File]:
    """The files of one inspection: as many as fit into ``room`` bytes; the JSON is indented if that fits.

    :param sent: about as many bytes as the request had
    """
    fitting: list[File] = []
    for file in _files(doc, sent, room):
        if len(file.url) <= min(room, LONGEST_URL):
            room -= len(file.url)
            fitting.append(file)
        if room < sent:  # every file holds what was sent
            break
    return fitting


def _files(doc: Mapping[str, Any], sent: int, room: int) -> Iterator[File]:
    stem = f"yourl-{doc['timestamp'][:19].replace(':', '')}"
    url = _json_url(to_json(doc)) if sent <= LONGEST_INDENTED else None
    if url is None or 3 * len(url) > 2 * room:  # the HAR file needs room, too
        url = _json_url(to_json(doc, compact=True))
    yield File("JSON", f"{stem}.json", url)
    yield File("HAR", f"{stem}.har", _json_url(_ascii(har_document(doc))))
    if doc["body"]["size"]:
        yield File("body", BODY_FILE, _base64_url("application/octet-stream", _body_bytes(doc["body"])))


def _ascii(document: Any) -> bytes:
    # One emoji makes each character of a text take four bytes: escaped, a long body takes a quarter.
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def _json_url(content: bytes) -> Markup:
    """A ``data:`` URL for an attribute in single quotation marks, where little of JSON needs an escape."""
    escapes = sum(map(content.count, _ESCAPED))
    if not content.isascii() or 6 * escapes > len(content):  # three bytes for one; base64 is shorter
        return _base64_url("application/json", content)
    for character in _ESCAPED:
        content = content.replace(character, b"%%%02X" % ord(character))
    return Markup(f"data:application/json,{content.decode('ascii')}")  # noqa: S704 (escaped above)


def _base64_url(media_type: str, content: bytes) -> Markup:
    encoded = base64.b64encode(content).decode("ascii")
    return Markup(f"data:{media_type};base64,{encoded}")  # noqa: S704 (base64 holds no markup)


def _body_bytes(body: Mapping[str, Any]) -> bytes:
    if body["text"] is None:
        return base64.b64decode(body["base64"] or "")
    return str(body["text"]).encode("utf-8", "surrogatepass")
