"""The kept requests of a running server, asked over HTTP with the access code."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlencode, urlsplit

import click

from yourl.text import excerpt

LONGEST_WAIT = 25.0
"""Seconds that one request for news may take: less than most proxies allow."""
LARGEST_ANSWER = 64 * 1024 * 1024
TRIES = 5

Function = TypeVar("Function", bound=Callable[..., Any])


class LiveServer:
    """A running server. Methods raise ``click.ClickException`` with a sentence where it cannot be asked."""

    def __init__(self, url: str, code: str) -> None:
        self._url = http_url(url)
        self._code = code

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
        try:
            document = json.loads(content)
            return {**document, "id": str(document["id"])}
        except (ValueError, TypeError, KeyError) as error:
            raise click.ClickException(f"{self._url.geturl()} answered no kept request.") from error

    def _get(self, target: str, timeout: float) -> tuple[int, bytes]:
        """Ask, again where the connection fails: the server may be restarting."""
        for attempt in range(TRIES):
            try:
                return self._get_once(target, timeout)
            except (OSError, http.client.HTTPException) as error:
                if attempt == TRIES - 1:
                    raise click.ClickException(f"{self._url.geturl()} cannot be asked: {error}.") from error
                time.sleep(min(2.0, 0.25 * 2**attempt))
        raise AssertionError("not reached")

    def _get_once(self, target: str, timeout: float) -> tuple[int, bytes]:
        connection = connection_to(self._url, timeout)
        try:
            headers = {"Authorization": f"Bearer {self._code}", "Accept": "application/json"}
            connection.request("GET", self._url.path.rstrip("/") + target, headers=headers)
            response = connection.getresponse()
            content = response.read(LARGEST_ANSWER)
        finally:
            connection.close()
        if response.status not in (200, 204):
            raise click.ClickException(f"{self._url.geturl()} answered {response.status}{_message(content)}")
        return response.status, content


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
        if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise click.BadParameter(f"{excerpt(url)} is no http or https URL.")


def connection_to(url: SplitResult, timeout: float) -> http.client.HTTPConnection:
    """A connection, not opened yet, to the server of a URL; proxies of the environment are not used."""
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    return kind(str(url.hostname), url.port, timeout=timeout)


def arriving(
    server: LiveServer, inbox: str, *, from_start: bool, count: int | None, timeout: float | None
) -> Iterator[dict[str, Any]]:
    """Each request as it arrives, until ``count`` have come or ``timeout`` seconds are over; None for no end.

    :param from_start: begin with what is kept already
    """
    until = None if timeout is None else time.monotonic() + timeout
    after = "0" * 32 if from_start else server.newest(inbox) or "0" * 32
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


def follow_options(function: Function) -> Function:
    """The options of commands that follow an inbox."""
    for option in reversed(
        (
            click.argument("url"),
            click.option("--inbox", required=True, metavar="NAME", help="the inbox to follow"),
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
