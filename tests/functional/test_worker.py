"""The worker keeps its promises to honest clients whatever others do: real processes, real sockets.

One worker with one thread serves in nearly every test: whoever could hold a thread would stop it.
"""

from __future__ import annotations

import contextlib
import json
import resource
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import PATIENCE, ROOT, Server, require_program, wait_until

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LAST_GET = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts Gunicorn with our worker; ``limits`` are those of ``Limits``, the rest Gunicorn's settings."""
    with contextlib.ExitStack() as servers:

        def start(limits: dict[str, float] | None = None, *, wait: bool = True, **settings: Any) -> Server:
            configuration = tmp_path / "gunicorn.conf.py"
            settings = {"workers": 1, "threads": 1, "preload_app": True, "keepalive": 2, **settings}
            configuration.write_text(
                "import os\n"
                "from yourl.http1.limits import Limits\n"
                "def pre_fork(server, worker):\n"
                f"    worker.set_limits(Limits(**{limits or {}!r}))\n"
                "worker_class = 'yourl.server.worker.PatientWorker'\n"
                "bind = '127.0.0.1:' + os.environ['PORT']\n"
                "control_socket_disable = True\n"
                + "".join(f"{name} = {value!r}\n" for name, value in settings.items())
            )
            command = [sys.executable, "-m", "gunicorn", "--config", str(configuration)]
            server = Server([*command, "tests.functional.plain_app:app"], cwd=ROOT)
            servers.push(server.__exit__)
            return server.wait_ready() if wait else server

        yield start


@contextlib.contextmanager
def clients(
    server: Server, count: int, words: bytes, receive_buffer: int | None = None
) -> Iterator[list[socket.socket]]:
    """``count`` open connections that have said ``words``."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            if receive_buffer:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            client.settimeout(PATIENCE)
            client.connect((server.host, server.port))
            client.sendall(words)
            found.append(client)
        yield found


def is_quiet(client: socket.socket) -> bool:
    """Whether the server has neither answered nor closed."""
    return not select.select([client], [], [], 0)[0]


def read_to_the_end(client: socket.socket) -> bytes:
    """All that comes until the server closes."""
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while data := client.recv(65536):
            received += data
    return received


def read_answer(client: socket.socket) -> bytes:
    """One answer of known length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += client.recv(1) or pytest.fail(f"closed after {received!r}")
    for line in received.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
            while len(received.partition(b"\r\n\r\n")[2]) < length:
                received += client.recv(65536) or pytest.fail(f"closed after {received!r}")
    return received


# Nobody is held up


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(GET[:-1], id="part of a head"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", id="part of a body"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", id="part of a chunk"
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
            id="a question",
        ),
    ],
)
def test_whoever_sends_slowly_takes_no_thread(serve: Serve, words: bytes) -> None:
    """An honest client is answered while twenty others are still awaited."""
    server = serve()
    with clients(server, 20, words) as slow:
        assert server.get().status == 200
        if b"Expect" not in words:
            assert all(is_quiet(client) for client in slow)


def test_whoever_reads_slowly_takes_no_thread(serve: Serve) -> None:
    """An honest client is answered while ten others have yet to read the most of their answers."""
    server = serve()
    size = 6_000_000  # more than socket buffers hold
    words = b"GET /large?%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % size
    with clients(server, 10, words, receive_buffer=4096) as slow:
        assert server.get().status == 200
        bodies = [read_to_the_end(client).partition(b"\r\n\r\n")[2] for client in slow[:2]]
    assert bodies == [b"x" * size] * 2


def test_whoever_never_closes_takes_no_thread(serve: Serve) -> None:
    """Twenty clients that were answered for the last time, and stay, stop nobody."""
    server = serve()
    with clients(server, 20, LAST_GET):
        assert server.get().status == 200


def test_more_connections_than_there_is_room_for(serve: Serve) -> None:
    """Whoever comes last is served; whoever has waited longest without a request makes room."""
    server = serve(worker_connections=20)
    with clients(server, 60, b"") as idle:
        assert server.get().status == 200
        assert read_to_the_end(idle[0]) == b""
    assert "to make room" in wait_until(
        lambda: "make room" in server.stderr and server.stderr, "a line about it"
    )


def test_out_of_descriptors(serve: Serve) -> None:
    """With more clients than the process may open files, it still answers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, hard))
    try:
        server = serve()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with clients(server, 60, GET[:-1]):
        assert server.get().status == 200
    assert server.get().status == 200
    assert "Traceback" not in server.stderr


def test_unfinished_bodies_have_a_bound_together(serve: Serve) -> None:
    """The oldest unfinished bodies make room for the newest when they hold too much memory."""
    server = serve({"memory": 500_000, "body_size": 100_000})
    part = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 90_000
    with clients(server, 20, part) as slow:
        assert read_to_the_end(slow[0]).startswith(b"HTTP/1.1 503 ")
        slow[-1].sendall(b"x" * 10_000)
        assert read_answer(slow[-1]).endswith(b"\r\n\r\n100000")


def test_unread_answers_have_a_bound_together(serve: Serve) -> None:
    """Answers that nobody reads make room for others, but not all; who asks for little is always served."""
    server = serve({"memory": 10_000_000})
    words = b"GET /large?6000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with clients(server, 6, words, receive_buffer=4096) as slow:
        for _ in range(3):
            assert server.get().status == 200
        wait_until(lambda: "to make room" in server.stderr, "a line about it")
        are_whole = [len(read_to_the_end(client)) > 6_000_000 for client in slow]
    assert {True, False} == set(are_whole)


# Deadlines


def test_a_head_has_a_deadline(serve: Serve) -> None:
    """Who has said something is told why; the answer is the JSON of every error."""
    server = serve({"head_timeout": 0.3})
    answer = server.raw(GET[:-1])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["error"] == "head_timeout"


def test_a_deadline_does_not_move_with_every_byte(serve: Serve) -> None:
    """One byte at a time never ends: it is cut like silence."""
    server = serve({"head_timeout": 0.5})
    with clients(server, 1, GET[:-1]) as (client,):
        while is_quiet(client):
            with contextlib.suppress(OSError):
                client.sendall(b"X" if is_quiet(client) else b"")
            select.select([client], [], [], 0.02)
        assert client.recv(65536).startswith(b"HTTP/1.1 4")


def test_a_silent_connection_is_closed_without_a_word(serve: Serve) -> None:
    """Browsers open connections that they may never use; an answer nobody asked for would confuse them."""
    server = serve({"head_timeout": 0.3})
    assert server.raw(b"") == b""
    assert "Refused" not in server.stderr


def test_a_body_has_a_deadline(serve: Serve) -> None:
    """A stalled body is refused."""
    server = serve({"body_timeout": 0.3})
    answer = server.raw(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "body_timeout"


def test_an_idle_connection_is_closed(serve: Serve) -> None:
    """A kept-alive connection is closed after Gunicorn's ``keepalive``."""
    server = serve(keepalive=1)
    assert server.raw(GET).count(b"HTTP/1.1 200 OK") == 1


def test_a_reader_has_a_deadline(serve: Serve) -> None:
    """A client that takes nothing of an answer loses the connection, which the log says once."""
    server = serve({"send_timeout": 0.3})
    words = b"GET /large?6000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    with clients(server, 1, words, receive_buffer=4096) as (slow,):
        wait_until(lambda: "Send timeout: 127.0.0.1, " in server.stderr, "a line about it")
        assert len(read_to_the_end(slow)) < 6_000_000
    assert server.stderr.count("Send timeout") == 1


# What arrives is what is answered


def test_many_large_bodies_are_all_answered(serve: Serve) -> None:
    """Memory that is set aside for answers is not counted against clients whose bodies still arrive."""
    server = serve({"head_timeout": PATIENCE, "body_timeout": PATIENCE, "memory": 40_000_000})
    post = (
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1000000\r\n\r\n"
        + b"x" * 1_000_000
    )
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda _: server.raw(post), range(90)))
    assert {(answer[:15], answer[-7:]) for answer in answers} == {(b"HTTP/1.1 200 OK", b"1000000")}
    assert "Evicted" not in server.stderr


def test_pipelined_requests_are_answered_in_order(serve: Serve) -> None:
    """Several requests in one packet."""
    server = serve()
    post = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    answers = server.raw(GET + post + GET + LAST_GET)
    assert [part[-1:] for part in answers.split(b"HTTP/1.1 200 OK")[1:]] == [b"0", b"3", b"0", b"0"]


def test_a_half_closed_client_is_answered(serve: Serve) -> None:
    """The end of input does not mean that nobody listens."""
    server = serve()
    assert server.raw(GET, half_close=True).endswith(b"\r\n\r\n0")


def test_a_client_that_stops_halfway_is_told(serve: Serve) -> None:
    """Half a request and the end of input: 400, logged once."""
    server = serve()
    answer = server.raw(GET[:-3], half_close=True)
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"] == "incomplete_request"
    assert server.stderr.count("incomplete_request") == 1


@pytest.mark.parametrize("pieces", [1, 7, 5000])
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_arrives_whole(serve: Serve, framing: str, pieces: int) -> None:
    """However it is framed and cut."""
    server = serve()
    content = b"0123456789" * 3000
    if framing == "length":
        wire = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(content) + content
    else:
        wire = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        wire += (
            b"".join(b"%x\r\n%s\r\n" % (500, content[n : n + 500]) for n in range(0, len(content), 500))
            + b"0\r\n\r\n"
        )
    with clients(server, 1, b"") as (client,):
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        step = -(-len(wire) // pieces)
        for start in range(0, len(wire), step):
            client.sendall(wire[start : start + step])
        assert read_answer(client).endswith(b"\r\n\r\n30000")


def test_the_head_is_seen_as_it_arrived(serve: Serve) -> None:
    """Case, order and duplicates of fields, which WSGI has no place for."""
    head = b"GET /head HTTP/1.1\r\nhOST: a\r\nX: 1\r\nx:2\r\nX:  3\r\nConnection: close\r\n\r\n"
    fields = (("hOST", "a"), ("X", "1"), ("x", "2"), ("X", "3"), ("Connection", "close"))
    assert serve().raw(head).endswith(b"\r\n\r\n" + repr(fields).encode())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(
            b"POST /trailers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"0\r\nX-Sum: 1\r\n\r\n",
            b"(('X-Sum', '1'),)",
            id="trailers",
        ),
        pytest.param(
            b"POST /coding HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            b"0\r\n\r\n",
            b"chunked",
            id="the coding",
        ),
        pytest.param(
            b"GET http://b.example:81/host HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            b"b.example:81",
            id="the host of an absolute target",
        ),
    ],
)
def test_the_application_sees(serve: Serve, words: bytes, expected: bytes) -> None:
    """What the socket received is in the context of the request."""
    assert serve().raw(words).partition(b"\r\n\r\n")[2] == expected


@pytest.mark.parametrize("path", ["/stream?100", "/file", "/large?5000000"])
def test_an_answer_leaves_whole(serve: Serve, path: str) -> None:
    """Streams, files and large answers, to a client with a small window."""
    server = serve()
    expected = {
        "/stream?100": b"".join(b"%06d" % number * 10_000 for number in range(100)),
        "/file": (ROOT / "tests" / "functional" / "plain_app.py").read_bytes(),
        "/large?5000000": b"x" * 5_000_000,
    }
    assert server.get(path).body == expected[path]


def test_head_has_the_fields_and_no_content(serve: Serve) -> None:
    """Content-Length as for GET, and nothing after the head."""
    answer = serve().raw(b"HEAD /large?500 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 500\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


# Expect: 100-continue


QUESTION = (
    b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
)


def test_a_client_that_waits_is_told_to_go_on(serve: Serve) -> None:
    """100 first, then the answer to the whole."""
    with clients(serve(), 1, QUESTION % 5) as (client,):
        assert read_answer(client) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"hello")
        assert read_to_the_end(client).endswith(b"\r\n\r\n5")


def test_a_client_that_does_not_wait_is_not_told(serve: Serve) -> None:
    """RFC 9110 section 10.1.1: no 100 when the content is here already."""
    assert serve().raw(QUESTION % 5 + b"hello").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_asks_in_vain_is_told_so(serve: Serve) -> None:
    """A body that would be refused is refused before it is sent."""
    assert serve({"body_size": 4}).raw(QUESTION % 5).startswith(b"HTTP/1.1 413 ")


# Refusals and failures


def test_a_refusal_reaches_a_client_that_is_still_sending(serve: Serve) -> None:
    """The answer is not destroyed by the bytes that nobody read (RFC 9112 section 9.6)."""
    server = serve({"body_size": 1000})
    with clients(server, 1, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n") as (client,):
        for _ in range(30):
            client.sendall(b"x" * 100_000)
        assert read_to_the_end(client).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("path", ["/fail", "/exit", "/bad-header"])
def test_an_application_that_fails_is_a_500_and_no_more(serve: Serve, path: str) -> None:
    """JSON for the client, the traceback for the log, and the worker serves on."""
    server = serve()
    pid = server.get("/pid").body
    answer = server.get(path)
    assert (answer.status, answer.json["error"]) == (500, "internal_error")
    assert answer.json["url"] == f"http://127.0.0.1:{server.port}{path}"
    assert b"Traceback" not in answer.body
    assert server.get("/pid").body == pid
    assert server.stderr.count("Traceback") >= 1


def test_an_answer_cut_short_does_not_look_whole(serve: Serve) -> None:
    """An application that fails after its first bytes: the chunked answer has no end."""
    server = serve()
    answer = server.raw(b"GET /fail-late HTTP/1.1\r\nHost: a\r\n\r\n")
    assert b"5\r\nbegun\r\n" in answer
    assert not answer.endswith(b"0\r\n\r\n")
    assert server.get().status == 200


# Life and death


def test_sigterm_finishes_what_has_begun(serve: Serve) -> None:
    """Half a head, half a body and half-read answers are finished; new connections are not accepted."""
    server = serve(graceful_timeout=15)
    large = b"GET /large?6000000 HTTP/1.1\r\nHost: a\r\n\r\n"
    with (
        clients(server, 2, GET[:-1]) as heads,
        clients(server, 2, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf") as bodies,
        clients(server, 2, large, receive_buffer=4096) as readers,
    ):
        assert server.get().status == 200
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(server), "the end of accepting")
        for client in heads:
            client.sendall(GET[-1:])
        for client in bodies:
            client.sendall(b"+five")
        assert [read_to_the_end(client)[-5:] for client in heads] == [b"\r\n\r\n0"] * 2
        assert [read_to_the_end(client)[-5:] for client in bodies] == [b"\r\n\r\n9"] * 2
        assert [len(read_to_the_end(client)) > 6_000_000 for client in readers] == [True] * 2
    assert server.process.wait(PATIENCE) == 0


def refuses_connections(server: Server) -> bool:
    try:
        socket.create_connection((server.host, server.port), timeout=PATIENCE).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def test_sigterm_tells_whoever_is_too_late(serve: Serve) -> None:
    """A request that does not end is answered 503 before the worker goes."""
    server = serve(graceful_timeout=2)
    with clients(server, 1, GET[:-1]) as (client,):
        assert server.get().status == 200
        server.signal(signal.SIGTERM)
        assert read_to_the_end(client).startswith(b"HTTP/1.1 503 ")
    assert server.process.wait(PATIENCE) == 0


def test_a_kept_alive_client_is_answered_while_the_worker_stops(serve: Serve) -> None:
    """The request that was under way when the signal came is answered, with ``Connection: close``."""
    server = serve(keepalive=5, graceful_timeout=8)
    with clients(server, 1, GET) as (client,):
        read_answer(client)
        server.signal(signal.SIGTERM)
        wait_until(lambda: refuses_connections(server), "the end of accepting")
        client.sendall(GET)
        assert b"Connection: close\r\n" in read_to_the_end(client)


def test_recycled_workers_lose_nothing(serve: Serve) -> None:
    """Every request is answered while workers come and go for ``max_requests``."""
    server = serve(max_requests=20, threads=2)
    failures: list[object] = []
    pids: set[bytes] = set()

    def ask() -> None:
        for _ in range(40):
            try:
                pids.add(server.get("/pid").body)
            except OSError as error:
                failures.append(error)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert failures == []
    assert len(pids) > 3


def test_tls_is_served_by_gunicorns_own_loop(serve: Serve, tmp_path: Path) -> None:
    """With a certificate configured it serves HTTPS, and says that slow clients can hold up others."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [require_program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False

    def ask(server: Server) -> bytes:
        with contextlib.suppress(ConnectionRefusedError):
            plain = socket.create_connection((server.host, server.port), timeout=PATIENCE)
            with context.wrap_socket(plain) as client:
                client.sendall(LAST_GET)
                return read_to_the_end(client)
        return b""

    server = serve(keyfile=str(key), certfile=str(certificate), wait=False)
    assert wait_until(lambda: ask(server), "an answer over TLS").startswith(b"HTTP/1.1 200 OK\r\n")
    assert "slow clients can hold up others" in server.stderr
