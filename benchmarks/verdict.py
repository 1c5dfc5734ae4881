"""What a verdict costs in process: by number of hops, beside Werkzeug's ProxyFix, and by length of header.

Run it as ``python benchmarks/verdict.py`` from the repository's root. ProxyFix is there for scale only: it
counts hops, names no reason and looks at nothing else. Times are microseconds; the machine's own jitter is
larger than most differences, so the median and the best of many short runs are both given.
"""

from __future__ import annotations

import statistics
import sys
import timeit
from collections.abc import Callable
from pathlib import Path
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from yourl.proxies import Connection, TrustedProxies, evaluate

CONNECTION = Connection("10.0.0.200", 50000, "10.0.0.9", 8080)
EVERYDAY = [
    ("Host", "shop.example"),
    ("User-Agent", "curl/8.0"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip"),
    ("Accept-Language", "en"),
    ("Cookie", "a=b"),
    ("Connection", "close"),
]
TARGET_MICROSECONDS = 45


def forwarded(hops: int) -> list[tuple[str, str]]:
    """Headers as a chain of so many machines in front of our peer leaves them."""
    if not hops:
        return [("Host", "shop.example:8080"), *EVERYDAY[1:]]  # as a client asks for our own port
    chain = ["203.0.113.7", *(f"10.0.0.{number}" for number in range(1, hops))]
    return [
        *EVERYDAY,
        ("X-Forwarded-For", ", ".join(chain)),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "shop.example"),
        ("X-Real-IP", "203.0.113.7"),
    ]


def microseconds(call: Callable[[], object], number: int = 10, repeat: int = 1000) -> tuple[float, float]:
    """Median and best time of one call; runs are short, so that a neighbour's burst spoils only a few."""
    runs = [run / number * 1e6 for run in timeit.repeat(call, number=number, repeat=repeat)]
    return statistics.median(runs), min(runs)


def proxy_fix(headers: list[tuple[str, str]], hops: int) -> Callable[[], object]:
    """The same request through ProxyFix, on a fresh environ each time as a server would give it."""
    environ: dict[str, Any] = {"REMOTE_ADDR": "10.0.0.200", "wsgi.url_scheme": "http", "SERVER_PORT": "8080"}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}
    fixed = ProxyFix(lambda environ, start_response: [], hops, hops and 1, hops and 1, 0, 0)
    return lambda: fixed(dict(environ), lambda *args: None)


def print_by_hops() -> float:
    """One line a chain length; the median for three hops is returned."""
    trusts = {
        "trusted by network": TrustedProxies.parse("10.0.0.0/8"),
        "trusted by count": None,
        "trusted by nobody": TrustedProxies(),
    }
    print(f"{'hops':>5} {'':<20} {'median':>8} {'best':>8} {'ProxyFix median':>16}")
    three = 0.0
    for hops in (0, 1, 3, 10):
        headers = forwarded(hops)
        peer, _ = microseconds(proxy_fix(headers, hops))
        for name, given in trusts.items():
            trusted = TrustedProxies.parse(str(hops)) if given is None else given
            evaluate(CONNECTION, headers, trusted)
            median, best = microseconds(lambda: evaluate(CONNECTION, headers, trusted))  # noqa: B023
            print(f"{hops:>5} {name:<20} {median:>8.1f} {best:>8.1f} {peer:>16.1f}")
            if hops == 3 and name == "trusted by network":
                three = median
    return three


def print_by_length() -> None:
    """Time by header length; in a linear program the last column hardly moves."""
    kinds: dict[str, tuple[str, Callable[[int], str]]] = {
        "addresses, all trusted": ("X-Forwarded-For", lambda size: ", ".join(["10.0.0.1"] * (size // 10))),
        "Forwarded elements": ("Forwarded", lambda size: ", ".join(["for=10.0.0.1"] * (size // 14))),
        "open quotes": ("Forwarded", lambda size: 'for="' * (size // 5)),
        "backslashes": ("Forwarded", lambda size: "\\" * size + '"'),
        "blanks": ("Forwarded", lambda size: " " * size + "x"),
        "one long host": ("X-Forwarded-Host", lambda size: "a-" * (size // 2)),
    }
    trusted = TrustedProxies.parse("10.0.0.0/8")
    print(f"\n{'header value':<24} {'bytes':>8} {'median':>10} {'per KB':>8}")
    for kind, (name, make) in kinds.items():
        for size in (8_000, 32_000, 128_000):
            headers = [*EVERYDAY, (name, make(size))]
            median, _ = microseconds(lambda: evaluate(CONNECTION, headers, trusted), number=1, repeat=9)  # noqa: B023
            print(f"{kind:<24} {size:>8} {median:>10.0f} {median / (size / 1000):>8.1f}")


def main() -> int:
    three = print_by_hops()
    print(f"\nthree hops, trusted by network: {three:.1f} µs (target: at most {TARGET_MICROSECONDS})")
    print_by_length()
    return 0 if three <= TARGET_MICROSECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
