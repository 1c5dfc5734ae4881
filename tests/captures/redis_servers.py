"""Real Redis servers on free ports, alone or as a cluster of three, ended by the test that uses them."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.functional.harness import free_port, require_program, wait_until


class RedisServer:
    """One redis-server that keeps nothing on disk."""

    def __init__(self, folder: Path, *options: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self.folder = folder
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [require_program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self.folder), "--daemonize", "no"]
        self.process = subprocess.Popen([*command, *self.options], stdout=subprocess.DEVNULL)
        try:
            wait_until(lambda: self.ask(b"PING")[:5] in (b"+PONG", b"-NOAU"), "redis-server")
        except BaseException:
            self.stop()
            raise

    def ask(self, command: bytes) -> bytes:
        """The first bytes of the answer to one inline command; none while it does not answer."""
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), 5) as connection,
        ):
            connection.sendall(command + b"\r\n")
            return connection.recv(65536)
        return b""

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def redis_server(folder: Path, *options: str) -> Iterator[RedisServer]:
    """One server for the time of a ``with`` block."""
    server = RedisServer(folder, *options)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def redis_cluster(folder: Path) -> Iterator[list[RedisServer]]:
    """Three primaries that share the hash slots."""
    servers: list[RedisServer] = []
    try:
        while len(servers) < 3:
            # A node's bus listens on its port + 10000.
            port = free_port()
            if port > 50_000 or not _is_free(port + 10_000):
                continue
            options = ("--cluster-enabled", "yes", "--cluster-node-timeout", "2000")
            servers.append(RedisServer(folder / str(port), *options, port=port))
        command = [require_program("redis-cli"), "--cluster", "create", "--cluster-yes"]
        subprocess.run(
            [*command, *(f"127.0.0.1:{server.port}" for server in servers)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        for server in servers:
            wait_until(lambda one=server: b"cluster_state:ok" in one.ask(b"CLUSTER INFO"), "the cluster")
        yield servers
    finally:
        for server in servers:
            server.stop()


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def flush(servers: list[RedisServer]) -> None:
    """Empty all of them."""
    for server in servers:
        assert b"+OK" in server.ask(b"FLUSHALL")
