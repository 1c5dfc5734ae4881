"""tail: what it asks, what it prints, and its exit codes."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from yourl.__main__ import main

CODE = "correct-horse"
IDS = [f"{number:016x}{'0' * 15}1" for number in (1, 2)]


@dataclass
class Fake:
    """A server with two kept requests."""

    url: str = ""


@pytest.fixture
def fake() -> Iterator[Fake]:
    known = Fake()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if self.headers["Authorization"] != f"Bearer {CODE}":
                self.reply(401, b'{"message": "The access code is wrong.\\u001b[2J"}')
            elif parts.path == "/base/live/wait":
                self.wait({name: values[0] for name, values in parse_qs(parts.query).items()})

        def wait(self, query: dict[str, str]) -> None:
            later = [known_id for known_id in IDS if known_id > query.get("after", "0" * 32)]
            if query["inbox"] != "orders" or not later or "after" not in query:
                self.reply(204, b"")
                return
            escapes = "\x1b]0;title\x07\u202e"
            document: dict[str, Any] = {
                "id": later[0], "inbox": "orders", "time": "T", "method": "POST", "url": f"http://a/{escapes}",
                "size": 3, "body": {"text": f"one\n{escapes}two"},
                "signature": {"valid": False, "why": "The secret is wrong."},
            }  # fmt: skip
            self.reply(200, json.dumps(document).encode())

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        known.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield known
        server.shutdown()
        thread.join()


def following(command: str, fake: Fake, *more: str) -> int:
    """The exit code of a command that follows the inbox."""
    return main([command, f"{fake.url}/base/", "--inbox", "orders", "--code", CODE, *more])


def test_tail(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """Each request is printed once, with its body, and nothing in it steers the terminal."""
    assert 0 == following("tail", fake, "--count", "2")
    printed = capsys.readouterr().out
    assert all(known_id in printed for known_id in IDS)
    assert "    one\n" in printed
    assert "signature not valid: The secret is wrong." in printed
    assert printed.replace("\n", "").isprintable()


def test_tail_json(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """--json prints one line of ASCII JSON for each."""
    assert 0 == following("tail", fake, "--count", "2", "--json")
    lines = capsys.readouterr().out.splitlines()
    assert IDS == [json.loads(line)["id"] for line in lines]
    assert all(line.isascii() and line.isprintable() for line in lines)


@pytest.mark.parametrize("more", [["--count", "3"], ["--inbox", "other"]])
def test_tail_when_they_did_not_come(fake: Fake, more: list[str]) -> None:
    """Exit code 1 when fewer came in time than were asked for, or none."""
    assert 1 == following("tail", fake, "--timeout", "0.2", *more)


def test_a_wrong_code(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with what the server says, printable."""
    assert 2 == main(["tail", f"{fake.url}/base", "--inbox", "orders", "--code", "wrong"])
    told = capsys.readouterr().err
    assert "401: The access code is wrong." in told
    assert "\x1b" not in told


def test_nobody_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that cannot be reached is told in one line, exit code 2."""
    monkeypatch.setattr("yourl.cli.live_api.TRIES", 1)
    assert 2 == main(["tail", "http://127.0.0.1:9", "--inbox", "orders", "--code", CODE])
    assert "http://127.0.0.1:9 cannot be asked" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://a", "a", "http://", "http://a:x", "http://a:0"])
def test_no_url(url: str) -> None:
    """Only http and https URLs are taken, exit code 2."""
    assert 2 == main(["tail", url, "--inbox", "orders", "--code", CODE])
