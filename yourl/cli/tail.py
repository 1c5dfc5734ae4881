"""``yourl tail``: print what arrives at an inbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from yourl.cli.live_api import LiveServer, arriving, follow_options
from yourl.text import printable

MAX_SHOWN = 2000
"""Characters of a body."""


@click.command()
@follow_options
@click.option("--json", "as_json", is_flag=True, help="print each request as one line of JSON")
def tail(
    url: str,
    inbox: str,
    code: str,
    count: int | None,
    timeout: float | None,
    from_start: bool,
    as_json: bool,
) -> int:
    """Print each request to an inbox as it arrives.

    Exit code 1 when fewer than --count (or none at all) came within --timeout.
    """
    server = LiveServer(url, code)
    seen = 0
    for request in arriving(server, inbox, from_start=from_start, count=count, timeout=timeout):
        seen += 1
        click.echo(json.dumps(request) if as_json else request_text(request))
    return 0 if seen >= (count or 1) else 1


def request_text(request: Mapping[str, Any]) -> str:
    """A request for a terminal: nothing in it can steer one."""
    parts = [request.get(name) for name in ("time", "method", "url", "client", "device_type", "id")]
    line = " ".join(printable(str(part)) for part in parts if part)
    line += f" {request.get('size', 0)} bytes{_signature(request.get('signature'))}"
    body = request.get("body")
    text = body.get("text") if isinstance(body, Mapping) else None
    if not isinstance(text, str) or not text:
        return line
    shown = printable(text[:MAX_SHOWN], keep="\n")
    return "\n".join([line, *(f"    {row}" for row in shown.split("\n"))]) + (
        f"\n    … {len(text) - MAX_SHOWN} more characters" if len(text) > MAX_SHOWN else ""
    )


def _signature(signature: Any) -> str:
    if not isinstance(signature, Mapping):
        return ""
    if signature.get("valid"):
        return ", signature valid"
    return f", signature not valid: {printable(str(signature.get('why', '')))}"
