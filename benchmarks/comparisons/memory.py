"""Memory of all processes of a server together (PSS): after the start, and after load."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.comparisons import Options
from benchmarks.contenders import API, WORKER, WORKERS, gunicorn, yourl
from benchmarks.load import load
from benchmarks.rounds import Bars, Result, Series, Target
from benchmarks.servers import Running, serving_all

ECHO = "Flask echo, yourl's worker"


def memory(options: Options) -> Sequence[Result]:
    """One measure before, and one for each quarter of the requests; the last counts."""
    contenders = {ECHO: gunicorn("benchmarks.contenders:echo", worker=WORKER), API: yourl()}
    with serving_all(contenders) as servers:
        for server in servers.values():
            load(server, 3)  # what is imported after the first answers
        idle = tuple(Series(name, (server.megabytes(),)) for name, server in servers.items())
        loaded = tuple(Series(name, after(server, options.requests)) for name, server in servers.items())
    growth = tuple(Series(each.name, (each.values[-1] / each.values[0],)) for each in loaded)
    last = tuple(Series(each.name, each.values[-1:]) for each in loaded)
    target = (Target(API, ECHO, 1.05, at_most=True),)
    count = f"{options.requests:,} requests; {WORKERS} workers and their master together."
    return [
        Bars("Memory before load", "MB", idle, ECHO),
        Bars("Memory after load", "MB", last, ECHO, target, count),
        Bars("Growth of memory from the first to the last quarter", "×", growth, ECHO),
    ]


def after(server: Running, requests: int) -> tuple[float, ...]:
    """Megabytes after each quarter of the requests."""
    sizes = []
    for _ in range(4):
        asked = 0.0
        while asked < requests / 4:
            asked += load(server, 1).rate
        sizes.append(server.megabytes())
    return tuple(sizes)
