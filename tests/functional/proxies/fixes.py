"""Reads the ``fix`` of a finding: blocks under headings that name a product and a place in it."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from urllib.parse import urlsplit

from tests.functional.proxies.product import Block

NAMES = (
    "nginx",
    "HAProxy",
    "Caddy",
    "Apache httpd",
    "Traefik",
    "Envoy",
    "Varnish",
    "Squid",
    "lighttpd",
    "h2o",
    "hitch",
    "stunnel",
    "Traffic Server",
    "Node",
    "yourl",
)
_HEADING = re.compile(rf"^(?:#|//) ({'|'.join(NAMES)})\b[,:]?[ \t]*(.*)$", re.MULTILINE)


def blocks_of(fix: str) -> list[Block]:
    """Every block of a fix, in order."""
    headings = [*_HEADING.finditer(fix)]
    ends = [heading.start() for heading in headings[1:]] + [len(fix)]
    return [
        Block(heading[1], heading[2], fix[heading.end() : end].strip("\n"))
        for heading, end in zip(headings, ends, strict=True)
    ]


def blocks_for(name: str, fix: str) -> list[Block]:
    """The blocks of ``fix`` for one product.

    :raises AssertionError: when there are none
    """
    blocks = [block for block in blocks_of(fix) if block.product == name]
    assert blocks, f"no lines for {name} in {fix!r}"
    return blocks


def setting_in(fix: str) -> dict[str, str]:
    """The setting of ours that a ``fix`` holds.

    :raises AssertionError: when there is none
    """
    found = re.findall(r"^(YOURL_[A-Z_]+)=(.*)$", fix, re.MULTILINE)
    assert len(found) == 1, f"one setting is expected in {fix!r}"
    return dict(found)


_CHECK = re.compile(r"^(?:#|//) Check: (curl .*)$", re.MULTILINE)


def checks_in(fix: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Target and header fields of each request that a ``fix`` proposes to see whether it has worked."""
    return [_request_of(shlex.split(command)) for command in _CHECK.findall(fix)]


def _request_of(words: list[str]) -> tuple[str, list[tuple[str, str]]]:
    url = urlsplit(words[-1])
    named = [value for option, value in pairwise(words) if option == "-H"]
    fields = [(name, value.strip()) for name, _, value in (field.partition(":") for field in named)]
    return f"{url.path}?{url.query}", fields
