"""Answers that the loop keeps back: for a time, until something happens, and what waiting costs others."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable

import pytest

from tests.server.loop_bench import GET, PATIENCE, MakeBench, states_of, waiting_for
from yourl.server import questions, waiting
from yourl.server.connection import Connection, State
from yourl.server.waiting import LEAST_INTERVAL


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
    one.run_until(lambda: states_of(one.loop) == {State.SENDING})
    one.host.answer_size = 0
    client = one.connect()
    client.sendall(GET)
    assert one.received(client, b"/a").startswith(b"HTTP/1.1 200 OK")
    assert one.host.evictions == ["connections"]


def test_a_waiting_request_is_answered_anew_when_something_happens(bench: MakeBench) -> None:
    """An event on the channel makes the application answer again; other channels do not."""
    one = bench()
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
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
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
    client.close()
    one.run_until(lambda: not one.loop.connections)
    assert len(one.loop.exchange.waiting) == 0


def test_waiting_answers_are_given_when_the_server_stops(bench: MakeBench) -> None:
    """A stop does not wait for the delay, and loses no answer."""
    one = bench()
    client = one.connect(waiting_for(PATIENCE))
    one.run_until(lambda: states_of(one.loop) == {State.WAITING})
    one.loop.stop_accepting(drain=False)
    assert one.received(client, b"/wait?60.0").startswith(b"HTTP/1.1 200 OK")
