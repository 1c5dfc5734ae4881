"""What one request costs inside the process: ours beside raw WSGI, a two-line Flask echo and httpbin.

    python benchmarks/in_process.py [--rounds 15] [--calls 300] [--profile /api]

Calls each WSGI application directly, in turns, and prints the median of the rounds in microseconds and the
ratio to the two-line echo. httpbin is left out, and that is said, where it is not installed. ``--profile``
prints where the time of one of our paths goes.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import io
import os
import pstats
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
FIELDS = {
    "HTTP_HOST": "shop.example",
    "HTTP_USER_AGENT": CHROME,
    "HTTP_ACCEPT": "*/*",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "HTTP_ACCEPT_LANGUAGE": "en",
    "HTTP_X_FORWARDED_FOR": "203.0.113.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "shop.example",
}
WsgiApp = Callable[[dict[str, Any], Any], Any]


def environ(path: str, **more: str) -> dict[str, Any]:
    """A WSGI environ as Gunicorn makes it."""
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "a=1&b=2",
        "RAW_URI": f"{path}?a=1&b=2",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "0.0.0.0",
        "SERVER_PORT": "8080",
        "SERVER_SOFTWARE": "gunicorn/27.0.1",
        "REMOTE_ADDR": "10.0.0.9",
        "REMOTE_PORT": "4711",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        **FIELDS,
        **more,
    }


def raw(env: dict[str, Any], start_response: Any) -> list[bytes]:
    """The least that answers."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


def flask_echo() -> WsgiApp:
    """The two-line echo."""
    from flask import Flask, request

    app = Flask("echo")
    app.add_url_rule("/", view_func=lambda: {"url": request.url, "headers": dict(request.headers)})
    return app.wsgi_app


def httpbin() -> WsgiApp | None:
    """httpbin, or None where it is not installed."""
    try:
        from httpbin import app
    except ImportError:
        return None
    return app.wsgi_app  # type: ignore[no-any-return]


def contenders() -> dict[str, tuple[WsgiApp, dict[str, Any]]]:
    """Name -> application and environ."""
    from yourl import devices, pages
    from yourl.app import create_app
    from yourl.settings import load

    ours = create_app(load({"YOURL_TRUSTED_PROXIES": "10.0.0.0/8"})).wsgi_app
    devices.warm_rules()
    devices.warm_names()
    pages.warm()
    found: dict[str, tuple[WsgiApp, dict[str, Any]]] = {
        "raw WSGI": (raw, environ("/")),
        "two-line Flask echo": (flask_echo(), environ("/")),
        "yourl /health": (ours, environ("/health")),
        "yourl /api": (ours, environ("/api/x")),
        "yourl page": (ours, environ("/", HTTP_ACCEPT="text/html")),
    }
    other = httpbin()
    if other is not None:
        found["httpbin /anything"] = (other, environ("/anything"))
    return found


def cost(app: WsgiApp, env: dict[str, Any], calls: int) -> float:
    """Microseconds of one call, the mean of ``calls``."""

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        if not status.startswith("200"):
            raise SystemExit(f"{env['RAW_URI']} answered {status}")

    began = time.perf_counter()
    for _ in range(calls):
        answer = app(dict(env), start_response)
        for _ in answer:
            pass
        if hasattr(answer, "close"):
            answer.close()
    return (time.perf_counter() - began) / calls * 1e6


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--calls", type=int, default=300)
    parser.add_argument("--profile", metavar="PATH", help="health, api or page")
    options = parser.parse_args()
    found = contenders()
    if options.profile:
        app, env = found[f"yourl {options.profile}"]
        cost(app, env, 200)
        profile = cProfile.Profile()
        profile.runcall(cost, app, env, 2000)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return 0
    rounds: dict[str, list[float]] = {name: [] for name in found}
    gc.collect()
    gc.freeze()
    for turn in range(options.rounds + 1):
        for name, (app, env) in found.items():
            measured = cost(app, env, options.calls)
            if turn:  # the first round warms up
                rounds[name].append(measured)
    echo = statistics.median(rounds["two-line Flask echo"])
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} CPUs; microseconds of one request in process")
    for name, values in rounds.items():
        median = statistics.median(values)
        print(f"{name:<22} {median:8.1f}  (best {min(values):.1f})  {median / echo:5.2f} x echo")
    if "httpbin /anything" in rounds:
        other = statistics.median(rounds["httpbin /anything"])
        print(f"yourl /api is {statistics.median(rounds['yourl /api']) / other:.2f} x httpbin /anything")
    else:
        print("httpbin is not installed, so it is not in the table.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
