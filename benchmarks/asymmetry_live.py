"""What one kept request may cost its reader, in process: time and bytes of each answer about it.

Run it as ``python benchmarks/asymmetry_live.py [--size 1048576]`` from the root of the repository. It sends
every body of ``request_grammar.py`` to an inbox, then asks for that request in each form: JSON, page, every
export, a listing, a search, and a comparison with three variations of the body. Exits with 1 where a bound
does not hold. The store is SQLite in a temporary folder.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT), str(ROOT.parent)]

import asymmetry  # noqa: E402 (found by the path above)
import request_grammar as grammar  # noqa: E402 (found by the path above)

CODE = "a-code-for-this-run"
SHOWN = 12
LONGEST = 0.15  # seconds, as for a request to /api
ALLOWED_BEYOND = 64 * 1024  # bytes of an answer beyond 4 x what is kept


@dataclass(frozen=True)
class Cost:
    """One answer: seconds, bytes, status, bytes that were kept, and what was asked of which body."""

    seconds: float
    answer: int
    status: int
    kept: int
    asked: str
    body: str


class Reader:
    """An application with a store of its own, asked in process with the access code."""

    def __init__(self, folder: Path) -> None:
        from yourl.app import create_app
        from yourl.captures.bounds import Bounds
        from yourl.captures.opening import open_store
        from yourl.http1.limits import Limits
        from yourl.settings import load

        self.app = create_app(
            load({"YOURL_ACCESS_CODE": CODE}), store=open_store("sqlite", Bounds(), folder, print)
        )
        self.limits = Limits()

    def ask(
        self, method: str, target: str, body: bytes = b"", content_type: str = "", accept: str = "*/*"
    ) -> tuple[int, int, float, dict[str, str]]:
        """Status, bytes of the content, seconds and header fields of one answer."""
        from yourl.context import ENVIRON_KEY, RequestContext, connection_of
        from yourl.errors import Refusal
        from yourl.http1.head import parse_head

        lines = [f"{method} {target} HTTP/1.1", "Host: shop.example", f"Authorization: Bearer {CODE}"]
        lines += [f"Accept: {accept}", f"User-Agent: {grammar.BROWSER}", f"Content-Length: {len(body)}"]
        lines += [f"Content-Type: {content_type}"] * bool(content_type)
        head = parse_head(("\r\n".join(lines) + "\r\n\r\n").encode(), self.limits)
        if isinstance(head, Refusal):
            raise ValueError(f"not a request that can be measured: {head.code}")
        environ = asymmetry.environ_of(head.method, head.target.raw, head.fields, body)
        environ[ENVIRON_KEY] = RequestContext(head, connection_of(environ), trailers=())
        told: dict[str, str] = {}
        status = 0

        def start(line: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
            nonlocal status
            status = int(line.split()[0])
            told.update(headers)

        started = time.perf_counter()
        size = sum(map(len, self.app(environ, start)))
        return status, size, time.perf_counter() - started, told

    def keep(self, inbox: str, body: bytes, content_type: str) -> str:
        """Send one request to an inbox; its id."""
        return self.ask("POST", f"/in/{inbox}", body, content_type)[3]["X-Capture-ID"]


def questions(kept: str, variations: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """What is asked, as a name, a target and an Accept field."""
    from yourl.views.live.kept import FORMS

    yield "JSON", f"/live/requests/{kept}", "*/*"
    yield "page", f"/live/requests/{kept}", grammar.PAGE
    for form in FORMS:
        yield form, f"/live/requests/{kept}.{form}", "*/*"
    yield "listing", "/live?inbox=one", grammar.PAGE
    for query in ("zz", "1+1+1+1+1+1+1+zz", "a" * 200):
        yield f"search for {query[:20]}", f"/live/requests?inbox=one&q={query}", "*/*"
    for name, other in variations.items():
        yield f"comparison, {name}", f"/live/compare?a={kept}&b={other}", "*/*"
        yield f"page of a comparison, {name}", f"/live/compare?a={kept}&b={other}", grammar.PAGE


def varied(body: bytes) -> dict[str, bytes]:
    """The same body, changed everywhere, from the beginning on, and in the middle."""
    middle = len(body) // 2
    return {
        "reversed": body[::-1],
        "without its first byte": body[1:],
        "one byte more": body[:middle] + b"X" + body[middle:-1],
    }


def measured(reader: Reader, size: int) -> Iterator[Cost]:
    """Every body, in every form; each answer is the better of two."""
    for content_type, bodies in grammar.BODIES.values():
        for name, make in bodies.items():
            body = make(size)[:size]
            kept = reader.keep("one", body, content_type)
            variations = {
                label: reader.keep("two", other, content_type) for label, other in varied(body).items()
            }
            for asked, target, accept in questions(kept, variations):
                runs = [reader.ask("GET", target, accept=accept)[:3] for _ in range(2)]
                status, answer, _ = runs[0]
                yield Cost(min(run[2] for run in runs), answer, status, len(body), asked, name)
            for inbox in ("one", "two"):
                reader.ask("DELETE", f"/live/inboxes/{inbox}")


def report(costs: list[Cost]) -> int:
    """Print the dearest, and which bounds hold; the number that do not."""
    print(f"{'ms':>8} {'answer':>10} {'kept':>9}  what")
    for cost in sorted(costs, key=lambda cost: -cost.seconds)[:SHOWN]:
        print(f"{cost.seconds * 1000:8.2f} {cost.answer:10} {cost.kept:9}  {cost.asked} of {cost.body}")
    beyond = max(cost.answer - 4 * cost.kept for cost in costs)
    failed = [cost for cost in costs if cost.status != 200]
    bounds = {
        f"any answer, ms (bound {LONGEST * 1000:.0f})": (
            max(c.seconds for c in costs) * 1000,
            LONGEST * 1000,
        ),
        "answer - 4 x kept, KiB (bound 64)": (beyond / 1024, ALLOWED_BEYOND / 1024),
        "statuses other than 200 (bound 0)": (len(failed), 0),
    }
    print(f"\n{len(costs)} answers")
    for name, (value, bound) in bounds.items():
        print(f"{'over' if value > bound else 'ok':>5}  {name}: {value:.1f}")
    for cost in failed[:20]:
        print(f"  {cost.status}: {cost.asked} of {cost.body}")
    return sum(value > bound for value, bound in bounds.values())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=grammar.BODY, help="bytes of each body")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 1 if report(list(measured(Reader(Path(folder)), options.size))) else 0


if __name__ == "__main__":
    sys.exit(main())
