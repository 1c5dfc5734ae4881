"""Can this address be listened on, and if not, why, in one sentence. Knows nothing of Gunicorn."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path


class CannotListen(Exception):
    """An address cannot be listened on; ``str(error)`` is one line for people."""


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
            continue  # gone, or somebody else's
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
