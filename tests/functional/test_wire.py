"""What the product answers on the wire: conformance to RFC 9112, and others' collections of bad requests.

The conformance table covers what the public h1spec collections ask of a server, in our own words.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.functional.harness import PATIENCE, ROOT, Server, running, wait_until
from tests.functional.test_worker import is_quiet, read_to_the_end

FUZZED_INPUTS = int(os.environ.get("FUZZED_INPUTS", "300"))
LAST = b"Connection: close\r\n"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """The product in a checkout, as its configuration starts it."""
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "yourl.wsgi:app"]
    with running(command, {"WEB_CONCURRENCY": "1"}, cwd=ROOT, hands_over=False) as started:
        yield started


def statuses(answers: bytes) -> list[int]:
    """The status of each answer; JSON escapes whatever could look like another."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] ([0-9]{3}) ", answers)]


ACCEPTED = [
    pytest.param(b"GET /api HTTP/1.1\r\nHost: localhost\r\n" + LAST + b"\r\n", 200, id="GET"),
    pytest.param(
        b"GET /api HTTP/1.1\r\nhoSt:\tlocalhost\r\nempty:\r\n" + LAST + b"\r\n", 200, id="edge cases"
    ),
    pytest.param(b"GET /api HTTP/1.0\r\n\r\n", 200, id="HTTP/1.0"),
    pytest.param(
        b"POST /api HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n" + LAST + b"\r\nhello",
        200,
        id="POST",
    ),
    pytest.param(
        b"POST /api HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        + LAST
        + b"\r\n5\r\nhello\r\n0\r\n\r\n",
        200,
        id="chunked",
    ),
    pytest.param(
        b"GET http://localhost/api HTTP/1.1\r\nHost: localhost\r\n" + LAST + b"\r\n", 200, id="absolute"
    ),
    pytest.param(b"HEAD /api HTTP/1.1\r\nHost: localhost\r\n" + LAST + b"\r\n", 200, id="HEAD"),
    pytest.param(b"CONNECT a.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, id="CONNECT"),
    pytest.param(b"TRACE /api HTTP/1.1\r\nHost: localhost\r\n\r\n", 405, id="TRACE"),
]


@pytest.mark.parametrize(("words", "status"), ACCEPTED)
def test_answers_what_is_in_order(server: Server, words: bytes, status: int) -> None:
    """One answer with the right status, and the connection closes."""
    assert statuses(server.raw(words)) == [status]


def test_knows_the_asterisk(server: Server) -> None:
    """OPTIONS * is about the server, not about a path: never a bad request."""
    answer = server.raw(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n" + LAST + b"\r\n")
    assert statuses(answer)[0] != 400


@pytest.mark.parametrize("path", ["/api", "/health", "/nowhere"])
def test_head_has_no_content(server: Server, path: str) -> None:
    """On every kind of path, found or not."""
    assert server.raw(f"HEAD {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()).endswith(
        b"\r\n\r\n"
    )


HOST = b"Host: localhost\r\n"
CHUNKS = b"POST /api HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
NEXT = b"GET /api HTTP/1.1\r\n" + HOST + LAST + b"\r\n"

REFUSED = [
    pytest.param(b"GET /api HTTP/2.0\r\n" + HOST + b"\r\n", 505, id="HTTP/2.0"),
    pytest.param(b"GET /api HTTP/9.9\r\n" + HOST + b"\r\n", 505, id="HTTP/9.9"),
    pytest.param(b"GET /api\r\n" + HOST + b"\r\n", 400, id="no version"),
    pytest.param(b"GET /api \r\n\r\n", 400, id="empty version"),
    pytest.param(b"Extra lineGET /api HTTP/1.1\r\n" + HOST + b"\r\n", 400, id="garbage before"),
    pytest.param(b"get /api HTTP/1.1\r\n" + HOST + b"\r\n", 501, id="lower-case method"),
    pytest.param(b"GET /api HTTP/1.1\r\n\r\n", 400, id="no Host"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"Host: b\r\n\r\n", 400, id="two Hosts"),
    pytest.param(b"GET /api HTTP/1.1\r\nHost: bad host\r\n\r\n", 400, id="blank in Host"),
    pytest.param(b"GET /api HTTP/1.1\r\nHost: local\0host\r\n\r\n", 400, id="NUL in Host"),
    pytest.param(b"GET /api HTTP/1.1\r\nHost : localhost\r\n\r\n", 400, id="blank before the colon"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"Bad Header: x\r\n\r\n", 400, id="blank in a name"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"X[]: x\r\n\r\n", 400, id="brackets in a name"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"  folded\r\n\r\n", 400, id="folded"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"X: test\x07\r\n\r\n", 400, id="control in a value"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"\rX: test\r\n\r\n", 400, id="bare CR"),
    pytest.param(
        b"GET /api HTTP/1.1\r\n" + HOST + b"Content-Length: abc\r\n\r\n", 400, id="length of letters"
    ),
    pytest.param(
        b"GET /api HTTP/1.1\r\n" + HOST + b"Content-Length: -1234\r\n\r\n", 400, id="negative length"
    ),
    pytest.param(
        b"POST /api HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello!!",
        400,
        id="two lengths",
    ),
    pytest.param(
        b"POST /api HTTP/1.0\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
        id="chunks on 1.0",
    ),
    pytest.param(
        CHUNKS.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n") + b"5\r\nhello\r\n0\r\n\r\n" + NEXT,
        400,
        id="chunks and length",
    ),
    pytest.param(CHUNKS.replace(b"chunked", b"nonsense") + b"hello", 400, id="unknown coding"),
    pytest.param(CHUNKS.replace(b"chunked", b"gzip, chunked") + NEXT, 501, id="compressed chunks"),
    pytest.param(CHUNKS.replace(b"chunked", b"chunked, gzip") + NEXT, 400, id="chunked not last"),
    pytest.param(CHUNKS + b"Z\r\nhello\r\n0\r\n\r\n" + NEXT, 400, id="chunk size of letters"),
    pytest.param(CHUNKS + b"5\r\nhello0\r\n\r\n" + NEXT, 400, id="no CRLF after a chunk"),
    pytest.param(CHUNKS + b"0\r\n" + NEXT, 400, id="no CRLF after the last chunk"),
    pytest.param(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, id="long target"),
    pytest.param(
        b"GET /api HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 101 + b"\r\n", 431, id="a hundred and one fields more"
    ),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 9000 + b"\r\n\r\n", 431, id="large field"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"r" * 32, 400, id="TLS"),
    pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, id="HTTP/2 preface"),
    pytest.param(b"GET /api HTTP/1.1\r\n" + HOST + b"Expect: more\r\n\r\n", 417, id="unknown expectation"),
    pytest.param(
        b"POST /api HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n",
        413,
        id="length over the limit",
    ),
    pytest.param(CHUNKS + b"7FFFFFFF\r\n", 413, id="chunk over the limit"),
]


@pytest.mark.parametrize(("words", "status"), REFUSED)
def test_refuses_once_and_closes(server: Server, words: bytes, status: int) -> None:
    """One JSON error, nothing after it though more was sent, never a traceback."""
    answers = server.raw(words)
    head, _, body = answers.partition(b"\r\n\r\n")
    assert statuses(answers) == [status]
    assert b"\r\nConnection: close\r\n" in head
    assert b"\r\nContent-Type: application/json; charset=utf-8\r\n" in head
    assert list(json.loads(body)) == ["error", "message", "url", "timestamp"]
    assert "Traceback" not in server.stderr


def test_a_refusal_is_one_line_that_cannot_be_forged(server: Server) -> None:
    """Whatever was sent, the log has one line for it."""
    words = b"GET /forged HTTP/1.1\r\nHost: a\r\nX: \x0b\r\n\r\n"
    server.raw(words)

    def lines() -> list[str]:
        return [line for line in (server.stdout + server.stderr).splitlines() if "/forged" in line]

    wait_until(lines, "the line of the refusal, which is written in the background")
    assert len(lines()) == 1
    assert "400" in lines()[0]


WHOLE = b"GET /api HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("length", [1, 3, 4, 8, 9, 13, 17, 18, 19, 23, 24, 25, 34, 35, 36, len(WHOLE) - 1])
def test_waits_for_the_rest_of_a_fragment(server: Server, length: int) -> None:
    """A request may come in pieces of any size."""
    with socket.create_connection((server.host, server.port), timeout=PATIENCE) as client:
        client.sendall(WHOLE[:length])
        assert server.get("/health").status == 200
        assert is_quiet(client)
        client.sendall(WHOLE[length:])
        assert statuses(read_to_the_end(client)) == [200]


def test_kept_alive_by_default(server: Server) -> None:
    """HTTP/1.1 stays open until told otherwise."""
    keep = WHOLE.replace(LAST, b"")
    assert statuses(server.raw(keep + keep + WHOLE)) == [200, 200, 200]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, bytes]]:
    """Gunicorn's own collection of invalid requests, from the sources of the installed release."""
    folder = tmp_path_factory.mktemp("gunicorn")
    wanted = f"gunicorn=={version('gunicorn')}"
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-binary",
        ":all:",
        "--no-deps",
        wanted,
    ]
    fetched = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if fetched.returncode != 0:
        message = f"cannot fetch the sources of {wanted}: {fetched.stderr}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    (archive,) = folder.glob("gunicorn-*.tar.gz")
    found = []
    with tarfile.open(archive) as sources:
        for member in sources:
            if "/tests/requests/invalid/" in member.name and member.name.endswith(".http"):
                content = sources.extractfile(member)
                assert content is not None
                found.append((Path(member.name).stem, unescaped(content.read())))
    return found


def unescaped(text: bytes) -> bytes:
    r"""Undo the collection's spelling: ``\r\n`` for CRLF, ``\xHH`` for bytes; its line ends are none."""
    text = text.replace(b"\n", b"")
    for written, meant in ((rb"\r\n", b"\r\n"), (rb"\0", b"\0"), (rb"\n", b"\n"), (rb"\t", b"\t")):
        text = text.replace(written, meant)
    return re.sub(rb"\\x([0-9A-Fa-f]{2})", lambda match: bytes((int(match[1], 16),)), text)


def test_gunicorns_own_collection_of_bad_requests(server: Server, corpus: list[tuple[str, bytes]]) -> None:
    """No 500, no traceback, no hang; refused, but for those that need a setting we do not have."""
    # A PROXY line where none is expected is a bad request line; the rest is valid under our settings:
    # a scheme header twice, underscores in names, and fields longer than ten bytes.
    valid_here = {"010", "011", "012", "019", "040", "chunked_07"}
    seen = {name: statuses(server.raw(words, half_close=True)) for name, words in corpus}
    assert len(seen) > 50
    wrong = {
        name: found
        for name, found in seen.items()
        if not found or 500 in found or not (name in valid_here or found[0] >= 400)
    }
    assert wrong == {}
    assert "Traceback" not in server.stderr


FRAGMENTS = [
    WHOLE,
    NEXT,
    CHUNKS,
    HOST,
    LAST,
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b":",
    b"GET ",
    b"/api",
    b"0\r\n\r\n",
    b"5\r\n",
]
FRAGMENTS += [
    b"Content-Length: 5\r\n",
    b"hello",
    b"\0",
    b"\x16\x03",
    b"Transfer-Encoding: chunked\r\n",
    b"\xff" * 9,
]


def resident_kibibytes(pid: int) -> int:
    """Memory of a process, by Linux."""
    found = re.search(r"VmRSS:\s+([0-9]+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) if found else 0


def test_any_bytes_leave_it_healthy(server: Server) -> None:
    """Fuzz on the socket: nothing is a 500, the same worker lives on, and its memory is flat."""

    @settings(
        max_examples=FUZZED_INPUTS, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=30)), max_size=10))
    def send(parts: list[bytes]) -> None:
        assert 500 not in statuses(server.raw(b"".join(parts), half_close=True))

    send()
    workers = server.children()
    before = sum(resident_kibibytes(pid) for pid in workers)
    send()
    assert server.get("/health").status == 200
    assert "Traceback" not in server.stderr
    if server.children() == workers:  # else max_requests has replaced it
        assert sum(resident_kibibytes(pid) for pid in workers) < before + 20_000
