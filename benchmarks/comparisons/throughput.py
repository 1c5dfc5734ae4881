"""Through real servers: requests a second, processor time for one, and the slowest percent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from benchmarks.comparisons import Options
from benchmarks.contenders import (
    API,
    ECHO,
    GEVENT,
    HEALTH,
    HTTPBIN,
    THREADS,
    WORKERS,
    all_contenders,
    gunicorn,
    yourl,
)
from benchmarks.load import EVER_NEW_AGENTS, NEW_WORDS_AGENTS, ONE_AGENT, Load, load, paced
from benchmarks.rounds import Bars, Result, Target, interleaved, series_of
from benchmarks.servers import serving, serving_all

SAME = (
    f"{WORKERS} workers with {THREADS} threads, 16 connections that are kept alive, access log in a file. "
    "Waitress has one process with as many threads in all, and writes no log."
)
CONNECTIONS = 16
#: As much processor time as 0.85 times the requests a second.
NEW_AGENTS_COST = 1.18


def throughput(options: Options) -> Sequence[Result]:
    """All contenders in turn."""
    with serving_all(all_contenders()) as servers:
        rounds = {name: partial(load, server, options.seconds) for name, server in servers.items()}
        measured = interleaved(rounds, options.rounds)
    rates = (
        Target(API, HTTPBIN, 1.0, at_most=False),
        Target(API, GEVENT, 0.9, at_most=False),
        Target(HEALTH, ECHO, 1.0, at_most=False),
    )
    note = f"{SAME} {errors(measured)}"
    return [
        Bars("Throughput", "requests/s", series_of(measured, lambda each: each.rate), ECHO, rates, note),
        Bars("Processor time", "µs for a request", series_of(measured, lambda each: each.cost), ECHO),
        Bars("Slowest percent at full load", "ms", series_of(measured, lambda each: each.p99), ECHO),
    ]


def latency(options: Options) -> Sequence[Result]:
    """The slowest percent while each server is asked half as often as the echo can answer."""
    chosen = {
        ECHO: gunicorn("benchmarks.contenders:echo"),
        HTTPBIN: gunicorn("httpbin:app", "/anything"),
        HEALTH: yourl("/health"),
        API: yourl("/api"),
    }
    with serving_all(chosen) as servers:
        pause = 2000 * CONNECTIONS / load(servers[ECHO], options.seconds).rate
        half = paced(pause)
        rounds = {name: partial(load, each, options.seconds, script=half) for name, each in servers.items()}
        measured = interleaved(rounds, options.rounds)
    targets = (Target(HEALTH, ECHO, 1.0, at_most=True), Target(API, ECHO, 1.0, at_most=True))
    note = f"Each of 16 connections pauses for {pause:.0f} ms after an answer. {errors(measured)}"
    series = series_of(measured, lambda each: each.p99)
    return [Bars("Slowest percent at half load", "ms", series, ECHO, targets, note)]


def agents(options: Options) -> Sequence[Result]:
    """Does a flood of different user agents cost more than one.

    The target is about processor time, which a busy machine changes less than requests a second.
    """
    one, numbers = "yourl /api, one user agent", "yourl /api, ever new numbers in it"
    words = "yourl /api, ever new words in it"
    scripts = {one: ONE_AGENT, numbers: EVER_NEW_AGENTS, words: NEW_WORDS_AGENTS}
    with serving(yourl()) as server:
        rounds: Mapping[str, Callable[[], Load]] = {
            name: partial(load, server, min(options.seconds, 2), script=script)
            for name, script in scripts.items()
        }
        measured = interleaved(rounds, options.rounds)
    targets = tuple(Target(new, one, NEW_AGENTS_COST, at_most=True) for new in (numbers, words))
    costs = series_of(measured, lambda each: each.cost)
    rates = series_of(measured, lambda each: each.rate)
    return [
        Bars("Processor time by user agent", "µs for a request", costs, one, targets, errors(measured)),
        Bars("Throughput by user agent", "requests/s", rates, one),
    ]


def errors(measured: Mapping[str, Sequence[Load]]) -> str:
    """A sentence on requests that failed."""
    failed = {name: sum(each.errors for each in loads) for name, loads in measured.items()}
    told = ", ".join(f"{name} {count}" for name, count in failed.items() if count)
    return f"Failed requests: {told}." if told else "No request failed."
