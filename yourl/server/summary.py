"""The few friendly lines at the start: what runs, with what, and which URL to open."""

from __future__ import annotations

import logging
import sys
from typing import Any

from yourl import __version__
from yourl.server import log_writer
from yourl.server.cgroups import memory_limit
from yourl.settings import Settings

PROGRAM_MEMORY = 64 << 20
"""Bytes that the program itself takes, shared by all workers (benchmarks/memory.py)."""


def gunicorn_summary(server: Any, settings: Settings) -> list[str]:
    """The lines for a Gunicorn master whose sockets listen."""
    from gunicorn import __version__ as gunicorn_version  # not there where Flask's own server runs

    processes = _count(server.num_workers, "worker")
    threads = _count(server.cfg.threads, "thread")
    what = f"gunicorn {gunicorn_version}, {processes} of {threads} ({server.cfg.worker_class_str})"
    addresses = [address for address in server.cfg.address if isinstance(address, tuple)]
    lines = summary(what, addresses or [(settings.host, settings.port)], settings)
    too_little = memory_warning(server.num_workers, settings.limits.memory, memory_limit())
    return [*lines, too_little] if too_little else lines


def memory_warning(workers: int, each: int, limit: int | None) -> str | None:
    """One sentence where the workers could need more memory than there is; sizes in bytes.

    :param each: what the connections of one worker may hold
    :param limit: of the control group, None for none
    """
    needed = PROGRAM_MEMORY + workers * each
    if limit is None or needed <= limit:
        return None
    return (
        f"Memory: {workers} workers may need {needed >> 20} MiB under attack, "
        f"and the limit is {limit >> 20} MiB. "
        "Fewer workers (WEB_CONCURRENCY) or a lower YOURL_BODY_LIMIT need less."
    )


def summary(what: str, addresses: list[tuple[str, int]], settings: Settings) -> list[str]:
    """The lines for any server."""
    urls = " ".join(url_to_open(host, port) for host, port in addresses)
    lines = [f"yourl {__version__} on {what}", f"Open {urls} (Ctrl-C stops)"]
    if settings.usage:
        lines.append(f"Usage: {settings.usage}")
    return lines


def print_summary(lines: list[str], settings: Settings, log: logging.Logger) -> None:
    """Print the lines on stderr for people; in one line of the log where programs read it."""
    if settings.log_format == "json":
        log.info(" ".join(lines))
    elif sys.stderr is not None:  # None where the parent process closed it
        writer = log_writer.writer_to(log_writer.ERROR, sys.stderr.fileno(), log)
        for line in lines:
            writer.put(line)


def url_to_open(host: str, port: int) -> str:
    """The URL that a person on this machine can open; localhost where every address is listened on."""
    if host in ("0.0.0.0", "::", ""):
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
