"""The shell command that repeats a request: method, header fields and body, for a POSIX shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yourl.pages.characters import is_visible
from yourl.proxies import FORWARDING_HEADERS

LONGEST_COMMAND = 6000
"""Characters; a longer command is not shown."""

LONGEST_INLINE_BODY = 4096
"""Bytes of a body that stand in the command itself; a longer one is read from ``BODY_FILE``."""

BODY_FILE = "body.bin"

# curl sets these itself, or they belong to the connection (RFC 9110 section 7.6.1).
_NOT_REPEATED = frozenset(
    (
        *("host", "content-length", "connection", "keep-alive", "proxy-connection", "te", "trailer"),
        *("transfer-encoding", "upgrade", "expect", "via"),
    )
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command; ``needs_body_file`` where the body has to be in ``BODY_FILE`` first."""

    text: str
    needs_body_file: bool


def curl(doc: Mapping[str, Any]) -> Command | None:
    """A curl command that sends the inspected request again, to the URL that the client asked for.

    None where it would be too long to copy.

    Fields that proxies add are left out: the proxies on the way add them again. So are fields that hold
    characters which a terminal does not show.
    """
    body = doc["body"]
    fields = list(_repeated(doc["headers_as_received"] or doc["headers"].items()))
    if len(doc["url"]) + sum(map(len, fields)) > LONGEST_COMMAND:  # quoted it is no shorter
        return None
    arguments = [_beginning(doc["method"], doc["url"], bool(body["size"]))]
    arguments += [shlex.join(["-H", field]) for field in fields]
    if body["size"] and not body["content_type"]:
        arguments.append("-H Content-Type:")  # curl would send the type of a form
    inline = _inline(body)
    if inline is not None:
        arguments.append(shlex.join(["--data-raw", inline]))
    elif body["size"]:
        arguments.append(f"--data-binary @{BODY_FILE}")
    text = " \\\n  ".join(arguments)
    return Command(text, inline is None and bool(body["size"])) if len(text) <= LONGEST_COMMAND else None


def _beginning(method: str, url: str, has_body: bool) -> str:
    words = ["curl", "--path-as-is"] if "/." in url else ["curl"]
    if re.search(r"[][{}]", url):
        words.append("--globoff")  # curl reads brackets and braces as ranges (curl(1), "URL")
    if method == "HEAD":
        words.append("--head")
    elif method != "GET" or has_body:
        words += ["-X", method]
    return shlex.join([*words, url])


def _repeated(fields: Iterable[Any]) -> Iterable[str]:
    for name, value in fields:
        key = name.lower()
        if key in _NOT_REPEATED or key in FORWARDING_HEADERS or not value.isprintable():
            continue
        yield f"{name}: {value}" if value else f"{name};"  # curl(1): a semicolon sends an empty field


def _inline(body: Mapping[str, Any]) -> str | None:
    """The body, where a shell would send exactly its bytes; NUL ends an argument."""
    text = body["text"]
    if not text or len(text) > LONGEST_INLINE_BODY or not is_visible(text):
        return None
    return str(text) if len(text.encode("utf-8", "replace")) == body["size"] else None
