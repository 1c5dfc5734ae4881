"""What keeping requests costs: one put, at a thousand and at a million kept; listing and searching a million.

    python benchmarks/captures.py [--kept 1000000] [--folder /dev/shm] [--redis redis://127.0.0.1:6379]

Every figure is the median of many short runs, because the speed of a shared machine drifts. Promised for
SQLite: a put to a store of the usual size takes at most 100 µs of processor time; with a million kept, puts
cost at most 1.2 times what they cost with a thousand (both with the text index), a page of a listing takes at
most 50 ms, and a text search at most 500 ms. Exit code 1 when a promise is broken. The file for a million
takes about 3 GB and is removed at the end.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from yourl.captures.bounds import Bounds
from yourl.captures.model import Capture, Query, Summary
from yourl.captures.redis.store import RedisStore
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.store import CaptureStore

MOST_PUT, MOST_RATIO, MOST_PAGE, MOST_SEARCH = 100.0, 1.2, 50.0, 500.0
WORDS = [f"{number:x}word" for number in random.Random(1).sample(range(10**7), 20_000)]
DOCUMENT: dict[str, Any] = {
    "url": None,
    "proxy": {
        "trusted": True,
        "hops": [
            {
                "address": "203.0.113.7",
                "port": 50000,
                "source": "X-Forwarded-For",
                "trusted": False,
                "also": [],
            }
        ]
        * 2,
        **{
            name: {
                "value": "https",
                "source": "X-Forwarded-Proto",
                "trusted": True,
                "why": "from a trusted proxy",
            }
            for name in ("client", "scheme", "host", "port", "prefix")
        },
    },
    "device": {"type": "bot", "browser": None, "os": None, "family": None, "hints": {}, "evidence": []},
    "guard": {"allowed": False, "rule": "default", "why": "bot is in neither list"},
    "fidelity": ["What a proxy in front has changed or removed cannot be seen here, only what it sent."] * 3,
}


def captures(seed: int) -> Iterator[Capture]:
    """Webhooks as they come: a dozen header fields, half a kilobyte of JSON, ten inboxes, many clients."""
    chance = random.Random(seed)
    number = 0
    while True:
        number += 1
        inbox = f"inbox-{chance.randrange(10)}"
        body = json.dumps({"id": f"evt_{number}", "text": " ".join(chance.choices(WORDS, k=40))})
        yield Capture(
            Summary(
                inbox=inbox,
                time=datetime.now(timezone.utc),
                method=chance.choice(("POST", "POST", "POST", "GET", "PUT")),
                url=f"https://hooks.example/in/{inbox}?n={number}",
                client=f"10.{chance.randrange(256)}.{chance.randrange(256)}.{chance.randrange(256)}",
                device_type=chance.choice(("bot", "pc", "phone")),
                status=200,
                size=len(body),
                content_type="application/json",
                findings=("no-proxy",) if number % 3 else (),
            ),
            target=f"/in/{inbox}?n={number}",
            http_version="1.1",
            fields=(
                ("Host", "hooks.example"),
                ("User-Agent", "Sender/1.0 (sender.example)"),
                ("Accept", "*/*"),
                ("Content-Type", "application/json"),
                ("X-Request-Id", f"{chance.getrandbits(128):032x}"),
                ("Stripe-Signature", f"t=1770000000,v1={chance.getrandbits(256):064x}"),
                ("Connection", "close"),
                ("X-Forwarded-For", "203.0.113.7"),
                ("X-Forwarded-Proto", "https"),
                ("Accept-Encoding", "gzip"),
            ),
            body=body.encode(),
            document=DOCUMENT,
        )


def put_cost(
    store: CaptureStore, source: Iterator[Capture], runs: int = 15, size: int = 512
) -> tuple[float, float]:
    """Median microseconds of a put, by the clock and of the processor; a run has two batches of the index."""
    clocks, processors = [], []
    for _ in range(runs):
        batch = [next(source) for _ in range(size)]
        clock, processor = time.perf_counter(), time.process_time()
        for capture in batch:
            if store.put(capture) is None:
                raise SystemExit(f"not stored: {store.status()}")
        clocks.append((time.perf_counter() - clock) / size * 1e6)
        processors.append((time.process_time() - processor) / size * 1e6)
    return statistics.median(clocks), statistics.median(processors)


def milliseconds(call: Callable[[], Any], runs: int = 9) -> float:
    """Median time of one call."""
    spent = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def fill(store: CaptureStore, source: Iterator[Capture], kept: int) -> None:
    """Store until so many are kept."""
    begun = time.monotonic()
    missing = kept - store.status().count
    for number in range(missing):
        store.put(next(source))
        if number % 100_000 == 99_999:
            print(f"  {number + 1} stored after {time.monotonic() - begun:.0f} s", flush=True)


QUERIES = {
    "newest 50": Query(),
    "one inbox": Query(inbox="inbox-3"),
    "oldest first": Query(newest_first=False),
    "method and device": Query(method="PUT", device_type="phone"),
    "a status that no request has": Query(status=(500, 599)),
    "one client": Query(client="10.1.2.3"),
    "a finding": Query(finding="no-proxy"),
}
SEARCHES = {
    "a word of every request": Query(text="stripe-signature"),
    "a rare word": Query(text=WORDS[7]),
    "two rare words": Query(text=f"{WORDS[7]} {WORDS[8]}"),
    "a word that is nowhere": Query(text="nowhere"),
    "the beginning of words": Query(text="evt_99"),
    "a rare word in an inbox": Query(text=WORDS[9], inbox="inbox-1"),
}


def questions(store: CaptureStore) -> tuple[float, float]:
    """Print the time of each; the slowest page and the slowest search."""
    slowest = []
    for title, queries in (("page", QUERIES), ("search", SEARCHES)):
        spent = {name: milliseconds(lambda query=query: store.find(query)) for name, query in queries.items()}
        for name, time_spent in spent.items():
            page = store.find(queries[name])
            note = "" if page.is_complete else "  (ended by its time limit)"
            print(f"  {title}: {name:<30} {time_spent:8.1f} ms, {len(page.requests)} found{note}", flush=True)
        slowest.append(max(spent.values()))
    return slowest[0], slowest[1]


def measure_sqlite(options: argparse.Namespace) -> bool:
    """Print all figures; whether the promises are kept."""
    bounds = Bounds(count=10**8, size=10**12, inbox_count=10**8, inbox_size=10**12)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        source = captures(1)
        path = Path(folder, "small.db")
        plain = put_cost(SqliteStore(path, is_durable=options.durable, use_text_index=False), source)
        print(f"put without text index:  {plain[0]:6.1f} µs, {plain[1]:6.1f} µs of processor", flush=True)
        store = SqliteStore(Path(folder, "captures.db"), bounds, is_durable=options.durable)
        fill(store, source, 1000)
        small = put_cost(store, source)
        print(f"put with 1,000 kept:     {small[0]:6.1f} µs, {small[1]:6.1f} µs of processor", flush=True)
        fill(store, source, options.kept)
        large = put_cost(store, source)
        print(f"put with {store.status().count:,} kept: {large[0]:6.1f} µs, {large[1]:6.1f} µs of processor")
        ratio = large[1] / small[1]
        page, search = questions(store)
        store.close()
        size = sum(path.stat().st_size for path in Path(folder).glob("captures.db*") if path.is_file())
        print(f"  {size / (options.kept or 1):.0f} bytes of file for each")
        full = steady_state(Path(folder, "full.db"), options.durable)
    print(
        f"put {plain[1]:.0f} µs (at most {MOST_PUT:.0f}), with text index {small[1]:.0f} µs;"
        f" at {options.kept:,} {ratio:.2f} times (at most {MOST_RATIO});"
        f" making room {full[1]:.0f} µs; page {page:.1f} ms (at most {MOST_PAGE:.0f});"
        f" search {search:.1f} ms (at most {MOST_SEARCH:.0f})"
    )
    return plain[1] <= MOST_PUT and ratio <= MOST_RATIO and page <= MOST_PAGE and search <= MOST_SEARCH


def steady_state(path: Path, is_durable: bool) -> tuple[float, float]:
    """A put that makes room for itself: what a store of default size does most of its life."""
    store = SqliteStore(path, replace(Bounds(), count=5_000), is_durable=is_durable)
    source = captures(2)
    fill(store, source, 5_000)
    cost = put_cost(store, source)
    print(f"put that makes room:     {cost[0]:6.1f} µs, {cost[1]:6.1f} µs of processor")
    store.close()
    return cost


def measure_redis(url: str) -> None:
    """Print what a put costs with Redis; nothing is promised."""
    store = RedisStore(url)
    source = captures(3)
    store.put(next(source))
    clock, processor = put_cost(store, source)
    print(f"put with Redis:          {clock:6.1f} µs, {processor:6.1f} µs of processor here")
    questions(store)
    store.clear()
    store.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kept", type=int, default=1_000_000)
    parser.add_argument("--folder", default=None, help="where the file is made")
    parser.add_argument("--durable", action="store_true", help="as with sqlite:PATH")
    parser.add_argument("--redis", help="URL of a Redis that may be filled and emptied")
    options = parser.parse_args()
    is_kept = measure_sqlite(options)
    if options.redis:
        measure_redis(options.redis)
    return 0 if is_kept else 1


if __name__ == "__main__":
    sys.exit(main())
