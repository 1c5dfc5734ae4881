"""The applications and servers that are compared, with the same workers, threads and log."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, request

WORKERS, THREADS = 2, 4
ECHO, HTTPBIN, GEVENT = "Flask echo, gthread", "httpbin, gthread", "httpbin, gevent"
RAW, WAITRESS = "raw WSGI, gthread", "Flask echo, Waitress"
HEALTH, API = "yourl /health", "yourl /api"
WORKER = "yourl.server.worker.PatientWorker"


def raw(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The least that an application can do."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
    return [b"ok"]


echo = Flask("echo")


@echo.route("/", methods=["GET", "POST"])
def echoed() -> dict[str, Any]:
    """The two-line Flask echo."""
    return {"url": request.url, "headers": dict(request.headers), "body": request.get_data(as_text=True)}


@dataclass(frozen=True, slots=True)
class Contender:
    """How one is started, and the path that it is asked for; PORT is in the environment."""

    command: tuple[str, ...]
    path: str
    environment: Mapping[str, str] = field(default_factory=dict)


def gunicorn(
    app: str,
    path: str = "/",
    *,
    worker: str = "gthread",
    workers: int = WORKERS,
    more: tuple[str, ...] = ("--preload",),
) -> Contender:
    """Any application on Gunicorn, with its access log."""
    size = ("--workers", str(workers), "--threads", str(THREADS), "--worker-class", worker)
    place = ("--bind", "127.0.0.1:{port}", "--no-control-socket", "--access-logfile", "-")
    return Contender((sys.executable, "-m", "gunicorn", *size, *place, *more, app), path)


def waitress() -> Contender:
    """The echo on Waitress: one process, as many threads as the others have in all, and no access log."""
    options = ("--listen", "127.0.0.1:{port}", "--threads", str(WORKERS * THREADS))
    return Contender((sys.executable, "-m", "waitress", *options, "benchmarks.contenders:echo"), "/")


def yourl(path: str = "/api", *, workers: int = WORKERS, **settings: str) -> Contender:
    """yourl with the same workers and threads, without recycling and store."""
    environment = {
        "WEB_CONCURRENCY": str(workers),
        "YOURL_THREADS": str(THREADS),
        "GUNICORN_CMD_ARGS": "--max-requests 0",
        "YOURL_STORE": "off",
        **settings,
    }
    return Contender((sys.executable, "-m", "yourl", "serve"), path, environment)


def all_contenders() -> dict[str, Contender]:
    """Name -> contender of the comparison of throughput."""
    return {
        RAW: gunicorn("benchmarks.contenders:raw"),
        ECHO: gunicorn("benchmarks.contenders:echo"),
        WAITRESS: waitress(),
        HTTPBIN: gunicorn("httpbin:app", "/anything"),
        # Without --preload: gevent has to patch before anything is imported.
        GEVENT: gunicorn("httpbin:app", "/anything", worker="gevent", more=()),
        HEALTH: yourl("/health"),
        API: yourl("/api"),
    }
