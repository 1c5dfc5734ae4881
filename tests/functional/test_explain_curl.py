"""What the real curl prints, read by ``explain``, against what the real server received."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.harness import Server, clean_environment, require_program, running
from yourl.explain import WrittenRequest, read_request

OPTIONS = ["--data", "a=1&b=2", "--header", "X-Long: " + "x" * 150, "--header", "X-A: 1", "--cookie", "c=d"]


@pytest.fixture(scope="module")
def server(pyz: Path) -> Iterator[Server]:
    """The file, serving."""
    with running([sys.executable, str(pyz)]) as started:
        yield started


def written_and_received(server: Server, *options: str) -> tuple[WrittenRequest, list[list[str]]]:
    """The request as ``explain`` reads what curl printed, and the field lines that the server received."""
    command = [require_program("curl"), "--silent", *options, *OPTIONS]
    url = f"http://127.0.0.1:{server.port}/api?x=1"
    ended = subprocess.run([*command, url], env=clean_environment(), capture_output=True, check=True)
    printed = ended.stderr or shlex.join(["curl", *command[1:], url]).encode()
    return read_request(printed), json.loads(ended.stdout)["headers_as_received"]


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--verbose"], id="verbose"),
        pytest.param(["--trace-ascii", "%"], id="trace-ascii"),
        pytest.param(["--trace", "%"], id="trace"),
        pytest.param(["--trace-ascii", "%", "--trace-time"], id="trace-time"),
    ],
)
def test_a_trace_is_what_was_sent(server: Server, options: list[str]) -> None:
    """Every field, in order, and the address that curl connected to."""
    written, received = written_and_received(server, *options)
    assert received == [list(pair) for pair in written.head.fields]
    assert ("127.0.0.1", server.port) == (written.server, written.server_port)
    assert (b"" if "--verbose" in options else b"a=1&b=2") == written.body


def test_a_command_is_what_it_sends(server: Server) -> None:
    """Read without being run: the same fields, but for the version in User-Agent and their order."""
    written, received = written_and_received(server)

    def comparable(fields: list[list[str]]) -> list[list[str]]:
        return sorted(
            [name, value.partition("/")[0] if name == "User-Agent" else value] for name, value in fields
        )

    assert comparable(received) == comparable([list(pair) for pair in written.head.fields])
    assert b"a=1&b=2" == written.body
