"""What our worker costs beside Gunicorn's ``gthread``, with the smallest application, and recycling."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks.comparisons import Options
from benchmarks.comparisons.throughput import errors
from benchmarks.contenders import RAW, WORKER, gunicorn
from benchmarks.load import load
from benchmarks.rounds import Bars, Result, Target, interleaved, series_of
from benchmarks.servers import serving_all

APP = "benchmarks.contenders:raw"
RECYCLED = ("--preload", "--max-requests", "1000", "--max-requests-jitter", "50")
OURS, OURS_RECYCLED = "yourl's worker, raw WSGI", "yourl's worker, recycled"


def worker(options: Options) -> Sequence[Result]:
    """Connections that are kept alive, and a connection for each request."""
    contenders = {
        RAW: gunicorn(APP),
        OURS: gunicorn(APP, worker=WORKER),
        OURS_RECYCLED: gunicorn(APP, worker=WORKER, more=RECYCLED),
    }
    with serving_all(contenders) as servers:
        kept = interleaved(
            {name: partial(load, server, options.seconds) for name, server in servers.items()}, options.rounds
        )
        new = interleaved(
            {
                name: partial(load, server, options.seconds, close=True)
                for name, server in servers.items()
                if name != OURS_RECYCLED
            },
            options.rounds,
        )
    same = Target(OURS, RAW, 0.95, at_most=False)
    return [
        Bars(
            "Worker, connections kept alive", "requests/s", series_of(kept, lambda each: each.rate), RAW,
            (same, Target(OURS_RECYCLED, OURS, 0.95, at_most=False)), errors(kept),
        ),
        Bars(
            "Worker, slowest percent", "ms", series_of(kept, lambda each: each.p99), RAW,
            (Target(OURS_RECYCLED, OURS, 1.5, at_most=True),),
        ),
        Bars(
            "Worker, a connection for each request", "requests/s",
            series_of(new, lambda each: each.rate), RAW, (same,), errors(new),
        ),
    ]  # fmt: skip
