"""Sends a kept request on, byte for byte, and says what came back."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from urllib.parse import SplitResult

import click

from yourl.cli.live_api import connection_to
from yourl.redaction import MASK
from yourl.text import excerpt, printable

LONGEST_ANSWER = 1024 * 1024
MAX_SHOWN = 500
# The connection to the target has its own framing and host.
_NOT_SENT = frozenset(
    ("host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "te",
     "trailer", "upgrade", "expect")
)  # fmt: skip
_BELOW_INBOX = re.compile(r"/in/[a-z0-9-]{1,64}(?=[/?]|\Z)")


@dataclass(frozen=True, slots=True)
class RawRequest:
    """A request as it arrived, taken apart; the body is untouched."""

    method: str
    target: str
    fields: tuple[tuple[str, str], ...]
    body: bytes

    @classmethod
    def parse(cls, raw: bytes) -> RawRequest:
        """The parts of what ``/live/requests/<id>.raw`` gives.

        :raises click.ClickException: where it is no request
        """
        head, mark, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if not mark or len(words) != 3:
            raise click.ClickException("The server gave no request.")
        pairs = (line.partition(":") for line in lines[1:])
        return cls(words[0], words[1], tuple((name, value.strip(" \t")) for name, _, value in pairs), body)

    @property
    def masked(self) -> tuple[str, ...]:
        """Names of the fields whose values the server has masked, which are not sent."""
        return tuple(dict.fromkeys(name for name, value in self.fields if value == MASK))


def send_on(request: RawRequest, to: SplitResult, timeout: float = 30.0) -> str:
    """Send a request to a URL; one line about the answer, and the beginning of its content.

    What stood below the inbox in the path, and the query, are appended to the URL's path.

    :raises OSError: where nothing answers there
    :raises http.client.HTTPException: where the answer is no HTTP
    """
    target = target_at(request.target, to)
    connection = connection_to(to, timeout)
    started = time.monotonic()
    try:
        connection.putrequest(request.method, target, skip_accept_encoding=True)
        for name, value in request.fields:
            if name.lower() not in _NOT_SENT and value != MASK:
                connection.putheader(name, value.encode("latin-1"))
        if request.body or request.method not in ("GET", "HEAD", "OPTIONS", "DELETE"):
            connection.putheader("Content-Length", str(len(request.body)))
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        content = response.read(LONGEST_ANSWER)
    finally:
        connection.close()
    milliseconds = (time.monotonic() - started) * 1000
    return answer_text(request, target, response.status, response.reason, content, milliseconds)


def target_at(target: str, to: SplitResult) -> str:
    """Where a request that was sent to ``target`` goes below a URL."""
    path, mark, query = target.partition("?")
    below = _BELOW_INBOX.sub("", path, count=1)
    base = to.path.rstrip("/") if below else to.path
    queries = "&".join(filter(None, (to.query, query)))
    return (base + below or "/") + ("?" + queries if queries or mark else "")


def answer_text(
    request: RawRequest, target: str, status: int, reason: str, content: bytes, milliseconds: float
) -> str:
    """What was sent and what came back, for a terminal."""
    what = printable(f"{request.method} {target}")
    line = f"{what} -> {status} {printable(reason)} in {milliseconds:.0f} ms"
    if request.masked:
        line += f" (without {printable(', '.join(request.masked))}: masked)"
    text = content[: 4 * MAX_SHOWN].decode("utf-8", "replace")
    return f"{line}\n    {excerpt(text, MAX_SHOWN)}" if text else line
