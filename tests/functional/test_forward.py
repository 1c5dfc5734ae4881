"""forward and replay with a real server and a real receiver: every byte arrives."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.functional.harness import ROOT, Server, clean_environment, running

CODE = "correct-horse-battery"
COMMAND = [sys.executable, "-m", "yourl"]
ENVIRONMENT = {"YOURL_ACCESS_CODE": CODE, "PYTHONPATH": str(ROOT)}
BODY = bytes(range(256)) * 40 + b"\r\n\r\n"
FIELDS = (
    b"X-Case: a\r\nx-case: \xc3\xa9\xff\r\nX-CASE: b\r\nX-Empty: \r\n"
    b"X-Hub-Signature-256: sha256=00\r\nContent-Type: application/octet-stream\r\n"
)
WITH_LENGTH = b"Content-Length: %d\r\n" % len(BODY), BODY
CHUNKED = (
    b"Transfer-Encoding: chunked\r\n",
    b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (100, BODY[:100], len(BODY) - 100, BODY[100:]),
)
PATIENCE = 120


@dataclass
class Receiver:
    """Notes the bytes of each request, and answers it."""

    listener: socket.socket
    received: list[bytes] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def expected(self) -> bytes:
        """The bytes that it should get."""
        framing = f"Host: {self.host}\r\nConnection: close\r\nContent-Length: {len(BODY)}\r\n"
        return b"POST /hook/a%2Fb?x=1&y=%00 HTTP/1.1\r\n" + framing.encode() + FIELDS + b"\r\n" + BODY

    def serve(self) -> None:
        """Answer until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                with client:
                    client.settimeout(PATIENCE)
                    self.received.append(_whole_request(client))
                    client.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok")


def _whole_request(client: socket.socket) -> bytes:
    data = b""
    while len(data.partition(b"\r\n\r\n")[2]) < len(BODY):
        data += client.recv(65536)
    return data


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Receiver(listener)
        thread = threading.Thread(target=made.serve)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server from this checkout."""
    with running(COMMAND, ENVIRONMENT, cwd=ROOT) as started:
        yield started


def sent(server: Server, framing: bytes, content: bytes) -> str:
    """Send a request with a secret to the inbox; the id under which it is kept."""
    head = (
        b"POST /in/orders/a%2Fb?x=1&y=%00 HTTP/1.1\r\nHost: shop.example\r\nAuthorization: Bearer secret\r\n"
    )
    answer = server.raw(head + FIELDS + framing + b"Connection: close\r\n\r\n" + content)
    assert answer.startswith(b"HTTP/1.1 200 ")
    return answer.lower().partition(b"x-capture-id: ")[2][:32].decode()


def command(name: str, server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of our commands, in a process of its own."""
    return subprocess.run(
        [*COMMAND, name, f"http://127.0.0.1:{server.port}", *arguments],
        env=clean_environment(ENVIRONMENT),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_every_byte_arrives(server: Server, receiver: Receiver) -> None:
    """A binary body and duplicate header fields, sent with a length and in chunks, arrive as they were."""
    for framing, content in (WITH_LENGTH, CHUNKED):
        sent(server, framing, content)
    to = ["--to", f"http://{receiver.host}/hook"]
    ended = command("forward", server, "--inbox", "orders", *to, "--from-start", "--count", "2")
    assert (0, "") == (ended.returncode, ended.stderr)
    assert [receiver.expected] * 2 == receiver.received
    assert 2 == ended.stdout.count("POST /hook/a%2Fb?x=1&y=%00 -> 201 Created in ")
    assert 2 == ended.stdout.count("not sent as received: Authorization (masked)")


def test_a_kept_request_is_sent_once_more(server: Server, receiver: Receiver) -> None:
    """replay sends one kept request, by its id; exit code 1 where there is none of that id."""
    kept = sent(server, *WITH_LENGTH)
    to = ["--to", f"http://{receiver.host}/hook"]
    assert 0 == command("replay", server, kept, *to).returncode
    assert [receiver.expected] == receiver.received
    unknown = f"{int(kept[:16], 16) + 1:016x}{kept[16:]}"
    assert 1 == command("replay", server, unknown, *to).returncode
    assert 2 == command("replay", server, kept, *to, "--code", "another-code").returncode
    assert [receiver.expected] == receiver.received
