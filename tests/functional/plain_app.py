"""A WSGI application without a framework, for tests of the worker alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from yourl.context import context_of


def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers by path; any other path gets the length of the request's content."""
    content = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    if path == "/fail":
        raise RuntimeError("on purpose")
    if path == "/exit":
        raise SystemExit(3)
    if path == "/bad-header":
        start_response("200 OK", [("X", "a\r\nb")])
        return [b"never"]
    if path == "/fail-late":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return fails_late()
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (b"%06d" % number * 10_000 for number in range(int(environ["QUERY_STRING"])))
    if path == "/file":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return environ["wsgi.file_wrapper"](Path(__file__).open("rb"))
    answers = {
        "/large": lambda: b"x" * int(environ["QUERY_STRING"]),
        "/head": lambda: repr(context_of(environ).head.fields).encode(),
        "/trailers": lambda: repr(context_of(environ).trailers).encode(),
        "/host": lambda: context_of(environ).head.host.encode(),
        "/coding": lambda: environ.get("HTTP_TRANSFER_ENCODING", "none").encode(),
        "/pid": lambda: b"%d" % os.getpid(),
        "/threads": lambda: b"%d" % threading.active_count(),
    }
    body = answers.get(path, lambda: b"%d" % len(content))()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]


def fails_late() -> Iterator[bytes]:
    """The first bytes of an answer that fails then."""
    yield b"begun"
    raise RuntimeError("late, on purpose")
