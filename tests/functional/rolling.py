"""Two instances behind HAProxy with health checks on ``/ready``, for replacing them one after the other."""

from __future__ import annotations

import contextlib
import csv
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.functional.harness import PATIENCE, Server, free_port, require_program, wait_until

CONFIGURATION = """
global
    maxconn 200
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout check 10s
    option redispatch
    retries 3
frontend entry
    bind 127.0.0.1:{entry}
    default_backend instances
frontend numbers
    bind 127.0.0.1:{numbers}
    stats enable
    stats uri /
backend instances
    balance roundrobin
    option httpchk
    http-check send meth GET uri /ready ver HTTP/1.1 hdr Host ready.example
    http-check expect status 200
    default-server check inter 250ms fall 1 rise 1
{servers}
"""


@dataclass(frozen=True)
class Entry:
    """The balancer: where clients ask, and where it tells how its instances are."""

    port: int
    numbers: int

    def statuses(self) -> dict[int, str]:
        """Port of each instance -> ``UP``, ``DOWN`` …"""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.numbers}/;csv", timeout=PATIENCE) as answer:
            rows = csv.DictReader(answer.read().decode().lstrip("# ").splitlines())
        return {int(row["svname"][1:]): row["status"] for row in rows if row["svname"][:1] == "s"}

    def both_up(self) -> bool:
        """Whether the balancer sends requests to both."""
        try:
            found = self.statuses()
        except OSError:
            return False
        return len(found) == 2 and all(status.startswith("UP") for status in found.values())


@contextlib.contextmanager
def balanced(ports: Sequence[int], folder: Path) -> Iterator[Entry]:
    """HAProxy in front of what listens on these ports, for the time of a ``with`` block."""
    entry = Entry(free_port(), free_port())
    servers = "\n".join(f"    server s{port} 127.0.0.1:{port}" for port in ports)
    file = folder / "haproxy.cfg"
    file.write_text(CONFIGURATION.format(entry=entry.port, numbers=entry.numbers, servers=servers))
    haproxy = subprocess.Popen(
        [require_program("haproxy"), "-db", "-f", str(file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: haproxy.poll() is not None or listens(entry.port), "HAProxy to listen")
        yield entry
    finally:
        haproxy.kill()
        haproxy.wait()


def listens(port: int) -> bool:
    """Whether a connection can be had."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


def instance(archive: Path, port: int) -> Server:
    """One instance that drains for two seconds when it is told to stop."""
    return Server([sys.executable, str(archive)], {"YOURL_DRAIN": "2"}, port=port)


def replace(old: Server, archive: Path, entry: Entry) -> Server:
    """Stop one instance as an orchestrator does, start another in its place, and wait until it is used."""
    old.stop(signal.SIGTERM)
    old.__exit__()
    new = instance(archive, old.port).wait_ready()
    wait_until(entry.both_up, "both instances up")
    return new
