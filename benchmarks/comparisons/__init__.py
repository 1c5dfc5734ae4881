"""The comparisons by name. Importing one of them needs the benchmarks' environment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

from benchmarks.rounds import Result


@dataclass(frozen=True, slots=True)
class Options:
    """How thoroughly to measure: rounds that count, seconds of load in each, and requests for memory."""

    rounds: int = 7
    seconds: int = 3
    requests: int = 100_000


QUICK = Options(rounds=3, seconds=1, requests=10_000)

NAMES = {
    "in-process": "one request inside the process, beside raw WSGI, a Flask echo and httpbin",
    "throughput": "requests a second, processor time and slowest percent through Gunicorn",
    "latency": "the slowest percent at half of the echo's load",
    "agents": "one user agent beside ever new ones",
    "workers": "1 to 8 workers",
    "connections": "1 to 1,000 connections",
    "bodies": "bodies of 1 KB to 1 MB",
    "capture": "an inbox beside /api, and /api while 500 programs wait",
    "waiting": "keeping requests while 50 pages and 500 programs wait, and how soon these are told",
    "worker": "yourl's worker beside gthread, and what recycling costs",
    "start": "from process start to first 200, beside a venv, shiv, PEX and zipapp; and the sizes",
    "pythons": "start on each Python here: its own file, the file for all, and a file without its bytecode",
    "memory": "memory before and after load, beside the Flask echo on the same worker",
}


def comparison(name: str) -> Callable[[Options], Sequence[Result]]:
    """The function that measures a comparison."""
    module = {"workers": "scale", "connections": "scale", "bodies": "scale", "pythons": "start"}
    module |= {"latency": "throughput", "agents": "throughput"}
    found = import_module(f"benchmarks.comparisons.{module.get(name, name).replace('-', '_')}")
    measures: Callable[[Options], Sequence[Result]] = getattr(found, name.replace("-", "_"))
    return measures
