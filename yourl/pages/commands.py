"""The shell command that repeats a request: method, header fields and body, for a POSIX shell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from yourl.pages.characters import is_visible
from yourl.proxies import FORWARDING_HEADERS

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


def curl(doc: Mapping[str, Any]) -> Command:
    """A curl command that sends the inspected request again, to the URL that the client asked for.

    Fields that proxies add are left out: the proxies on the way add them again. So are fields that hold
    characters which a terminal does not show.
    """
    method, url, body = doc["method"], doc["url"], doc["body"]
    words = ["curl", "--path-as-is"] if "/." in url else ["curl"]
    if re.search(r"[][{}]", url):
        words.append("--globoff")  # curl reads brackets and braces as ranges (curl(1), "URL")
    if method == "HEAD":
        words.append("--head")
    elif method != "GET" or body["size"]:
        words += ["-X", method]
    words.append(url)
    arguments = [shlex.join(words)]
    fields = doc["headers_as_received"] or doc["headers"].items()
    arguments += [shlex.join(["-H", field]) for field in _repeated(fields)]
    if body["size"] and not body["content_type"]:
        arguments.append("-H Content-Type:")  # curl would send the type of a form
    inline = _inline(body)
    if inline is not None:
        arguments.append(shlex.join(["--data-raw", inline]))
    elif body["size"]:
        arguments.append(f"--data-binary @{BODY_FILE}")
    needs_file = inline is None and bool(body["size"])
    return Command(" \\\n  ".join(arguments), needs_file)


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
