"""How figures change with workers, connections and bodies, beside the Flask echo on gthread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial

from benchmarks.comparisons import Options
from benchmarks.comparisons.throughput import errors
from benchmarks.contenders import API, ECHO, HTTPBIN, Contender, gunicorn, yourl
from benchmarks.load import Load, body_of, load
from benchmarks.rounds import Curves, Result, interleaved, series_of
from benchmarks.servers import serving, serving_all

Rounds = Mapping[str, Callable[[], Load]]


def peers(workers: int) -> dict[str, Contender]:
    """The contenders, with that many workers."""
    return {
        ECHO: gunicorn("benchmarks.contenders:echo", workers=workers),
        HTTPBIN: gunicorn("httpbin:app", "/anything", workers=workers),
        API: yourl(workers=workers),
    }


def workers(options: Options) -> Sequence[Result]:
    """One to eight workers; all servers of one size run at once and are asked in turn."""
    sizes = {}
    for count in (1, 2, 4, 8):
        with ExitStack() as stack:
            servers = {name: stack.enter_context(serving(each)) for name, each in peers(count).items()}
            rounds = {name: partial(load, server, options.seconds) for name, server in servers.items()}
            sizes[str(count)] = interleaved(rounds, options.rounds)
    return [curves("Workers", "workers", sizes)]


def connections(options: Options) -> Sequence[Result]:
    """One to a thousand connections."""
    sizes = {}
    with serving_all(peers(2)) as servers:
        for count in (1, 10, 100, 1000):
            rounds: Rounds = {
                name: partial(load, server, options.seconds, connections=count)
                for name, server in servers.items()
            }
            sizes[f"{count:,}"] = interleaved(rounds, options.rounds)
    return [curves("Connections", "connections", sizes)]


def bodies(options: Options) -> Sequence[Result]:
    """Bodies that every contender reads whole and sends back."""
    sizes = {}
    with serving_all(peers(2)) as servers:
        for size in (1_000, 10_000, 100_000, 1_000_000):
            rounds: Rounds = {
                name: partial(load, server, options.seconds, script=body_of(size))
                for name, server in servers.items()
            }
            sizes[f"{size // 1000:,} KB"] = interleaved(rounds, options.rounds)
    return [curves("Bodies", "body", sizes)]


def curves(title: str, across: str, sizes: Mapping[str, Mapping[str, Sequence[Load]]]) -> Curves:
    """Requests a second of each contender at each size."""
    rates = {size: series_of(measured, lambda each: each.rate) for size, measured in sizes.items()}
    names = [series.name for series in next(iter(rates.values()))]
    found = {name: tuple(rates[size][place] for size in sizes) for place, name in enumerate(names)}
    told = {
        f"{name} at {size}": loads for size, measured in sizes.items() for name, loads in measured.items()
    }
    return Curves(title, "requests/s", across, tuple(sizes), found, errors(told))
