"""What the loop asks of the server around it. Knows no Gunicorn."""

from __future__ import annotations

import logging
from typing import Protocol

from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.http1.reader import ReceivedRequest
from yourl.server.connection import Connection


class Host(Protocol):
    """What the loop asks of the server around it."""

    log: logging.Logger

    def answer(self, connection: Connection, request: ReceivedRequest) -> bool:
        """Have the application answer into ``connection.sock``; called on a thread, must not raise.

        Returns whether the connection may carry another request.
        """

    def awaits_proxy_header(self, client: object) -> bool:
        """Whether the connection of a peer must begin with a PROXY protocol header."""

    def refused(self, refusal: Refusal, peer: str, head: Head | None) -> None:
        """Log and count a request that the loop has refused."""

    def released(self, connection: Connection) -> None:
        """Log and count a request whose answer was kept back and is given now, or whose client is gone."""

    def evicted(self, reason: str) -> None:
        """Count a connection that was closed for the sake of others: ``connections`` or ``memory``."""
