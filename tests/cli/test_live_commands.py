"""tail, forward and replay: what they ask, what they send on, and their exit codes."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from yourl.__main__ import main
from yourl.cli.live_api import http_url
from yourl.cli.sending import RawRequest, target_at
from yourl.redaction import MASK

CODE = "correct-horse"
IDS = [f"{number:016x}{'0' * 15}1" for number in (1, 2)]
BODY = b'\x00\xff {"paid": true}\r\n'
RAW = (
    b"POST /in/orders/any/path?x=1 HTTP/1.1\r\nHost: shop.example\r\nX-Case: a\r\nx-case: \xe9\r\n"
    b"Authorization: " + MASK.encode() + b"\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
)


@dataclass
class Fake:
    """A server with two kept requests, and a hook that notes what it gets."""

    url: str = ""
    received: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)


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
            elif parts.path.endswith(".raw"):
                self.reply(200, RAW)

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

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            known.received.append((self.command, self.path, self.headers.items(), body))
            self.reply(202, b"thanks\x1b[2J")

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


def test_forward(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """Body, fields, their order and case arrive as they were sent; what is masked stays out."""
    assert 0 == following("forward", fake, "--count", "2", "--to", f"{fake.url}/hook?own=1")
    assert 2 == len(fake.received)
    method, path, fields, body = fake.received[0]
    assert ("POST", "/hook/any/path?own=1&x=1", BODY) == (method, path, body)
    assert ("X-Case", "a") in fields
    assert ("x-case", "\xe9") in fields
    assert ("Host", urlsplit(fake.url).netloc) in fields
    assert "Authorization" not in dict(fields)
    told = capsys.readouterr().out
    assert "-> 202" in told
    assert "without Authorization: masked" in told
    assert "\x1b" not in told


def test_forward_to_nobody(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that does not answer is told; the next request is tried all the same; exit code 1."""
    to = ["--to", "http://127.0.0.1:9/hook"]
    assert 1 == following("forward", fake, "--count", "2", *to)
    assert 2 == capsys.readouterr().err.count("did not answer")


def test_replay(fake: Fake) -> None:
    """One request is sent once more."""
    arguments = ["replay", f"{fake.url}/base", IDS[0], "--code", CODE, "--to"]
    assert 0 == main([*arguments, f"{fake.url}/hook"])
    assert BODY == fake.received[0][3]
    assert 1 == main([*arguments, "http://127.0.0.1:9"])
    assert 2 == main(["replay", fake.url, "../etc", "--code", CODE, "--to", fake.url])


@pytest.mark.parametrize(
    ("target", "to", "expected"),
    [
        ("/in/orders", "http://a/hook", "/hook"),
        ("/in/orders/", "http://a/hook", "/hook/"),
        ("/in/orders?x=1", "http://a", "/?x=1"),
        ("/in/orders/x", "http://a/hook/", "/hook/x"),
        ("/webhooks/stripe", "http://a", "/webhooks/stripe"),
        ("/in/UPPER", "http://a", "/in/UPPER"),
    ],
)
def test_targets(target: str, to: str, expected: str) -> None:
    """What stood below the inbox, and the query, are appended to the URL's path."""
    assert expected == target_at(target, http_url(to))


def test_raw_requests() -> None:
    """The parts of a raw request; the body is untouched."""
    request = RawRequest.parse(RAW)
    assert ("POST", "/in/orders/any/path?x=1", BODY) == (request.method, request.target, request.body)
    assert ("Authorization",) == request.masked
