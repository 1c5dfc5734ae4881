"""Command lines that send a copy of a request: curl and HTTPie.

Every argument that comes from a request is in single quotes, where a POSIX shell gives no character a
meaning; a body that may not be an argument arrives through a pipe in base64.
"""

from __future__ import annotations

import base64
import shlex

from yourl.captures.exports.common import as_text, repeated_fields, text_body
from yourl.captures.model import Capture

LONGEST_ARGUMENT = 64 * 1024
"""Bytes of a body that is written as an argument; Linux takes 128 KiB."""
_LINE = " \\\n  "


def curl(capture: Capture) -> str:
    """A curl command with method, header fields and body."""
    fields = repeated_fields(capture)
    names = {name.lower() for name, _ in fields}
    # --globoff and --path-as-is: [ ], { } and /../ in the URL are sent as they are.
    words = ["curl --globoff --path-as-is", _method(capture)]
    words += [f"--header {quoted(_curl_field(name, as_text(value)))}" for name, value in fields]
    # curl would add these by itself; "Name:" takes one away.
    added = ["accept", "user-agent", *(["content-type", "expect"] if capture.body else [])]
    words += [f"--header '{name}:'" for name in added if name not in names]
    text = _argument(capture)
    if capture.body:
        words.append("--data-binary @-" if text is None else f"--data-raw {quoted(text)}")
    words.append(f"--url {quoted(capture.summary.url)}")
    pipe = _pipe(capture) if capture.body and text is None else ""
    return pipe + _LINE.join(words) + "\n"


def _method(capture: Capture) -> str:
    is_plain_head = capture.summary.method == "HEAD" and not capture.body
    return "--head" if is_plain_head else f"--request {quoted(capture.summary.method)}"


def _curl_field(name: str, value: str) -> str:
    return f"{name}: {value}" if value else f"{name};"


def httpie(capture: Capture) -> str:
    """An HTTPie command with method, header fields and body."""
    text = _argument(capture)
    options = "http --ignore-stdin" if not capture.body or text is not None else "http"
    words = [f"{options} --path-as-is"]
    if capture.body and text is not None:
        words.append(f"--raw {quoted(text)}")
    words += [quoted(capture.summary.method), quoted(capture.summary.url)]
    words += [quoted(_httpie_field(name, as_text(value))) for name, value in repeated_fields(capture)]
    pipe = _pipe(capture) if capture.body and text is None else ""
    return pipe + _LINE.join(words) + "\n"


def _httpie_field(name: str, value: str) -> str:
    if not value:
        return f"{name};"
    # ":@" would read a file and ":=" JSON; HTTPie takes a backslash in front of "@" and "=" away.
    return f"{name}:\\{value}" if value[0] in "@=" else f"{name}:{value}"


def _argument(capture: Capture) -> str | None:
    """The body where it can be an argument of a command, else None."""
    return text_body(capture) if len(capture.body) <= LONGEST_ARGUMENT else None


def _pipe(capture: Capture) -> str:
    # printf is part of the shell, so no limit on the length of arguments applies.
    return f"printf %s {quoted(base64.b64encode(capture.body).decode())} | base64 -d | "


def quoted(text: str) -> str:
    """One word for a POSIX shell. NUL, which no argument can hold, is dropped."""
    return shlex.quote(text.replace("\0", ""))
