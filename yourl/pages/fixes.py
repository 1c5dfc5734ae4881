"""The text of a fix, cut into one block for each proxy program.

A fix is one text. Where it is for several programs, each block begins with a comment that names the program
and the place: ``# nginx, in the location that has proxy_pass``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PROGRAMS = (
    *("nginx", "HAProxy", "Caddy", "Apache httpd", "Traefik", "Envoy", "Varnish", "Squid", "lighttpd", "h2o"),
    *("hitch", "stunnel", "Traffic Server", "Node", "yourl"),
)
_HEADING = re.compile(rf"^# ({'|'.join(_PROGRAMS)})[,:] ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines for the configuration of one program."""

    program: str
    text: str


def blocks(fix: str) -> list[Block]:
    """The blocks of a fix in its order; lines before the first heading are a setting of ours."""
    headings = list(_HEADING.finditer(fix))
    starts = [heading.start() for heading in headings]
    found = []
    before = fix[: starts[0]] if starts else fix
    if before.strip():
        found.append(Block("yourl", before.rstrip("\n")))
    ends = [*starts[1:], len(fix)][: len(starts)]
    for heading, end in zip(headings, ends, strict=True):
        found.append(Block(heading[1], fix[heading.start() : end].rstrip("\n")))
    return found
