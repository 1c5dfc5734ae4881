"""``yourl forward`` and ``yourl replay``: send kept requests on, to the developer's own machine.

Every start imports this module, so it imports what sends only when there is something to send.
"""

from __future__ import annotations

from urllib.parse import SplitResult

import click

from yourl.cli.live_api import LiveServer, arriving, code_option, follow_options, http_url
from yourl.cli.terminal import say
from yourl.text import excerpt, printable

_to_option = click.option("--to", required=True, metavar="URL", help="where to: http://localhost:3000/hook")


@click.command()
@follow_options
@_to_option
def forward(
    url: str, inbox: str, code: str, count: int | None, timeout: float | None, from_start: bool, to: str
) -> int:
    """Send each request to an inbox on to another URL, as it arrives, and print the answer.

    It is sent byte for byte, but for what the server has masked and what frames a message (Host,
    Content-Length, Transfer-Encoding, Connection). This program sends it, not the server. Exit code 1 when
    fewer than --count (or none at all) were answered within --timeout.
    """
    server, goal = LiveServer(url, code), http_url(to)
    answered = 0
    for request in arriving(server, inbox, from_start=from_start, count=count, timeout=timeout):
        answered += _sent(server, request["id"], goal)
    return 0 if answered >= (count or 1) else 1


@click.command()
@click.argument("url")
@click.argument("request_id", metavar="ID")
@code_option
@_to_option
def replay(url: str, request_id: str, code: str, to: str) -> int:
    """Send one kept request on to another URL, and print the answer; exit code 1 without one."""
    from yourl.captures.ids import is_id

    if not is_id(request_id):
        raise click.BadParameter(f"{excerpt(request_id, 64)} is no id of a request.")
    return 0 if _sent(LiveServer(url, code), request_id, http_url(to)) else 1


def _sent(server: LiveServer, request_id: str, to: SplitResult) -> bool:
    """Send one request on; whether it was answered."""
    from yourl.cli.sending import NoAnswer, RawRequest, answer_text, send_on, target_at

    raw = server.raw(request_id)
    if raw is None:
        say(f"{printable(request_id)} is not kept any more.")
        return False
    request = RawRequest.parse(raw)
    target = target_at(request.target, to)
    try:
        click.echo(answer_text(request, target, send_on(request, target, to)))
    except NoAnswer as error:
        where = f"{to.scheme}://{to.netloc.rpartition('@')[2]}{to.path}"
        say(f"{request_id}: {printable(where)} did not answer: {printable(str(error))}.")
        return False
    return True
