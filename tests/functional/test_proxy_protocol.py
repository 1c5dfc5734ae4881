"""The PROXY protocol from a real HAProxy, in both versions, where it is read and where it is not."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import Answer, Server, free_port, request, require_program, running, wait_until

SEND = {1: "send-proxy", 2: "send-proxy-v2-ssl"}
CONFIGURATION = """
defaults
    mode tcp
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend edge
    bind 127.0.0.1:{port}
    default_backend yourl
backend yourl
    server one 127.0.0.1:{backend} {send}
"""


@contextmanager
def haproxy(folder: Path, backend: int, send: str) -> Iterator[int]:
    """HAProxy as a TCP load balancer; yields its port."""
    port = free_port()
    file = folder / f"{send}.cfg"
    file.write_text(CONFIGURATION.format(port=port, backend=backend, send=send))
    process = subprocess.Popen([require_program("haproxy"), "-db", "-f", str(file)])
    try:
        wait_until(lambda: asked(port), "an answer through HAProxy")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def asked(port: int, path: str = "/api") -> Answer | None:
    """The answer through a port, or None where nothing listens there yet."""
    try:
        return request(port, path)
    except OSError:
        return None


@pytest.fixture(scope="module")
def reading(pyz: Path) -> Iterator[Server]:
    """A server that reads PROXY headers of its own machine."""
    environment = {"YOURL_PROXY_PROTOCOL": "on", "YOURL_TRUSTED_PROXIES": "127.0.0.1", "HOST": "127.0.0.1"}
    started = Server([sys.executable, str(pyz)], environment)
    with contextlib.ExitStack() as stack:
        stack.push(started.__exit__)  # without __enter__: /health, too, wants a header
        wait_until(lambda: asked(started.port), "an answer")
        yield started


@pytest.mark.parametrize("version", SEND)
def test_reads_what_haproxy_sends(reading: Server, tmp_path: Path, version: int) -> None:
    """The client is the one that connected to HAProxy, by its own port, and HAProxy is a hop."""
    with haproxy(tmp_path, reading.port, SEND[version]) as port:
        found: dict[str, Any] = json.loads(request(port, "/api").text)
    assert found["connection"]["proxy_header"]["version"] == version
    assert found["connection"]["proxy_header"]["destination"] == ["127.0.0.1", port]
    assert found["proxy"]["client"]["source"] == "PROXY protocol"
    assert [hop["source"] for hop in found["proxy"]["hops"]] == ["PROXY protocol", "connection"]
    assert found["proxy"]["hops"][0]["port"] == found["connection"]["proxy_header"]["source"][1]


def test_a_trusted_peer_without_the_header_is_told(reading: Server) -> None:
    """Nothing is guessed where a header is due; the log says what was missing."""
    answer = reading.raw(b"GET /api HTTP/1.1\r\nHost: a.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"proxy_header_missing" in answer
    wait_until(lambda: "refused=proxy_header_missing" in reading.stdout, "the line of the log")


@pytest.mark.parametrize("version", SEND)
def test_one_that_is_not_expected_is_named(pyz: Path, tmp_path: Path, version: int) -> None:
    """Without the setting, answer and log say what arrived and what helps on either side."""
    with running([sys.executable, str(pyz)]) as server, haproxy(tmp_path, server.port, SEND[version]) as port:
        answer = request(port, "/api")
        assert answer.status == 400
        assert answer.json["error"] == "proxy_header_unexpected"
        assert "send-proxy" in answer.json["message"]
        assert "YOURL_PROXY_PROTOCOL=on" in answer.json["message"]
        wait_until(lambda: "refused=proxy_header_unexpected" in server.stdout, "the line of the log")
