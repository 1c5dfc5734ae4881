"""``yourl explain``: the verdict about a request that was written down.

Every start imports this module, so it imports only when they are used what reads, concludes and reports.
"""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING, Any

import click

from yourl.cli.options import overridden, setting_options
from yourl.cli.terminal import painter, say, width_of
from yourl.http1.grammar import is_ipv4, is_ipv6
from yourl.proxies import Connection
from yourl.settings import Settings, load
from yourl.settings.platform import machine_name

if TYPE_CHECKING:
    from yourl.explain import WrittenRequest

UNIX_SOCKET = "unix"


def _peer(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The address of a peer; empty for a Unix socket, as ``Connection`` has it."""
    address = value.strip("[]")
    if value == UNIX_SOCKET:
        return ""
    if not (is_ipv4(address) or is_ipv6(address.partition("%")[0])):
        raise click.BadParameter(f"{value!r} is no IP address, and not the word unix")
    return address


@click.command()
@click.argument("source", metavar="[FILE|-]", type=click.File("rb"), default="-")
@click.option(
    "--peer",
    metavar="ADDRESS",
    default="127.0.0.1",
    show_default=True,
    callback=_peer,
    help="who connected to us: an IP address, or unix for a Unix socket",
)
@setting_options("YOURL_TRUSTED_PROXIES", "YOURL_ALLOWED_HOSTS")
@click.option("--tls", is_flag=True, help="the request reached us by TLS that we ended ourselves")
@click.option(
    "--expect", "expected", metavar="NAME:VALUE", multiple=True, help="check this, too; may be repeated"
)
@click.option("--user-agent", metavar="TEXT", help="explain this user agent instead: class, evidence, guard")
@click.option("--json", "as_json", is_flag=True, help="print the whole inspection as JSON")
def explain(
    source: IO[bytes],
    peer: str,
    tls: bool,
    expected: tuple[str, ...],
    user_agent: str | None,
    as_json: bool,
    **options: str | None,
) -> int:
    """Explain a request that was written down, as if it had been sent to this server.

    FILE holds a raw request, the output of curl -v or --trace-ascii, a curl command, a HAR file, or the
    header pane of a browser's developer tools; - is standard input. Exit code 1 if an expectation is not met.
    """
    from yourl.explain import device_text, read_request, terminal_text, written_request
    from yourl.representation import to_json

    settings = load(overridden(os.environ, options))
    if user_agent is None:
        written = read_request(_read(source))
    else:
        written = written_request("GET", "/", (1, 1), (("Host", "localhost"), ("User-Agent", user_agent)))
    connection = Connection(
        peer, None, written.server, written.server_port, "https" if tls else written.scheme or "http"
    )
    document, all_met = _checked(explained(written, connection, settings), written, expected)
    if as_json:
        click.echo(to_json(document), nl=False)
    else:
        report = terminal_text if user_agent is None or expected else device_text
        click.echo(report(document, painter(sys.stdout), width_of(sys.stdout)), nl=False, color=True)
    return 0 if all_met else 1


def _read(source: IO[bytes]) -> bytes:
    if source.isatty():
        say("Paste a request, then press Ctrl-D on a line of its own (Ctrl-C cancels).")
    return source.read()


def _checked(
    document: dict[str, Any], written: WrittenRequest, expected: tuple[str, ...]
) -> tuple[dict[str, Any], bool]:
    """The document with the checks of the request's own query and of the options, and whether all are met."""
    from yourl.expectations import check_all, expectations_in, with_checks

    in_query = expectations_in(document["query"], written.head.target.query or "")
    expectations = (*in_query, *expected)
    if not expectations:
        return document, True
    checked, refusal = with_checks(document, check_all(expectations, document))
    return checked, refusal is None


def explained(written: WrittenRequest, connection: Connection, settings: Settings) -> dict[str, Any]:
    """The inspection that the server would answer, had the request come by this connection."""
    from yourl.context import RequestContext
    from yourl.inspection import inspect
    from yourl.representation import inspection_document

    seen = RequestContext(written.head, connection, settings)
    inspection = inspect(
        seen.head, written.body, connection, verdict=seen.verdict, device=seen.device, trailers=None
    )
    document = inspection_document(
        inspection,
        seen.decision,
        session_id=settings.session_id,
        organization=settings.organization,
        guard_enabled=settings.guard.enabled,
        machine=machine_name(),
    )
    return {
        **document,
        "written": {"format": written.format, "notes": list(written.notes)},
        "refused": _refusal_document(written),
    }


def _refusal_document(written: WrittenRequest) -> dict[str, Any] | None:
    refusal = written.refusal
    if refusal is None:
        return None
    return {"status": refusal.status, "error": refusal.code, "message": refusal.message}
