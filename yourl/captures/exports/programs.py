"""Pieces of programs that send a copy of a request: Python with requests, JavaScript with fetch."""

from __future__ import annotations

import base64
import json

from yourl.captures.exports.common import FREE_TEXT, as_text, repeated_fields, text_body
from yourl.captures.model import Capture

LITERAL_GROWTH = 3
"""How many characters one byte of a body may cost in a literal; base64 costs four thirds."""


def python_requests(capture: Capture) -> str:
    """A Python program that uses requests. Repeated header fields are joined by commas."""
    headers: dict[str, bytes] = {}
    for name, value in repeated_fields(capture):
        raw = value.encode("latin-1", "replace")
        headers[name] = headers[name] + b", " + raw if name in headers else raw
    lines = ["import requests", "", "response = requests.request(", f"    {capture.summary.method!a},"]
    lines.append(f"    {capture.summary.url!a},")
    if headers:
        lines.append("    headers={")
        lines += [f"        {name!a}: {value!a}," for name, value in headers.items()]
        lines.append("    },")
    if capture.body:
        lines.append(f"    data={capture.body!a},")
    lines += ["    allow_redirects=False,", ")", "print(response.status_code, response.text)"]
    return "\n".join(lines) + "\n"


# What a page's script may not set (the Fetch standard, "forbidden request-header").
_BROWSER_FIELDS = frozenset(
    ("accept-charset", "accept-encoding", "cookie", "cookie2", "date", "dnt", "host", "origin", "referer",
     "set-cookie", "via", "user-agent")
)  # fmt: skip


def fetch(capture: Capture) -> str:
    """JavaScript for a browser's console or Node. Header fields that a browser sets itself are left out."""
    fields = [
        [name, as_text(value)]
        for name, value in repeated_fields(capture)
        if name.lower() not in _BROWSER_FIELDS and not name.lower().startswith(("sec-", "proxy-"))
    ]
    options = [f"  method: {_literal(capture.summary.method)},"]
    options.append(f"  headers: {_literal(fields)},")
    if capture.body and capture.summary.method not in ("GET", "HEAD"):  # fetch allows them no body
        options.append(f"  body: {_body(capture)},")
    options.append('  redirect: "manual",')
    lines = [f"const response = await fetch({_literal(capture.summary.url)}, {{", *options, "});"]
    return "\n".join([*lines, "console.log(response.status, await response.text());"]) + "\n"


def _body(capture: Capture) -> str:
    text = text_body(capture)
    literal = "" if text is None else _literal(text)
    if literal and len(literal) <= LITERAL_GROWTH * len(capture.body) + FREE_TEXT:
        return literal
    encoded = base64.b64encode(capture.body).decode()
    return f'Uint8Array.from(atob("{encoded}"), (sign) => sign.charCodeAt(0))'


def _literal(value: object) -> str:
    """A JavaScript literal in ASCII; ``<`` is escaped, so that no ``</script>`` can stand in it."""
    return json.dumps(value).replace("<", "\\u003c")
