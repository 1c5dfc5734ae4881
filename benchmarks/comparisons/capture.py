"""What keeping requests costs beside /api, and what programs that wait cost the others."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from benchmarks.comparisons import Options
from benchmarks.comparisons.throughput import errors
from benchmarks.contenders import API, yourl
from benchmarks.load import WEBHOOK, Load, load
from benchmarks.rounds import Bars, Result, Target, interleaved, series_of
from benchmarks.servers import Running, serving

CODE = "correct-horse-battery"
WAITING = 500
INBOX, BESIDE = "yourl /in", f"yourl /api, {WAITING} programs waiting"


def capture(options: Options) -> Sequence[Result]:
    """The same POST to /api and to an inbox, then /api with and without programs that wait."""
    settings = {"YOURL_STORE": "sqlite", "YOURL_KEEP": "20000,40MiB", "YOURL_ACCESS_CODE": CODE}
    with serving(yourl(**settings)) as server:
        asked = partial(load, seconds=options.seconds, script=WEBHOOK)
        kept = interleaved(
            {API: partial(asked, server), INBOX: partial(asked, replace(server, path="/in/orders"))},
            options.rounds,
        )

        def with_waiting() -> Load:
            with waiting(server):
                return asked(server)

        waited = interleaved({API: partial(asked, server), BESIDE: with_waiting}, options.rounds)
    return [
        Bars(
            "Capture", "µs of processor time for a request", series_of(kept, lambda each: each.cost), API,
            (Target(INBOX, API, 1.33, at_most=True),), errors(kept),
        ),
        Bars(
            "Capture, throughput", "requests/s", series_of(kept, lambda each: each.rate), API,
            (Target(INBOX, API, 0.75, at_most=False),),
        ),
        Bars(
            "Waiting programs", "µs of processor time for a request",
            series_of(waited, lambda each: each.cost), API,
            (Target(BESIDE, API, 1.11, at_most=True),), errors(waited),
        ),
    ]  # fmt: skip


@contextlib.contextmanager
def waiting(server: Running) -> Iterator[None]:
    """Programs that wait for a request which does not come."""
    head = (
        f"GET /live/wait?inbox=never&timeout=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {CODE}\r\n\r\n"
    )
    with contextlib.ExitStack() as stack:
        for _ in range(WAITING):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 10))
            client.sendall(head.encode())
        time.sleep(1)
        yield
