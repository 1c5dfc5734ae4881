"""New connections are shared among workers, and none waits for a worker that does not come."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.server.loop_bench import PATIENCE, RecordingHost, waiting_for
from yourl.http1.limits import Limits
from yourl.server.acceptor import YIELD
from yourl.server.balance import GIVING_PAUSE, SLACK, SLOTS, Balance, Share
from yourl.server.loop import Loop
from yourl.server.threads import Threads


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listening socket."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def clients_of(listener: socket.socket, count: int) -> list[socket.socket]:
    """So many connections, which the kernel has queued."""
    return [socket.create_connection(listener.getsockname(), PATIENCE) for _ in range(count)]


def test_the_worker_with_the_fewest_takes_the_next() -> None:
    """A worker may get a few connections ahead of the one with the fewest, no more."""
    balance = Balance()
    one, two = balance.share_of(0), balance.share_of(1)
    one.report(2 + SLACK)
    two.report(2)
    assert (True, False, True) == (one.may_take(1 + SLACK), one.may_take(2 + SLACK), two.may_take(2))


def test_a_worker_alone_takes_all() -> None:
    """Without others, and in a process that has no master of ours, every connection is taken."""
    share = Balance().share_of(0)
    share.report(1000)
    assert (True, True) == (share.may_take(1000), Share().may_take(1000))


@pytest.mark.parametrize("ending", ["left", "killed"])
def test_a_worker_that_is_gone_does_not_count(ending: str) -> None:
    """What a worker had when it stopped accepting, or was killed, holds up no other."""
    balance = Balance()
    one, two = balance.share_of(0), balance.share_of(1)
    one.report(50)
    two.report(0)
    if ending == "left":
        two.leave()
        two.report(0)  # it still closes its connections
    else:
        balance.clear(1)
    assert one.may_take(50)


def test_more_connections_than_a_counter_holds() -> None:
    """A worker with more connections than a counter can say counts as one with that many."""
    balance = Balance()
    one, two = balance.share_of(0), balance.share_of(1)
    one.report(1_000_000)
    two.report(100)
    assert (False, True) == (one.may_take(1_000_000), two.may_take(100))


def test_workers_beyond_the_slots_take_what_they_get() -> None:
    """A worker without a slot takes every connection and writes nowhere."""
    balance = Balance()
    share = balance.share_of(SLOTS)
    share.report(7)
    assert (True, True) == (share.may_take(7), balance.share_of(0).may_take(500))


def test_a_worker_far_ahead_gives_away_what_it_may_not_take_again() -> None:
    """One connection at a time; a worker alone, or hardly ahead, gives none."""
    balance = Balance()
    one, two = balance.share_of(0), balance.share_of(1)
    one.report(9 + SLACK)
    assert not one.gives_away(0.0)
    two.report(8)
    pause = 1.01 * GIVING_PAUSE
    assert [True, False, True] == [one.gives_away(pause * turn) for turn in (1, 1.5, 2)]
    assert not two.gives_away(pause)
    one.report(8 + SLACK)
    assert (False, True) == (one.gives_away(pause * 3), not one.may_take(8 + SLACK))
    assert not Share().gives_away(pause * 4)


@pytest.fixture
def host() -> RecordingHost:
    """What the loop asks."""
    return RecordingHost()


@pytest.fixture
def loop(listener: socket.socket, host: RecordingHost) -> Iterator[Loop]:
    """The loop of a worker that accepts beside another one, which has no connection."""
    balance = Balance()
    balance.share_of(1).report(0)
    threads = Threads(1)
    made = Loop(host, [listener], Limits(), 10 * SLACK, threads, balance.share_of(0))
    made.start_accepting()
    yield made
    host.may_answer.set()
    made.end()
    threads.shutdown(timeout=PATIENCE)


def run_until(loop: Loop, condition: Callable[[], bool]) -> None:
    """Run the loop until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        loop.run_once()


def test_a_connection_is_left_to_the_worker_with_the_fewest(listener: socket.socket, loop: Loop) -> None:
    """A loop that is ahead does not take a connection at once, and not at all when the other takes it."""
    clients = clients_of(listener, SLACK)
    run_until(loop, lambda: len(loop.connections) == SLACK)
    clients += clients_of(listener, 1)
    run_until(loop, lambda: loop._acceptor.is_yielding)
    taken_by_the_other, _ = listener.accept()
    run_until(loop, lambda: not loop._acceptor.is_yielding)
    assert len(loop.connections) == SLACK
    for each in (*clients, taken_by_the_other):
        each.close()


def test_a_loop_that_stops_while_it_yields(
    listener: socket.socket, loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that was left to others is not asked for after the listening socket was closed."""
    clients = clients_of(listener, SLACK + 1)
    run_until(loop, lambda: len(loop.connections) == SLACK and loop._acceptor.is_yielding)
    loop.stop_accepting(drain=False)
    time_is_up = time.monotonic() + 2 * YIELD
    run_until(loop, lambda: time.monotonic() > time_is_up)
    assert [] == caplog.records
    for each in clients:
        each.close()


def test_answers_that_wait_do_not_count(listener: socket.socket, loop: Loop, host: RecordingHost) -> None:
    """A worker that keeps many answers back takes new connections as if it had none."""
    host.may_answer.set()
    clients = clients_of(listener, 2 * SLACK)
    for client in clients:
        client.sendall(waiting_for(PATIENCE))
    run_until(loop, lambda: len(loop.exchange.waiting) == 2 * SLACK)
    assert loop._may_take()
    for each in clients:
        each.close()


def test_no_connection_waits_for_a_worker_that_does_not_come(listener: socket.socket, loop: Loop) -> None:
    """A loop that is ahead takes every connection in the end, one after the other."""
    clients = clients_of(listener, 2 * SLACK)
    run_until(loop, lambda: len(loop.connections) == 2 * SLACK)
    for each in clients:
        each.close()
