"""The kept requests of a running server, asked over HTTP with the access code.

Every start imports this module, so it imports an HTTP client only when a server is asked.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult, urlencode, urlsplit

import click

from yourl.cli.terminal import say
from yourl.text import excerpt

if TYPE_CHECKING:
    from http.client import HTTPConnection

LONGEST_WAIT = 25.0
"""Seconds that one request for news may take: less than most proxies allow."""
LARGEST_ANSWER = 64 * 1024 * 1024
TRIES = 5
"""To reach a server that has answered before: it may be restarting."""

Function = TypeVar("Function", bound=Callable[..., Any])

# What helps, by the status of a refusal.
_HINTS = {
    401: " The server prints its access code when it starts, unless YOURL_ACCESS_CODE sets it.",
    404: " Is this the URL of a yourl server, without a path?",
}


class LiveServer:
    """A running server. Methods raise ``click.ClickException`` with a sentence where it cannot be asked."""

    def __init__(self, url: str, code: str) -> None:
        self._url = http_url(url)
        self._code = code
        self._has_answered = False

    @property
    def url(self) -> str:
        """Its URL for people, without a user's name and password, and without a slash at the end."""
        return f"{self._url.scheme}://{self._url.netloc.rpartition('@')[2]}{self._url.path.rstrip('/')}"

    def newest(self, inbox: str) -> str:
        """The id of the newest request that is kept in an inbox; empty where there is none."""
        found = self.wait(inbox, "", 0.0)
        return "" if found is None else str(found["id"])

    def wait(self, inbox: str, after: str, seconds: float) -> dict[str, Any] | None:
        """The first request after the one with the id ``after``; None when none came in time."""
        query = {"inbox": inbox, "timeout": f"{seconds:.3f}", **({"after": after} if after else {})}
        status, content = self._get(f"/live/wait?{urlencode(query)}", seconds + 15)
        if status == 204:
            return None
        if status != 200:
            raise self._refused(status, content)
        try:
            document = json.loads(content)
            return {**document, "id": str(document["id"])}
        except (ValueError, TypeError, KeyError) as error:
            raise click.ClickException(f"{self.url} answered no kept request.") from error

    def raw(self, capture_id: str) -> bytes | None:
        """A request as it arrived: request line, header fields, body. None where it is not kept any more."""
        status, content = self._get(f"/live/requests/{capture_id}.raw", 30)
        if status not in (200, 404):
            raise self._refused(status, content)
        return content if status == 200 else None

    def _get(self, target: str, timeout: float) -> tuple[int, bytes]:
        """Ask, again where the connection fails and the server has answered before."""
        from http.client import HTTPException

        for attempt in range(TRIES):
            try:
                answer = self._get_once(target, timeout)
            except (OSError, HTTPException) as error:
                if not self._has_answered or attempt == TRIES - 1:
                    reason = excerpt(str(error) or type(error).__name__, 200)
                    raise click.ClickException(
                        f"{self.url} cannot be reached: {reason}. Does a server run there?"
                    ) from error
                time.sleep(min(2.0, 0.25 * 2**attempt))
            else:
                self._has_answered = True
                return answer
        raise AssertionError("not reached")

    def _get_once(self, target: str, timeout: float) -> tuple[int, bytes]:
        connection = connection_to(self._url, timeout)
        try:
            headers = {"Authorization": f"Bearer {self._code}", "Accept": "application/json"}
            connection.request("GET", self._url.path.rstrip("/") + target, headers=headers)
            response = connection.getresponse()
            return response.status, response.read(LARGEST_ANSWER)
        finally:
            connection.close()

    def _refused(self, status: int, content: bytes) -> click.ClickException:
        hint = _HINTS.get(status, "")
        return click.ClickException(f"{self.url} answered {status}{_message(content)}{hint}")


def _message(content: bytes) -> str:
    try:
        return f": {excerpt(str(json.loads(content)['message']), 300)}"
    except (ValueError, TypeError, KeyError):
        return "."


def http_url(url: str) -> SplitResult:
    """The parts of an http or https URL.

    :raises click.BadParameter: for any other text
    """
    try:
        parts = urlsplit(url)
        is_plain = url.isascii() and url.isprintable() and " " not in url
        if is_plain and parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise click.BadParameter(f"{excerpt(url)} is no http or https URL.")


def connection_to(url: SplitResult, timeout: float) -> HTTPConnection:
    """A connection, not opened yet, to the server of a URL; proxies of the environment are not used."""
    from http.client import HTTPConnection, HTTPSConnection

    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    return kind(str(url.hostname), url.port, timeout=timeout)


def arriving(
    server: LiveServer, inbox: str, *, from_start: bool, count: int | None, timeout: float | None
) -> Iterator[dict[str, Any]]:
    """Each request as it arrives, until ``count`` have come or ``timeout`` seconds are over; None for no end.

    :param from_start: begin with what is kept already
    """
    until = None if timeout is None else time.monotonic() + timeout
    newest = server.newest(inbox)
    if not newest:
        say(f"The inbox {inbox} is empty. Waiting for what is sent to {server.url}/in/{inbox}")
    after = "0" * 32 if from_start or not newest else newest
    given = 0
    while count is None or given < count:
        left = LONGEST_WAIT if until is None else until - time.monotonic()
        started = time.monotonic()
        found = server.wait(inbox, after, max(0.0, min(left, LONGEST_WAIT)))
        if found is not None:
            after = found["id"]
            given += 1
            yield found
        elif until is not None and time.monotonic() >= until:
            return
        elif time.monotonic() - started < 0.5:
            time.sleep(0.5)  # a server without our loop answers at once when too many wait


def inbox_option_value(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The name of an inbox.

    :raises click.BadParameter: for what can be none
    """
    from yourl.captures.inboxes import NAME_RULE, is_inbox_name

    if not is_inbox_name(value):
        raise click.BadParameter(f"{excerpt(value, 64)} is no inbox: a name has {NAME_RULE}.")
    return value


def follow_options(function: Function) -> Function:
    """The options of commands that follow an inbox."""
    for option in reversed(
        (
            click.argument("url"),
            click.option(
                "--inbox",
                required=True,
                metavar="NAME",
                callback=inbox_option_value,
                help="the inbox to follow",
            ),
            code_option,
            click.option("--count", type=click.IntRange(1), metavar="N", help="end after so many requests"),
            click.option(
                "--timeout", type=click.FloatRange(0), metavar="S", help="end after so many seconds"
            ),
            click.option("--from-start", is_flag=True, help="begin with what is kept already"),
        )
    ):
        function = option(function)
    return function


code_option = click.option(
    "--code",
    envvar="YOURL_ACCESS_CODE",
    required=True,
    metavar="CODE",
    help="the access code [YOURL_ACCESS_CODE]",
)
