"""The loop on socket pairs: states, deadlines, memory, eviction; no Gunicorn."""

from __future__ import annotations

import contextlib
import socket

import pytest

from tests.server.loop_bench import GET, LAST, PATIENCE, MakeBench, post, send_all, states_of
from yourl.server import loop
from yourl.server.connection import State
from yourl.server.loop import Loop


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
    one.run_until(lambda: states_of(one.loop) == {State.SENDING})
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
        send_all(one, client, post(1_000_000)[:-1])
        parked.append(client)
        for connection in one.loop.connections:
            connection.recent_bytes_at -= 10.0  # as if seconds had passed
        send_all(one, honest, b"x" * 100_000)
    assert one.host.evictions
    send_all(one, honest, b"x" * (1_000_000 - 1000 - 600_000))
    assert one.received(honest, b"/.").startswith(b"HTTP/1.1 200 OK")
    assert {code for code, _ in one.host.refusals} == {"overloaded"}
    assert any(b"503 Service Unavailable" in one.everything(client) for client in parked[:1])


def test_large_bodies_are_answered_as_memory_allows(bench: MakeBench) -> None:
    """Each request with a large body reserves what answering it may take; small ones go ahead."""
    one = bench(threads=4, memory=20_000_000)
    one.host.may_answer.clear()
    large = [one.connect() for _ in range(4)]
    for client in large:
        send_all(one, client, post(1_000_000))
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


def _descriptors(loop: Loop) -> list[int]:
    return [connection.stream.fileno() for connection in loop.connections]
