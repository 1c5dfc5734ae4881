"""``yourl explain``: the verdict about a request that was written down."""

from __future__ import annotations

import os
from typing import IO, Any

import click

from yourl.cli.options import overridden, setting_options
from yourl.context import RequestContext
from yourl.explain import WrittenRequest, device_text, read_request, terminal_text
from yourl.explain.reading import written_request
from yourl.inspection import inspect, machine_name
from yourl.proxies import Connection
from yourl.representation import inspection_document, to_json
from yourl.settings import Settings, load


@click.command()
@click.argument("source", metavar="[FILE|-]", type=click.File("rb"), default="-")
@click.option("--peer", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="who connected to us")
@setting_options("YOURL_TRUSTED_PROXIES", "YOURL_ALLOWED_HOSTS")
@click.option("--tls", is_flag=True, help="the request reached us by TLS that we ended ourselves")
@click.option("--user-agent", metavar="TEXT", help="explain this user agent instead: class, evidence, guard")
@click.option("--json", "as_json", is_flag=True, help="print the whole inspection as JSON")
def explain(
    source: IO[bytes], peer: str, tls: bool, user_agent: str | None, as_json: bool, **options: str | None
) -> int:
    """Say of a request that was written down what serving it would have said.

    FILE holds a request head (with or without a body), or what `curl -v` printed; - is standard input.
    """
    settings = load(overridden(os.environ, options))
    if user_agent is not None:
        fields = (("Host", "localhost"), ("User-Agent", user_agent))
        written = written_request("GET", "/", (1, 1), fields)
    else:
        written = read_request(source.read())
    connection = Connection(peer, None, "", None, scheme="https" if tls else "http")
    document = explained(written, connection, settings)
    if as_json:
        click.echo(to_json(document), nl=False)
    else:
        click.echo(device_text(document) if user_agent is not None else terminal_text(document).rstrip())
    return 0


def explained(written: WrittenRequest, connection: Connection, settings: Settings) -> dict[str, Any]:
    """The inspection that the server would answer, had the request come by this connection."""
    seen = RequestContext(written.head, connection, settings)
    inspection = inspect(
        seen.head, written.body, connection, verdict=seen.verdict, device=seen.device, trailers=None
    )
    return inspection_document(
        inspection,
        seen.decision,
        session_id=settings.session_id,
        organization=settings.organization,
        guard_enabled=settings.guard.enabled,
        machine=machine_name(),
    )
