"""A whole request as text for stdout (``--print``): nothing that steers a terminal, no credentials. Pure.

Each line begins with ``>``, as ``curl -v`` marks what was sent: no client can forge a line of the access log,
and ``explain`` reads the text again.
"""

from __future__ import annotations

import json
from datetime import datetime, timezone

from yourl.context import PROBE_PATHS, RequestContext
from yourl.http1.head import Head
from yourl.redaction import MASK, is_secret, redacted_target
from yourl.text import printable

LONGEST_BODY = 64 * 1024
"""Bytes of a body that are printed."""


def is_printed(context: RequestContext) -> bool:
    """Whether the settings ask for it; probes would drown everything else."""
    settings = context.settings
    return settings is not None and settings.print_requests and context.head.target.path not in PROBE_PATHS


def printed(context: RequestContext, log_format: str) -> str:
    """The request as text, or as one JSON object where the log is JSON."""
    text = request_text(context.head, context.content)
    if log_format != "json":
        return text
    now = datetime.now(timezone.utc).isoformat(timespec="microseconds")
    return json.dumps({"severity": "DEBUG", "time": now, "message": text})


def request_text(head: Head, content: bytes) -> str:
    """Request line, fields and body, each line marked; credentials masked."""
    lines = [
        f"{head.method} {redacted_target(head.target.raw)} HTTP/{head.http_version}",
        *(f"{name}: {MASK if is_secret(name) and value else value}" for name, value in head.fields),
        "",
        *_body_lines(head, content),
    ]
    return "\n".join(f"> {printable(line)}".rstrip() for line in lines)


def _body_lines(head: Head, content: bytes) -> list[str]:
    if not content:
        return []
    try:
        text = content[:LONGEST_BODY].decode("utf-8", "strict" if len(content) <= LONGEST_BODY else "ignore")
    except UnicodeDecodeError:
        return [f"({len(content)} bytes that are no text)"]
    if head.value("content-type").lower().startswith("application/x-www-form-urlencoded"):
        text = redacted_target(f"?{text}")[1:]
    cut = [f"({len(content) - LONGEST_BODY} more bytes)"] if len(content) > LONGEST_BODY else []
    return [*text.splitlines(), *cut]
