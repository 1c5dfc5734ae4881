"""What one request costs inside the process: each WSGI application is called directly."""

from __future__ import annotations

import cProfile
import gc
import io
import pstats
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from httpbin import app as httpbin

from benchmarks.comparisons import Options
from benchmarks.contenders import echo, raw
from benchmarks.rounds import Bars, Result, Target, interleaved, series_of
from yourl import devices, pages
from yourl.app import create_app
from yourl.settings import load

RAW, ECHO, ANYTHING = "raw WSGI", "two-line Flask echo", "httpbin /anything"
HEALTH, API, PAGE = "yourl /health", "yourl /api", "yourl page"
CALLS = 300
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


def in_process(options: Options) -> Sequence[Result]:
    """Microseconds of one request, the mean of the calls of a round."""
    rounds = {name: partial(cost, app, environ) for name, (app, environ) in applications().items()}
    gc.collect()
    gc.freeze()
    measured = interleaved(rounds, options.rounds * 2)
    targets = (
        Target(API, ANYTHING, 1.0, at_most=True),
        Target(HEALTH, ECHO, 1.0, at_most=True),
        Target(PAGE, API, 8.0, at_most=True),
    )
    series = series_of(measured, lambda each: each)
    return [Bars("One request in process", "µs", series, ECHO, targets)]


def profile(name: str) -> None:
    """Print where the time of one application goes."""
    app, environ = applications()[name]
    cost(app, environ)
    profiler = cProfile.Profile()
    for _ in range(7):
        profiler.runcall(cost, app, environ)
    pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


def applications() -> dict[str, tuple[Any, dict[str, Any]]]:
    """Name -> application and the environ that it is called with."""
    ours = create_app(load({"YOURL_TRUSTED_PROXIES": "10.0.0.0/8"}))
    devices.warm_rules()
    devices.warm_names()
    pages.warm()
    return {
        RAW: (raw, environ_of("/")),
        ECHO: (echo.wsgi_app, environ_of("/")),
        ANYTHING: (httpbin.wsgi_app, environ_of("/anything")),
        HEALTH: (ours, environ_of("/health")),
        API: (ours, environ_of("/api/x")),
        PAGE: (ours, environ_of("/", HTTP_ACCEPT="text/html")),
    }


def environ_of(path: str, **more: str) -> dict[str, Any]:
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
        "SERVER_SOFTWARE": "gunicorn",
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


def cost(app: Any, environ: dict[str, Any]) -> float:
    """Microseconds of processor time for one call."""

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        if not status.startswith("200"):
            raise SystemExit(f"{environ['RAW_URI']} answered {status}")

    began = time.process_time()
    for _ in range(CALLS):
        answer = app(dict(environ), start_response)
        for _ in answer:
            pass
        if hasattr(answer, "close"):
            answer.close()
    return (time.process_time() - began) / CALLS * 1e6
