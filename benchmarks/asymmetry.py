"""Searches for the request that costs most, in process: time, peak memory and bytes of answer.

Run it as ``python benchmarks/asymmetry.py [--seconds 60] [--seed 1] [--httpbin PYTHON]`` from the root of the
repository. It tries every choice of ``request_grammar.py`` once, then changes the dearest ones at random for
the given time. Each request is measured in a forked child with a limit on CPU and memory, from the bytes of
the head to the line in the access log, without sockets: exact, and a request that never ends ends all the
same. The peak is the resident memory of the child above what it had before (``VmHWM``).

Beside ours stands httpbin's ``/anything`` with the same requests, in the Python named by ``--httpbin``, where
httpbin is installed (``pip install httpbin``), else in this one; without httpbin the column is left out.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import io
import os
import pickle
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT.parent)]

import request_grammar as grammar  # noqa: E402 (found by the path above)

CPU_LIMIT = 12  # seconds, and the kernel's own granularity
MEMORY_LIMIT = 3 * 1024**3
PLAIN = grammar.Plan().request()
PLAIN_PAGE = grammar.Plan(accept=grammar.PAGE).request()
Answerer = Callable[[bytes, bytes], tuple[int, int]]


@dataclass(frozen=True)
class Cost:
    """What one request cost: seconds, bytes of memory above the start, bytes and status of the answer."""

    cpu: float
    peak: int
    answer: int
    status: int


FAILED = Cost(float(CPU_LIMIT), MEMORY_LIMIT, 0, 0)
"""A request that met a limit of the measurement."""


def call(app: Any, environ: dict[str, Any]) -> tuple[int, int]:
    """Status and bytes of a WSGI application's answer, its headers left out."""
    status = 0

    def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        nonlocal status
        status = int(line.split()[0])
        return lambda data: None

    answer: Iterable[bytes] = app(environ, start)
    size = sum(map(len, answer))
    with contextlib.suppress(AttributeError):
        answer.close()  # type: ignore[attr-defined]
    return status, size


def environ_of(
    method: str, raw_target: str, fields: Iterable[tuple[str, str]], body: bytes
) -> dict[str, Any]:
    """A WSGI environ (PEP 3333) as Gunicorn makes it."""
    from urllib.parse import unquote_to_bytes

    path, _, query = raw_target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": raw_target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_SOFTWARE": "gunicorn/0",
        "REMOTE_ADDR": "10.0.0.1",
        "REMOTE_PORT": "50000",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in fields:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def yourl_answerer() -> Answerer:
    """Ours: the head's parser, the application and the line in the access log."""
    from yourl.app import create_app
    from yourl.context import ENVIRON_KEY, RequestContext, connection_of
    from yourl.errors import Refusal
    from yourl.http1.head import parse_head, partial_head
    from yourl.http1.limits import Limits
    from yourl.server.logs.access import AccessRecord, text_line
    from yourl.server.refusals import to_bytes
    from yourl.settings import load

    app = create_app(load({"YOURL_TRUSTED_PROXIES": "10.0.0.0/8,1.1.1.1"}))
    limits = Limits()

    def answer(raw: bytes, body: bytes) -> tuple[int, int]:
        head = parse_head(raw, limits)
        if isinstance(head, Refusal):
            asked = partial_head(raw)
            target = asked.target.raw if asked else "-"
            text_line(
                AccessRecord.of_refusal(
                    head, peer="10.0.0.1", method=asked.method if asked else "-", target=target
                )
            )
            return head.status, len(to_bytes(head, asked))
        environ = environ_of(head.method, head.target.raw, head.fields, body)
        context = environ[ENVIRON_KEY] = RequestContext(head, connection_of(environ), trailers=())
        status, size = call(app, environ)
        text_line(AccessRecord.of(context, status, size, 0.0))
        return status, size

    return answer


def httpbin_answerer() -> Answerer:
    """httpbin's ``/anything``, without a parser and a log; raises ImportError where it is not installed."""
    from httpbin import app

    def answer(raw: bytes, body: bytes) -> tuple[int, int]:
        line, *lines = raw.decode("latin-1").split("\r\n")
        method, target, _ = line.split(" ")
        fields = [tuple(text.split(": ", 1)) for text in lines if ": " in text]
        target = "/anything" + target.removeprefix("http://a.example").removeprefix("/api")
        return call(app, environ_of(method, target, fields, body))  # type: ignore[arg-type]

    return answer


def measured(answer: Answerer, request: grammar.Request) -> Cost:
    """The cost of one request in a child of this process; ``FAILED`` where the child met a limit."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.close(reading)
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT, CPU_LIMIT))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
            os.write(writing, pickle.dumps(_cost(answer, request)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    cost = pickle.loads(told) if told else FAILED
    assert isinstance(cost, Cost)
    return cost


def _cost(answer: Answerer, request: grammar.Request) -> Cost:
    Path("/proc/self/clear_refs").write_text("5")  # VmHWM begins anew, see proc(5)
    before = _memory("VmRSS")
    started = time.perf_counter()
    status, size = answer(request.head, request.body)
    first = time.perf_counter() - started
    peak = _memory("VmHWM") - before
    # The best of a few: a neighbour's burst and the first touch of a page are no cost of the request. Clocks
    # of CPU time tick too slowly here (4 ms on some kernels).
    times = []
    for _ in range(1 if first > 2 else 4 if first > 0.02 else 12):
        started = time.perf_counter()
        answer(request.head, request.body)
        times.append(time.perf_counter() - started)
    return Cost(min([first, *times]), peak, size, status)


def _memory(name: str) -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.partition(f"{name}:")[2].split()[0]) * 1024


MEASURES: dict[str, Callable[[grammar.Request, Cost], float]] = {
    "CPU, head alone": lambda request, cost: 0.0 if request.body or is_page(request) else cost.cpu,
    "CPU, page of a head alone": lambda request, cost: (
        cost.cpu if is_page(request) and not request.body else 0.0
    ),
    "CPU": lambda request, cost: cost.cpu,
    "CPU by byte sent": lambda request, cost: cost.cpu / request.size,
    "peak memory": lambda request, cost: cost.peak,
    "answer beyond 4 x what was sent": lambda request, cost: cost.answer - 4 * request.size,
    "answer by byte sent": lambda request, cost: cost.answer / request.size,
}
KEPT = 8


class Search:
    """The dearest requests by each measure, and how they were found."""

    def __init__(self, answer: Answerer, seed: int) -> None:
        self.answer = answer
        self.rng = random.Random(seed)
        self.best: dict[str, list[tuple[float, grammar.Plan, grammar.Request, Cost]]] = {
            name: [] for name in MEASURES
        }
        self.tried = 0
        self.failures: list[tuple[grammar.Request, Cost]] = []

    def attempt(self, plan: grammar.Plan) -> None:
        """Measure one request and keep it where it is among the dearest."""
        request = plan.request()
        cost = measured(self.answer, request)
        self.tried += 1
        if cost.status >= 500 or cost is FAILED:
            self.failures.append((request, cost))
        for name, measure in MEASURES.items():
            kept = self.best[name]
            kept.append((measure(request, cost), plan, request, cost))
            kept.sort(key=lambda entry: -entry[0])
            _drop_namesakes(kept)
            del kept[KEPT:]

    def run(self, seconds: float) -> None:
        """Each choice once, then neighbours of the dearest and some at random until the time is over."""
        for plan in grammar.each_choice():
            self.attempt(plan)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.rng.random() < 0.3:
                plan = grammar.random_plan(self.rng)
            else:
                plan = grammar.changed(
                    self.rng, self.rng.choice(self.best[self.rng.choice(list(MEASURES))])[1]
                )
            self.attempt(plan)


def _drop_namesakes(kept: list[tuple[float, grammar.Plan, grammar.Request, Cost]]) -> None:
    """Leave each request once, and three of each body or target: a table of one kind would tell little."""
    seen: dict[object, int] = {}
    for entry in list(kept):
        plan = entry[1]
        key = (plan.body, plan.target, plan.expectation, plan.fields[:1])
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            kept.remove(entry)


def is_page(request: grammar.Request) -> bool:
    """Whether a request asks for a page, which costs several times as much as JSON."""
    return ("accept", grammar.PAGE) in request.choices


def plain_cost(answer: Answerer, request: grammar.Request = PLAIN) -> float:
    """CPU seconds of a plain request, the median of several children."""
    return statistics.median(measured(answer, request).cpu for _ in range(9))


HEADINGS = ("ms", "x plain", "MiB", "answer", "sent", "x sent", "code", "httpbin ms", "x sent")
WIDTHS = (9, 8, 7, 11, 9, 7, 4, 10, 7)


def print_table(
    search: Search, plain: float, peers: Callable[[list[grammar.Request]], list[Cost] | None]
) -> None:
    """The dearest requests by each measure, with the peer's costs where it is there."""
    for name, entries in search.best.items():
        costs = peers([request for _, _, request, _ in entries]) or [None] * len(entries)
        print(f"\nThe dearest by {name}")
        print_row(HEADINGS, "request")
        for (_, _, request, cost), peer in zip(entries, costs, strict=True):
            ours = (
                *(f"{cost.cpu * 1000:.2f}", f"{cost.cpu / plain:.1f}", f"{cost.peak / 2**20:.1f}"),
                *(str(cost.answer), str(request.size), f"{cost.answer / request.size:.2f}", str(cost.status)),
            )
            theirs = (f"{peer.cpu * 1000:.2f}", f"{peer.answer / request.size:.2f}") if peer else ("-", "-")
            print_row((*ours, *theirs), str(request)[:150])


def print_row(cells: Sequence[str], last: str) -> None:
    """One line of a table."""
    print(*(f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True)), "", last)


def print_verdict(search: Search, plain: float, plain_page: float) -> int:
    """What the bounds are and whether they hold; the number that do not."""
    entries = [entry for kept in search.best.values() for entry in kept]
    over = max((cost.answer - 4 * request.size) / 1024 for _, _, request, cost in entries)
    heads = [(request, cost.cpu) for _, _, request, cost in entries if not request.body]
    head_alone = max((cpu / plain for request, cpu in heads if not is_page(request)), default=0)
    page_alone = max((cpu for request, cpu in heads if is_page(request)), default=0)
    dearest = max(cost.cpu for _, _, _, cost in entries)
    largest = {
        "head alone, x plain (bound 10)": (head_alone, 10),
        "page of a head alone, x plain page (bound 10)": (page_alone / plain_page, 10),
        "page of a head alone, ms (bound 8)": (page_alone * 1000, 8),
        "any request, x plain (bound 400)": (dearest / plain, 400),
        "any request, ms (bound 150)": (dearest * 1000, 150),
        "peak MiB (bound 16)": (max(cost.peak / 2**20 for _, _, _, cost in entries), 16),
        "answer - 4 x sent, KiB (bound 64)": (over, 64),
        "statuses 500 and over, or met a limit (bound 0)": (len(search.failures), 0),
    }
    print(
        f"\n{search.tried} requests tried; a plain /api costs {plain * 1e6:.0f} µs, "
        f"a plain page {plain_page * 1e6:.0f} µs"
    )
    for name, (value, bound) in largest.items():
        print(f"{'over' if value > bound else 'ok':>5}  {name}: {value:.1f}")
    for request, cost in search.failures[:20]:
        print(f"  {'met a limit' if cost is FAILED else cost.status}: {str(request)[:150]}")
    return sum(value > bound for value, bound in largest.values())


def httpbin_costs(python: str, requests: list[grammar.Request]) -> list[Cost] | None:
    """What httpbin takes for the same requests, in a process of the given Python; None where it has none."""
    ran = subprocess.run(
        [python, __file__, "--answer-httpbin"], input=pickle.dumps(requests), capture_output=True, check=False
    )
    return pickle.loads(ran.stdout) if ran.returncode == 0 else None


def answer_httpbin() -> int:
    """Measure httpbin with the requests on stdin: the other end of ``httpbin_costs``."""
    requests = pickle.load(sys.stdin.buffer)
    answer = httpbin_answerer()
    answer(PLAIN.head, PLAIN.body)
    sys.stdout.buffer.write(pickle.dumps([measured(answer, request) for request in requests]))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60, help="how long to search at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--httpbin", default=sys.executable, help="a Python that has httpbin")
    parser.add_argument("--answer-httpbin", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer_httpbin:
        return answer_httpbin()
    answer = yourl_answerer()
    for _ in range(300):
        answer(PLAIN.head, PLAIN.body)
    for _ in range(50):
        answer(PLAIN_PAGE.head, PLAIN_PAGE.body)
    plain, plain_page = plain_cost(answer), plain_cost(answer, PLAIN_PAGE)
    theirs = httpbin_costs(options.httpbin, [PLAIN])
    told = f"{theirs[0].cpu * 1e6:.0f} µs" if theirs else "not measured, httpbin is not installed"
    print(f"plain /api: {plain * 1e6:.0f} µs; httpbin's /anything: {told}")
    search = Search(answer, options.seed)
    search.run(options.seconds)
    peers = functools.partial(httpbin_costs, options.httpbin) if theirs else lambda requests: None
    print_table(search, plain, peers)
    return 1 if print_verdict(search, plain, plain_page) else 0


if __name__ == "__main__":
    if __spec__ is None:  # pickles name the class by module: the same one for parent and child
        sys.modules["asymmetry"] = sys.modules["__main__"]
    sys.exit(main())
