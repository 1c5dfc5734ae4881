"""What is checked before a server starts, and the few lines that tell people what runs.

Each check gives one sentence when it fails. Knows nothing of Gunicorn.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any

from yourl import __version__
from yourl.server.addresses import lines_for
from yourl.server.cgroups import memory_limit
from yourl.server.logs.writer import ERROR, writer_to
from yourl.settings import Settings

PROGRAM_MEMORY = 64 << 20
"""Bytes that the program itself takes, shared by all workers (python -m benchmarks memory)."""

DESCRIPTORS = 64
"""Files that a process of ours may have to open at once; below that a worker has none left for clients."""


class CannotStart(Exception):
    """The server cannot start here; ``str(error)`` is one line for people."""


class CannotListen(CannotStart):
    """An address cannot be listened on."""


def ensure_descriptors(workers: int = 0) -> None:
    """Raise the limit of open files as far as this server needs and the system lets it.

    :param workers: how many workers the master has, each with a heartbeat file
    :raises CannotStart: when the limit stays too low
    """
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return
    needed = DESCRIPTORS + workers
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise CannotStart(
            f"At most {hard} files may be open here, and yourl needs {needed}. "
            "Raise the limit, as with: ulimit -n 1024"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def ensure_free(host: str, port: int) -> None:
    """Try to listen on ``host:port`` and let go again.

    :raises CannotListen: naming the port, the reason and, where the system tells, who holds it
    """
    try:
        for family, kind, proto, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[:1]:
            with socket.socket(family, kind, proto) as probe:
                if os.name != "nt":  # on Windows this option would let two servers share a port
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
                probe.listen(1)
    except OSError as error:
        raise CannotListen(explanation(error, host, port)) from error


def explanation(error: OSError, host: str, port: int) -> str:
    """One line that says what stands in the way and what helps."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already in use{_held_by(port)}. Choose another with PORT or --port."
    if error.errno == errno.EACCES:
        return (
            f"Port {port} needs privileges that this process does not have "
            f"({error.strerror}). Choose a port from 1024 on with PORT or --port."
        )
    if isinstance(error, socket.gaierror):
        return f"HOST {host!r} is no address of this machine: {error.strerror}."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST {host!r} is no address of this machine. 0.0.0.0 stands for all of them."
    return f"Cannot listen on {host}:{port}: {error.strerror or error}."


def _held_by(port: int) -> str:
    holder = holder_of(port)
    return f" by {holder}" if holder else ""


def holder_of(port: int, proc: Path = Path("/proc")) -> str | None:
    """``"process 123 (nginx)"`` for the process that listens on ``port``, where Linux lets us see it."""
    inodes = {f"socket:[{inode}]" for inode in _listening_inodes(port, proc)}
    for process in proc.glob("[0-9]*") if inodes else ():
        try:
            if any(str(entry.readlink()) in inodes for entry in (process / "fd").iterdir()):
                return f"process {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:
            continue  # gone, or another user's
    return None


def _listening_inodes(port: int, proc: Path) -> list[str]:
    listening = "0A"  # TCP_LISTEN in the kernel's include/net/tcp_states.h
    inodes = []
    for table in ("tcp", "tcp6"):
        try:
            rows = (proc / "net" / table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == listening and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.append(columns[9])
    return inodes


def gunicorn_summary(server: Any, settings: Settings) -> list[str]:
    """The lines for a Gunicorn master whose sockets listen."""
    from gunicorn import __version__ as gunicorn_version  # not there where Flask's own server runs

    processes = _count(server.num_workers, "worker")
    threads = _count(server.cfg.threads, "thread")
    what = f"gunicorn {gunicorn_version}, {processes} of {threads} ({server.cfg.worker_class_str})"
    names = [listener.getsockname() for listener in server.LISTENERS]
    lines = summary(what, [name[:2] for name in names if isinstance(name, tuple)], settings)
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
    """The lines for any server; a UNIX socket has no address that a browser could open."""
    usage = [f"Usage: {settings.usage}"] if settings.usage else []
    where = lines_for(addresses, settings) if addresses else ()
    return [f"yourl {__version__} on {what}", *usage, *where]


def print_summary(lines: list[str], settings: Settings, log: logging.Logger) -> None:
    """Print the lines on stderr for people; in one line of the log where programs read it."""
    if settings.log_format == "json":
        log.info(" ".join(lines))
    elif sys.stderr is not None:  # None where the parent process closed it
        writer = writer_to(ERROR, sys.stderr.fileno(), log)
        for line in lines:
            writer.put(line)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
