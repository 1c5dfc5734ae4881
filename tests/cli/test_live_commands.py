"""tail, forward and replay: what they ask, print and send on, and their exit codes."""

from __future__ import annotations

import contextlib
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest

from yourl.__main__ import main
from yourl.cli import sending
from yourl.cli.live_api import http_url
from yourl.cli.sending import RawRequest, target_at
from yourl.redaction import MASK

CODE = "correct-horse"
IDS = [f"{number:016x}{'0' * 15}1" for number in (1, 2)]
GONE = f"{9:016x}{'0' * 15}1"
BODY = b'\x00\xff {"paid": true}\r\n'
RAW = (
    b"POST /in/orders/any/path?x=1 HTTP/1.1\r\nHost: shop.example\r\nX-Case: a\r\nx-case: \xe9\r\n"
    b"Authorization: " + MASK.encode() + b"\r\nContent-Type: application/json\r\n"
    b"Connection: keep-alive\r\nExpect: 100-continue\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
)


@dataclass
class Fake:
    """A server with two kept requests, and a receiver that notes what it gets."""

    url: str = ""
    received: list[tuple[str, str, list[tuple[str, str]], bytes]] = field(default_factory=list)
    answer: bytes = (
        b"HTTP/1.1 202 Fine\x1b[2J\r\nX-Own: \x1b]0;title\r\nContent-Length: 9\r\n\r\nthanks\x1b[2"
    )


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
                is_there = any(known_id in parts.path for known_id in IDS)
                self.reply(200 if is_there else 404, RAW if is_there else b"{}")
            else:
                self.reply(404, b'{"message": "There is nothing."}')

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
            self.wfile.write(known.answer)

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


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """A server that cannot be reached is told in one line, exit code 2."""
    assert 2 == main(["tail", "http://u:secret@127.0.0.1:9", "--inbox", "orders", "--code", CODE])
    told = capsys.readouterr().err
    assert "http://127.0.0.1:9 cannot be reached: " in told
    assert "secret" not in told
    assert 1 == told.count("\n")


def test_no_live_page_there(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """A server that has nothing at the path is told apart from one that keeps nothing."""
    assert 2 == main(["tail", f"{fake.url}/other", "--inbox", "orders", "--code", CODE])
    assert "answered 404: There is nothing. Is this the URL" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["Orders", "", "a/b", "x" * 65, "\x1b[2J"])
def test_no_inbox(name: str, fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be the name of an inbox is refused before anything is asked, exit code 2."""
    assert 2 == main(["tail", fake.url, "--inbox", name, "--code", CODE])
    told = capsys.readouterr().err
    assert "lower-case letters, digits and hyphens" in told
    assert told.strip().isprintable()


def test_an_empty_inbox_is_told(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """While nothing is there, people are told where to send something."""
    assert 1 == following("tail", fake, "--inbox", "other", "--timeout", "0")
    assert f"{fake.url}/base/in/other" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["ftp://a", "a", "http://", "http://a:x", "http://a:0", "http://a/\x1b", "http://a/b c"]
)
def test_no_url(url: str) -> None:
    """Only http and https URLs are taken, exit code 2."""
    assert 2 == main(["tail", url, "--inbox", "orders", "--code", CODE])


def test_forward(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """Body, fields, their order and case arrive as they were sent; what is masked stays out, and is named."""
    assert 0 == following("forward", fake, "--count", "2", "--to", f"{fake.url}/hook?own=1")
    assert 2 == len(fake.received)
    method, path, fields, body = fake.received[0]
    assert ("POST", "/hook/any/path?own=1&x=1", BODY) == (method, path, body)
    assert [
        ("Host", urlsplit(fake.url).netloc),
        ("Connection", "close"),
        ("Content-Length", str(len(BODY))),
        ("X-Case", "a"),
        ("x-case", "\xe9"),
        ("Content-Type", "application/json"),
    ] == fields


def test_the_answer_is_shown(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """Status, time, header fields and content of the answer; nothing in it steers the terminal."""
    assert 0 == following("forward", fake, "--count", "1", "--to", f"{fake.url}/hook")
    told = capsys.readouterr().out
    assert told.startswith("POST /hook/any/path?x=1 -> 202 Fine\\x1b[2J in ")
    assert "    not sent as received: Authorization (masked)\n" in told
    assert "    X-Own: \\x1b]0;title\n" in told
    assert told.endswith("\n\n    thanks\\x1b[2\n")
    assert told.replace("\n", "").isprintable()


def test_no_redirect_is_followed(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """A redirect is an answer like any other."""
    fake.answer = f"HTTP/1.1 307 Away\r\nLocation: {fake.url}/x\r\nContent-Length: 0\r\n\r\n".encode()
    assert 0 == following("forward", fake, "--count", "1", "--to", fake.url)
    assert 1 == len(fake.received)
    assert f"Location: {fake.url}/x" in capsys.readouterr().out


def test_the_answer_is_bounded(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more of an endless answer is read than a bound."""
    monkeypatch.setattr(sending, "LONGEST_ANSWER", 1000)
    fake.answer = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000
    request = RawRequest.parse(RAW)
    assert b"x" * 1000 == sending.send_on(request, "/", http_url(fake.url)).content


def test_an_answer_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole exchange has a time limit, also where a byte comes now and then."""
    monkeypatch.setattr(sending, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with listener.accept()[0] as client, contextlib.suppress(OSError):
                client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                while client.send(b"x") and not ended.wait(0.05):
                    pass

        ended = threading.Event()
        thread = threading.Thread(target=drip)
        thread.start()
        url = http_url(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(sending.NoAnswer):
            sending.send_on(RawRequest.parse(RAW), "/", url)
        ended.set()
        thread.join()


def test_an_answer_that_ends_early(fake: Fake) -> None:
    """A part of an answer is not taken for the whole."""
    fake.answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"
    with pytest.raises(sending.NoAnswer, match="9 bytes too early"):
        sending.send_on(RawRequest.parse(RAW), "/", http_url(fake.url))


def test_forward_to_nobody(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """A receiver that does not answer is told; the next request is tried all the same; exit code 1."""
    to = ["--to", "http://127.0.0.1:9/hook"]
    assert 1 == following("forward", fake, "--count", "2", *to)
    assert 2 == capsys.readouterr().err.count("http://127.0.0.1:9/hook did not answer: ")


def test_replay(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    """One request is sent once more; exit code 1 where it is gone or gets no answer, 2 for what is no id."""
    server = f"{fake.url}/base"
    assert 0 == main(["replay", server, IDS[0], "--code", CODE, "--to", f"{fake.url}/hook"])
    assert BODY == fake.received[0][3]
    assert 1 == main(["replay", server, IDS[0], "--code", CODE, "--to", "http://127.0.0.1:9"])
    assert 1 == main(["replay", server, GONE, "--code", CODE, "--to", fake.url])
    assert f"{GONE} is not kept any more" in capsys.readouterr().err
    assert 2 == main(["replay", server, "../etc", "--code", CODE, "--to", fake.url])


@pytest.mark.parametrize(
    ("target", "to", "expected"),
    [
        ("/in/orders", "http://a/hook", "/hook"),
        ("/in/orders/", "http://a/hook", "/hook/"),
        ("/in/orders?x=1", "http://a", "/?x=1"),
        ("/in/orders/x", "http://a/hook/", "/hook/x"),
        ("/webhooks/stripe", "http://a", "/webhooks/stripe"),
        ("/in/UPPER", "http://a", "/in/UPPER"),
        ("/in/orders?", "http://a/hook", "/hook?"),
    ],
)
def test_targets(target: str, to: str, expected: str) -> None:
    """What stood below the inbox, and the query, are appended to the URL's path."""
    assert expected == target_at(target, http_url(to))


@pytest.mark.parametrize(
    ("raw", "own"),
    [
        pytest.param(b"GET /in/a HTTP/1.1\r\nHost: a\r\n\r\n", b"", id="none"),
        pytest.param(
            b"DELETE / HTTP/1.0\r\ncontent-length: 0\r\n\r\n", b"Content-Length: 0\r\n", id="stated"
        ),
        pytest.param(b"REPORT / HTTP/1.1\r\n\r\nx", b"Content-Length: 1\r\n", id="any method"),
    ],
)
def test_framing(raw: bytes, own: bytes) -> None:
    """A length is sent where the request had one, or has a body."""
    request = RawRequest.parse(raw)
    start = f"{request.method} /x HTTP/1.1\r\nHost: b\r\nConnection: close\r\n".encode()
    assert start + own + b"\r\n" + request.body == request.to_bytes("/x", "b")


@pytest.mark.parametrize(
    "raw",
    [b"", b"\r\n\r\n", b"GET /\r\n\r\n", b"GET / HTTP/1.1", b"GET / HTTP/1.1\r\na: b\nc: d\r\n\r\n"],
)
def test_no_request(raw: bytes) -> None:
    """An answer of the server that is no request is sent nowhere."""
    with pytest.raises(click.ClickException):
        RawRequest.parse(raw)


def test_a_masked_query_is_told() -> None:
    """A parameter that the server has masked is sent as it is, and said."""
    request = RawRequest.parse(b"GET /in/a?token=" + MASK.encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n")
    assert ("parameters of the query",) == request.masked
