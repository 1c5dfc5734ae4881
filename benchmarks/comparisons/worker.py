"""What our worker costs beside Gunicorn's ``gthread``, with the smallest application, and recycling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.comparisons import Options
from benchmarks.comparisons.throughput import errors
from benchmarks.contenders import API, RAW, WORKER, gunicorn, yourl
from benchmarks.load import load
from benchmarks.rounds import Bars, Result, Target, interleaved, series_of
from benchmarks.servers import serving_all

APP = "benchmarks.contenders:raw"
OURS, RECYCLED = "yourl's worker, raw WSGI", "yourl /api, recycled"


def worker(options: Options) -> Sequence[Result]:
    """Connections that are kept alive, and a connection for each request."""
    with serving_all({RAW: gunicorn(APP), OURS: gunicorn(APP, worker=WORKER)}) as servers:
        kept = interleaved(
            {name: partial(load, server, options.seconds) for name, server in servers.items()}, options.rounds
        )
        new = interleaved(
            {name: partial(load, server, options.seconds, close=True) for name, server in servers.items()},
            options.rounds,
        )
    # As yourl is started, each worker is replaced after 1,000 requests.
    with serving_all({API: yourl(), RECYCLED: yourl(GUNICORN_CMD_ARGS="")}) as servers:
        recycled = interleaved(
            {name: partial(load, server, options.seconds) for name, server in servers.items()}, options.rounds
        )
    same = Target(OURS, RAW, 0.95, at_most=False)
    return [
        Bars(
            "Worker, connections kept alive", "requests/s", series_of(kept, lambda each: each.rate), RAW,
            (same,), errors(kept),
        ),
        Bars(
            "Worker, a connection for each request", "requests/s",
            series_of(new, lambda each: each.rate), RAW, (same,), errors(new),
        ),
        Bars(
            "Workers that are replaced", "requests/s", series_of(recycled, lambda each: each.rate), API,
            (Target(RECYCLED, API, 0.85, at_most=False),), errors(recycled),
        ),
        Bars(
            "Workers that are replaced, slowest percent", "ms", series_of(recycled, lambda each: each.p99),
            API, (Target(RECYCLED, API, 1.5, at_most=True),),
        ),
    ]  # fmt: skip
