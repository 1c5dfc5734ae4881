"""Copies of a request for other tools: HAR, raw HTTP, curl, HTTPie, Python requests, fetch.

What is masked in a capture is masked in every export of it.
"""

from __future__ import annotations

from collections.abc import Callable

from yourl.captures.exports.har import har
from yourl.captures.exports.programs import fetch, python_requests
from yourl.captures.exports.raw import raw_http
from yourl.captures.exports.shell import curl, httpie
from yourl.captures.model import Capture

TEXT_EXPORTS: dict[str, Callable[[Capture], str]] = {
    "curl": curl,
    "httpie": httpie,
    "py": python_requests,
    "fetch": fetch,
}
"""Exports that are text, by what ends their address; encode them with ``surrogateescape``."""

__all__ = ["TEXT_EXPORTS", "curl", "fetch", "har", "httpie", "python_requests", "raw_http"]
