"""The loop on socket pairs: states, deadlines, memory, eviction; no Gunicorn."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field

import pytest

from yourl.context import Wait
from yourl.errors import Refusal
from yourl.http1.head import Head
from yourl.http1.limits import Limits
from yourl.http1.reader import ReceivedRequest
from yourl.promise import Promise
from yourl.server import loop, questions, waiting
from yourl.server.connection import Connection, State
from yourl.server.loop import Loop
from yourl.server.threads import Threads
from yourl.server.waiting import LEAST_INTERVAL

GET = b"GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n"
PATIENCE = 60.0  # seconds until a test gives up


def post(size: int, sent: int | None = None) -> bytes:
    """A request with a body of ``size`` bytes, of which ``sent`` are here."""
    head = f"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: {size}\r\n\r\n"
    return head.encode() + b"x" * (size if sent is None else sent)


@dataclass
class RecordingHost:
    """Answers by method and path, and notes what the loop reports."""

    log: logging.Logger = field(default_factory=lambda: logging.getLogger("tests.loop"))
    answer_size: int = 2
    refusals: list[tuple[str, str]] = field(default_factory=list)
    evictions: list[str] = field(default_factory=list)
    running: int = 0
    most_running: int = 0
    may_answer: threading.Event = field(default_factory=threading.Event)
    has_happened: threading.Event = field(default_factory=threading.Event)
    answers: int = 0
    load_balancer: bool = False
    released_answers: int = 0
    promises: list[Promise] = field(default_factory=list)
    look: Callable[[Hashable], Hashable | None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, connection: Connection, request: ReceivedRequest) -> bool:
        with self.lock:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        self.may_answer.wait(PATIENCE)
        body = request.head.target.raw.encode().ljust(self.answer_size, b".")
        connection.sock.begin(request)
        if request.head.target.path == "/promise" and connection.sock.takes_promises:
            connection.sock.promise = Promise("?" * 8)
            self.promises.append(connection.sock.promise)
            body = b"?" * 8
        if request.head.target.path == "/wait" and not self.has_happened.is_set():
            seconds = float(request.head.target.query or "0")
            connection.sock.wait = Wait(seconds, ("news",), request.head.target.raw, self.look)
        self.answers += 1
        try:
            connection.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
            connection.sock.sendall(body)
            connection.sock.flush()
        except OSError:
            connection.sock.unsent.clear()
        with self.lock:
            self.running -= 1
        return not request.head.closes

    def awaits_proxy_header(self, client: object) -> bool:
        return self.load_balancer

    def refused(self, refusal: Refusal, peer: str, head: Head | None) -> None:
        self.refusals.append((refusal.code, head.method if head else "-"))

    def released(self, connection: Connection) -> None:
        self.released_answers += 1

    def evicted(self, reason: str) -> None:
        self.evictions.append(reason)


class Bench:
    """A loop without listeners, and the client ends of its connections."""

    def __init__(self, limits: Limits, capacity: int, threads: int) -> None:
        self.host = RecordingHost()
        self.host.may_answer.set()
        self.threads = Threads(threads)
        self.loop = Loop(self.host, [], limits, capacity, self.threads)
        self.clients: list[socket.socket] = []

    def connect(self, data: bytes = b"") -> socket.socket:
        """A client that has sent ``data``."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        self.clients.append(theirs)
        if data:
            theirs.sendall(data)
        self.loop.add(ours, ("192.0.2.1", 1))
        return theirs

    def run_until(self, condition: Callable[[], object]) -> None:
        """Run the loop until ``condition`` holds."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < deadline, "the condition never held"
            self.loop.wake()  # a test looks at more than the loop does
            self.loop.run_once()

    def received(self, client: socket.socket, ending: bytes) -> bytes:
        """What the client gets, up to ``ending``."""
        data = bytearray()

        def is_complete() -> bool:
            with contextlib.suppress(BlockingIOError):
                data.extend(client.recv(65536))
            return data.endswith(ending)

        self.run_until(is_complete)
        return bytes(data)

    def everything(self, client: socket.socket) -> bytes:
        """What the client gets until the server closes."""
        data = bytearray()

        def is_closed() -> bool:
            try:
                piece = client.recv(65536)
            except BlockingIOError:
                return False
            except ConnectionResetError:
                return True
            data.extend(piece)
            return not piece

        self.run_until(is_closed)
        return bytes(data)

    def close(self) -> None:
        """End the loop and its threads."""
        self.host.may_answer.set()
        self.threads.shutdown(timeout=PATIENCE)
        self.loop.end()
        for client in self.clients:
            client.close()


MakeBench = Callable[..., Bench]


@pytest.fixture
def bench() -> Iterator[MakeBench]:
    """Makes loops that are closed when the test ends."""
    made: list[Bench] = []

    def make(capacity: int = 100, threads: int = 2, **limits: float) -> Bench:
        made.append(Bench(Limits(**limits), capacity, threads))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_answers_one_request_after_the_other(bench: MakeBench) -> None:
    """A kept-alive connection is idle between two requests."""
    one = bench()
    client = one.connect(GET)
    assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")
    (connection,) = one.loop.connections
    one.run_until(lambda: connection.state is State.IDLE)
    client.sendall(LAST)
    assert one.everything(client).endswith(b"/last")
    assert one.loop.connections == set()


def test_answers_what_was_pipelined_in_order(bench: MakeBench) -> None:
    """Requests that arrive together are answered one after the other."""
    one = bench()
    client = one.connect(GET + post(5) + LAST)
    assert one.everything(client).count(b"200 OK") == 3


def test_a_request_may_come_byte_by_byte(bench: MakeBench) -> None:
    """However it is cut, a request is one request."""
    one = bench()
    client = one.connect()
    for byte in post(20, 20):
        client.sendall(bytes([byte]))
        one.loop.run_once()
    assert one.received(client, b"/.").startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"GET / HT", "head_timeout", id="head"),
        pytest.param(post(100, 99), "body_timeout", id="body"),
    ],
)
def test_a_stalled_request_is_refused(bench: MakeBench, data: bytes, code: str) -> None:
    """A client that stops in the middle of a request gets 408, and the refusal is reported once."""
    one = bench(head_timeout=0.2, body_timeout=0.2)
    client = one.connect(data)
    assert one.everything(client).startswith(b"HTTP/1.1 408 ")
    assert [code] == [refusal for refusal, _ in one.host.refusals]


def test_a_silent_client_is_closed_without_a_word(bench: MakeBench) -> None:
    """A connection on which nothing arrives is closed, and no request is refused."""
    one = bench(head_timeout=0.2)
    client = one.connect()
    assert one.everything(client) == b""
    assert one.host.refusals == []


def test_an_incomplete_request_is_refused_when_the_client_ends(bench: MakeBench) -> None:
    """Half-closed in the middle of a request."""
    one = bench()
    client = one.connect(post(100, 50))
    client.shutdown(socket.SHUT_WR)
    assert b'"error": "incomplete_request"' in one.everything(client)


def test_no_thread_waits_for_a_slow_reader(bench: MakeBench) -> None:
    """With more unread large answers than threads, another client is still answered."""
    one = bench(threads=2)
    one.host.answer_size = 3_000_000
    slow = [one.connect(GET) for _ in range(6)]
    one.run_until(lambda: sum(c.state is State.SENDING for c in one.loop.connections) == len(slow))
    one.host.answer_size = 2
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    assert sum(c.state is State.SENDING for c in one.loop.connections) == len(slow)


def test_a_slow_reader_gets_the_whole_answer(bench: MakeBench) -> None:
    """What the socket did not take at once is sent as the client reads."""
    one = bench()
    one.host.answer_size = 3_000_000
    client = one.connect(LAST)
    head, _, body = one.everything(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert len(body) == 3_000_000


def test_unread_answers_are_evicted_when_memory_is_used_up(bench: MakeBench) -> None:
    """The connections that hold most and take least go first; one that reads on gets its whole answer."""
    one = bench(memory=8_000_000)
    one.host.answer_size = 3_000_000
    reader = one.connect(LAST)
    one.run_until(lambda: _states(one.loop) == {State.SENDING})
    (reading,) = one.loop.connections
    taken = 0
    while reading.taken == 0:
        with contextlib.suppress(BlockingIOError):
            taken += len(reader.recv(65536))
        one.loop.run_once()
    for _ in range(4):
        one.connect(GET)
    one.run_until(lambda: "memory" in one.host.evictions)
    one.host.answer_size = 2
    assert taken + len(one.everything(reader)) > 3_000_000
    assert one.loop.memory.held <= 8_000_000


def test_stalled_bodies_are_evicted_before_arriving_ones(bench: MakeBench) -> None:
    """Nearly complete bodies that stopped arriving give way to a body that arrives, though they are newer."""
    one = bench(memory=4_000_000)
    honest = one.connect(post(1_000_000, 1000))
    parked: list[socket.socket] = []
    for _ in range(6):
        client = one.connect()
        _send_all(one, client, post(1_000_000)[:-1])
        parked.append(client)
        for connection in one.loop.connections:
            connection.recent_bytes_at -= 10.0  # as if seconds had passed
        _send_all(one, honest, b"x" * 100_000)
    assert one.host.evictions
    _send_all(one, honest, b"x" * (1_000_000 - 1000 - 600_000))
    assert one.received(honest, b"/.").startswith(b"HTTP/1.1 200 OK")
    assert {code for code, _ in one.host.refusals} == {"overloaded"}
    assert any(b"503 Service Unavailable" in one.everything(client) for client in parked[:1])


def test_large_bodies_are_answered_as_memory_allows(bench: MakeBench) -> None:
    """Each request with a large body reserves what answering it may take; small ones go ahead."""
    one = bench(threads=4, memory=20_000_000)
    one.host.may_answer.clear()
    large = [one.connect() for _ in range(4)]
    for client in large:
        _send_all(one, client, post(1_000_000))
    one.run_until(lambda: sum(c.state is State.RUNNING for c in one.loop.connections) == 4)
    one.run_until(lambda: one.host.running == 1)
    one.connect(GET)
    one.run_until(lambda: one.host.running == 2)
    one.host.may_answer.set()
    for client in large:
        assert one.received(client, b"/.").startswith(b"HTTP/1.1 200 OK")
    assert one.host.most_running == 2


def test_too_many_connections_evict_the_idle_first(bench: MakeBench) -> None:
    """An idle connection gives way to a new one; a request under way does not."""
    one = bench(capacity=2, idle_timeout=PATIENCE)
    idle = one.connect(GET)
    one.received(idle, b"/a")
    partial = one.connect(post(100, 50))
    one.loop.run_once()
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    assert one.host.evictions == ["connections"]
    assert one.everything(idle) == b""
    partial.sendall(b"x" * 50)
    assert one.received(partial, b"/.").startswith(b"HTTP/1.1 200 OK")


def test_a_request_that_has_just_begun_is_not_evicted(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While threads have as many requests as connections are allowed, new connections get time to send."""
    monkeypatch.setattr(loop, "UNDISTURBED", PATIENCE)
    one = bench(capacity=2)
    one.host.may_answer.clear()
    for _ in range(2):
        one.connect(GET)
    young = [one.connect() for _ in range(5)]
    assert one.host.evictions == []
    for client in young:
        client.sendall(GET)
    one.host.may_answer.set()
    for client in young:
        assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")


def test_old_unfinished_requests_make_room(bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that send no request in time are evicted together while no more are accepted."""
    monkeypatch.setattr(loop, "UNDISTURBED", PATIENCE)
    one = bench(capacity=8, head_timeout=PATIENCE)
    silent = [one.connect() for _ in range(9)]
    for connection in one.loop.connections:
        connection.since -= 2 * PATIENCE  # as if time had passed
    one.run_until(lambda: one.host.evictions == ["connections"] * 2)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    assert len(silent) - 2 == sum(c.state is State.READING for c in one.loop.connections)


def test_a_request_that_arrived_in_time_is_answered(bench: MakeBench) -> None:
    """A busy loop looks for the next request before it closes an idle connection."""
    one = bench(idle_timeout=PATIENCE)
    client = one.connect(GET)
    one.received(client, b"/a")
    (connection,) = one.loop.connections
    one.run_until(lambda: connection.state is State.IDLE)
    client.sendall(GET)
    one.loop.exchange.expire(connection)
    assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")
    one.run_until(lambda: connection.state is State.IDLE)
    one.loop.exchange.expire(connection)
    assert one.everything(client) == b""


def test_an_answer_larger_than_a_connection_may_hold_is_cut_off(bench: MakeBench) -> None:
    """An application that gives too much is stopped, and the connection is closed."""
    one = bench(response_buffer=1_000_000)
    one.host.answer_size = 5_000_000
    client = one.connect(LAST)
    assert len(one.everything(client)) < 5_000_000


def test_a_defect_ends_one_connection_only(bench: MakeBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in one step closes that connection; the others go on."""
    one = bench()
    other = one.connect()
    broken = one.connect()
    (connection,) = (c for c in one.loop.connections if c.stream.fileno() == max(_descriptors(one.loop)))
    monkeypatch.setattr(connection.reader, "_limits", None)
    broken.sendall(b"GET / HTTP/1.1\r\n")
    assert one.everything(broken) == b""
    other.sendall(GET)
    assert one.received(other, b"/a").startswith(b"HTTP/1.1 200 OK")


def test_what_is_unfinished_at_the_end_is_told(bench: MakeBench) -> None:
    """On a stop, a request that is not complete gets 503, and what is idle is closed."""
    one = bench()
    client, silent = one.connect(post(10, 5)), one.connect()
    one.loop.refuse_unfinished()
    assert b'"error": "stopping"' in one.everything(client)
    assert one.everything(silent) == b""


def waiting_for(seconds: float) -> bytes:
    """A request whose answer waits."""
    return f"GET /wait?{seconds} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode()


def test_delayed_answers_hold_no_thread(bench: MakeBench) -> None:
    """While more answers than threads are delayed, others are answered, at once or after their delay."""
    one = bench(threads=2, capacity=1000)
    delayed = [one.connect(waiting_for(PATIENCE)) for _ in range(200)]
    one.run_until(lambda: one.host.answers == 200)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    assert one.host.released_answers == 0
    assert one.received(one.connect(waiting_for(0.1)), b"/wait?0.1").startswith(b"HTTP/1.1 200 OK")
    assert (one.host.released_answers, one.host.answers) == (1, 202)
    one.loop.stop_accepting(drain=False)
    for client in delayed:
        assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")


def test_too_many_waiting_answers_leave_room_for_others(bench: MakeBench) -> None:
    """Three quarters of the connections may wait; then the longest waiting answer is given early."""
    one = bench(capacity=8)
    delayed = [one.connect(waiting_for(PATIENCE)) for _ in range(8)]
    one.run_until(lambda: one.host.released_answers == 2)
    for client in delayed[:2]:
        assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    assert len(one.loop.exchange.waiting) == 6


def test_a_new_connection_is_not_the_one_to_go(bench: MakeBench) -> None:
    """A client that has just connected is answered, though all others wait or read slowly."""
    one = bench(capacity=2)
    one.host.answer_size = 900_000
    for _ in range(2):
        one.connect(GET)
    one.run_until(lambda: _states(one.loop) == {State.SENDING})
    one.host.answer_size = 0
    client = one.connect()
    client.sendall(GET)
    assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")
    assert one.host.evictions == ["connections"]


def test_a_waiting_request_is_answered_anew_when_something_happens(bench: MakeBench) -> None:
    """An event on the channel makes the application answer again; other channels do not."""
    one = bench()
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.loop.notify("other news")
    one.host.has_happened.set()
    one.loop.run_once()
    assert one.host.answers == 1
    one.loop.notify("news")
    assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    assert one.host.answers == 2


def test_many_events_do_not_become_much_work(bench: MakeBench) -> None:
    """Events in quick succession make a waiting request be answered anew at most twice a second."""
    one = bench()
    one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    started = time.monotonic()
    for _ in range(200):
        one.loop.notify("news")
        one.loop.wake()
        one.loop.run_once()
    assert one.host.answers <= 2 + (time.monotonic() - started) / LEAST_INTERVAL


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions are asked as soon as something happens."""
    monkeypatch.setattr(waiting, "LEAST_INTERVAL", 0.0)


@pytest.mark.usefixtures("no_pause")
def test_an_equal_question_is_asked_once_for_all(bench: MakeBench) -> None:
    """An event makes a question be asked once for all that wait with it; only news makes them be answered."""
    one = bench()
    asked: list[Hashable] = []

    def look(question: Hashable) -> Hashable | None:
        asked.append(question)
        return "second question" if len(asked) == 1 else None

    one.host.look = look
    clients = [one.connect(waiting_for(PATIENCE)) for _ in range(20)]
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.loop.notify("news")
    one.run_until(lambda: all(_question(each) == "second question" for each in one.loop.connections))
    assert one.host.answers == 20
    one.host.has_happened.set()
    one.loop.notify("news")
    for client in clients:
        assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    assert asked == ["/wait?60.0", "second question"]
    assert one.host.answers == 40


@pytest.mark.usefixtures("no_pause")
def test_a_question_that_fails_makes_the_request_be_answered(bench: MakeBench) -> None:
    """Where nothing can be found out, the new answer says why."""
    one = bench()

    def look(question: Hashable) -> Hashable | None:
        raise OSError("the store is away")

    one.host.look = look
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.host.has_happened.set()
    one.loop.notify("news")
    assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    assert one.host.answers == 2


@pytest.mark.usefixtures("no_pause")
def test_a_request_that_was_answered_meanwhile_is_not_answered_again(bench: MakeBench) -> None:
    """What a question finds does not concern a connection that has stopped waiting."""
    one = bench()
    is_asked, may_end = threading.Event(), threading.Event()

    def look(question: Hashable) -> Hashable | None:
        is_asked.set()
        may_end.wait(PATIENCE)
        return None

    one.host.look = look
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.loop.notify("news")
    one.run_until(is_asked.is_set)
    one.loop.exchange.release(next(iter(one.loop.connections)))
    assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    later = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: len(one.loop.exchange.waiting) == 1)
    may_end.set()
    one.host.has_happened.set()
    one.loop.notify("news")  # asked for only after the first question has ended
    assert one.received(later, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
    assert one.host.answers == 3


@pytest.mark.usefixtures("no_pause")
def test_questions_that_a_turn_has_no_time_for_are_put_off(
    bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question is asked in the end, without another event, though a turn has time for one only."""
    monkeypatch.setattr(questions, "LONGEST_TURN", 0.0)
    one = bench()
    asked: list[Hashable] = []
    one.host.look = asked.append
    clients = {f"/wait?{PATIENCE + more}": one.connect(waiting_for(PATIENCE + more)) for more in (-1, -2, -3)}
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.host.has_happened.set()
    one.loop.notify("news")
    for target, client in clients.items():
        assert one.received(client, target.encode()).startswith(b"HTTP/1.1 200 OK")
    assert sorted(map(str, asked)) == sorted(clients)
    assert one.host.answers == 6


def _question(connection: Connection) -> Hashable:
    return connection.sock.wait.question if connection.sock.wait is not None else None


def test_a_client_that_is_gone_waits_no_longer(bench: MakeBench) -> None:
    """A connection that closes while its answer waits is removed at once."""
    one = bench()
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    client.close()
    one.run_until(lambda: not one.loop.connections)
    assert len(one.loop.exchange.waiting) == 0


def test_waiting_answers_are_given_when_the_server_stops(bench: MakeBench) -> None:
    """A stop does not wait for the delay, and loses no answer."""
    one = bench()
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: _states(one.loop) == {State.WAITING})
    one.loop.stop_accepting(drain=False)
    assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")


def promise(path: str = "/promise") -> bytes:
    """A request whose answer waits for a promise."""
    return GET.replace(b"/a", path.encode())


def test_an_answer_waits_for_what_is_promised(bench: MakeBench) -> None:
    """It holds no thread, and the text stands where the placeholder was; the next request is answered."""
    one = bench(threads=1)
    clients = [one.connect(promise() + GET) for _ in range(3)]
    one.run_until(lambda: len(one.host.promises) == 3)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    for number, each in enumerate(one.host.promises):
        each.value.set_result(f"text {number:3}")
    for number, client in enumerate(clients):
        first, _, second = one.received(client, b"/a").partition(f"text {number:3}".encode())
        assert (first.count(b"200 OK"), second.count(b"200 OK")) == (1, 1)
    assert one.host.released_answers == 3


def test_a_promise_that_is_kept_before_the_answer_is_made(bench: MakeBench) -> None:
    """Whoever is first: the text is there when the answer is, or comes from another thread meanwhile."""
    one = bench()
    one.host.promises = Kept("the text")
    client = one.connect(promise())
    assert one.received(client, b"the text").startswith(b"HTTP/1.1 200 OK")


class Kept(list):  # type: ignore[type-arg]
    """Keeps each promise as soon as it is made."""

    def __init__(self, text: str) -> None:
        self.text = text

    def append(self, made: Promise) -> None:
        made.value.set_result(self.text)


def test_a_request_is_answered_anew_where_a_promise_is_broken(bench: MakeBench) -> None:
    """Once, by an answer that waits for nothing; nothing of the first one is sent."""
    one = bench()
    client = one.connect(promise() + LAST)
    one.run_until(lambda: one.host.promises)
    one.host.promises[0].value.set_result(None)
    received = one.everything(client)
    assert b"?" not in received
    assert (2, 3, 1) == (received.count(b"200 OK"), one.host.answers, len(one.host.promises))


def test_a_large_request_is_answered_anew_where_a_promise_is_broken(bench: MakeBench) -> None:
    """What was set aside for its answer is given back, once."""
    one = bench(threads=2, memory=20_000_000)
    client = one.connect()
    _send_all(one, client, post(1_000_000).replace(b"POST /", b"POST /promise"))
    one.run_until(lambda: one.host.promises)
    one.host.promises[0].value.set_result(None)
    assert one.received(client, b"promise").startswith(b"HTTP/1.1 200 OK")
    one.run_until(lambda: one.loop.memory.held == 0)
    assert one.loop.memory.reserved == 0


def test_what_is_promised_is_awaited_at_the_end(bench: MakeBench) -> None:
    """An answer that waits for a promise is neither given early nor given up when the server stops."""
    one = bench()
    client = one.connect(promise())
    one.run_until(lambda: one.host.promises)
    one.loop.stop_accepting(drain=True)
    one.loop.refuse_unfinished()
    one.loop.run_once()
    assert _states(one.loop) == {State.RUNNING}
    one.host.promises[0].value.set_result("the text")
    assert one.received(client, b"the text").startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_left_before_a_promise_was_kept(bench: MakeBench) -> None:
    """Its connection is closed; the loop goes on."""
    one = bench()
    client = one.connect(promise())
    one.run_until(lambda: one.host.promises)
    client.close()
    one.host.promises[0].value.set_result("the text")
    one.run_until(lambda: not one.loop.connections)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")


def test_a_proxy_header_comes_before_the_first_request(bench: MakeBench) -> None:
    """From a load balancer it is required, read once for the connection, and handed on with each request."""
    one = bench()
    one.host.load_balancer = True
    client = one.connect(b"PROXY TCP4 203.0.113.7 192.0.2.1 4711 80\r\n" + GET)
    assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")
    (connection,) = one.loop.connections
    assert connection.sock.proxy_header is not None
    assert connection.sock.proxy_header.source == ("203.0.113.7", 4711)
    client.sendall(LAST)
    assert one.everything(client).endswith(b"/last")
    assert b"proxy_header_missing" in one.everything(one.connect(GET))


def _states(loop: Loop) -> set[State]:
    return {connection.state for connection in loop.connections}


def _descriptors(loop: Loop) -> list[int]:
    return [connection.stream.fileno() for connection in loop.connections]


def _send_all(one: Bench, client: socket.socket, data: bytes) -> None:
    """Send all of ``data`` while the loop runs."""
    left = memoryview(data)

    def is_sent() -> bool:
        nonlocal left
        with contextlib.suppress(BlockingIOError):
            left = left[client.send(left) :]
        return not left

    one.run_until(is_sent)
    held = [c for c in one.loop.connections if c.state is State.READING]
    if held:
        one.loop.run_once()
