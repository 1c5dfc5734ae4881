"""A request as it is copied out of the header pane of a browser's developer tools.

Name and value stand on one line (``Request Method: GET``) or on two; pseudo fields of HTTP/2 may be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from yourl.errors import BadRequest
from yourl.explain.written import WrittenRequest, origin_of, with_host, written_request
from yourl.http1.grammar import TOKEN
from yourl.http1.head import BLANKS

_REQUEST_SECTION = re.compile(r"request(?: headers)?(?: \(.{0,20}\))?", re.IGNORECASE)
_OTHER_SECTION = re.compile(
    r"(?:general|summary|response(?: headers)?|query string parameters|form data|request payload|"
    r"early hints headers)(?: \(.{0,20}\))?",
    re.IGNORECASE,
)
_ONE_LINE = re.compile(rf"(:?{TOKEN}):[\t ]+(.*)")
_NAME_ALONE = re.compile(rf"(:?{TOKEN}):?")
_GENERAL = ("Request URL", "Request Method", "Remote Address", "URL")
_BUTTONS = frozenset(("view source", "view parsed", "raw", "view decoded", "view url-encoded"))


def is_header_pane(text: str) -> bool:
    """Whether the text has what only a header pane has."""
    return bool(re.search(r"^(?:Request URL:?\s|:authority:?\s|:method:?\s)", text, re.MULTILINE))


def read_header_pane(text: str) -> WrittenRequest:
    """The request that a header pane shows.

    :raises BadRequest: where it shows no URL
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    general = _general(lines)
    fields = tuple(_fields(_section(lines)))
    pseudo = {name: value for name, value in fields if name.startswith(":")}
    parts = urlsplit(general.get("Request URL") or general.get("URL") or "")
    authority = pseudo.get(":authority") or parts.netloc.rpartition("@")[2]
    if not authority and not any(name.lower() == "host" for name, _ in fields):
        raise BadRequest("The header pane shows neither a Request URL nor :authority.")
    address, _, port = general.get("Remote Address", "").rpartition(":")
    origin = origin_of(pseudo.get(":scheme") or parts.scheme or "https", authority, address.strip("[]"))
    return written_request(
        pseudo.get(":method") or general.get("Request Method", "GET"),
        pseudo.get(":path") or (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        (1, 1),
        with_host(fields, authority),
        format="header pane",
        origin=origin if not port.isdecimal() else origin_of(origin.scheme or "", f"x:{port}", origin.server),
    )


def _general(lines: list[str]) -> dict[str, str]:
    """What stands above the fields: URL, method, address."""
    found: dict[str, str] = {}
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        for name in _GENERAL:
            if line in (name, f"{name}:"):
                found.setdefault(name, following)
            elif line.startswith(f"{name}: "):
                found.setdefault(name, line[len(name) + 2 :].strip())
    return found


def _section(lines: list[str]) -> list[str]:
    """The lines of the request's fields: of the section with that title, of all lines where there is none."""
    titles = [at for at, line in enumerate(lines) if _REQUEST_SECTION.fullmatch(line)]
    kept = []
    for line in lines[titles[0] + 1 :] if titles else lines:
        if _OTHER_SECTION.fullmatch(line):
            break
        if line.lower() not in _BUTTONS and not line.startswith("Provisional headers"):
            kept.append(line)
    return kept


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    waiting = iter(lines)
    for line in waiting:
        match = _ONE_LINE.fullmatch(line)
        if match:
            yield match[1], match[2].strip(BLANKS)
        elif _NAME_ALONE.fullmatch(line):
            yield line.removesuffix(":") if len(line) > 1 else line, next(waiting, "")
