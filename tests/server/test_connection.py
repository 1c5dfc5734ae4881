"""A connection's states follow one another as the table says, and a stalled one scores highest."""

from __future__ import annotations

import itertools
import math
import socket
from collections.abc import Iterator

import pytest

from yourl.http1.limits import Limits
from yourl.server.buffered_socket import AnswerTooLarge, BufferedSocket
from yourl.server.connection import TRANSITIONS, Connection, IllegalTransition, State


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection; ours does not block."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(("present", "following"), list(itertools.product(State, State)))
def test_transitions(pair: tuple[socket.socket, socket.socket], present: State, following: State) -> None:
    """A state that may not follow is an error, not an accident."""
    connection = Connection(pair[0], ("192.0.2.1", 1), Limits(), 0.0)
    connection.state = present
    if following in TRANSITIONS[present]:
        connection.enter(following, 1.0, math.inf)
        assert (connection.state, connection.since) == (following, 1.0)
    else:
        with pytest.raises(IllegalTransition):
            connection.enter(following, 1.0, math.inf)


def test_every_state_but_the_last_can_be_left() -> None:
    """No connection can get stuck: from each state the closed one can be reached."""
    for state in State:
        assert (State.CLOSED in TRANSITIONS[state]) == (state is not State.CLOSED)


def test_the_stalled_and_the_large_score_highest(pair: tuple[socket.socket, socket.socket]) -> None:
    """Much memory held for little progress counts more than size, age or progress long ago."""
    connections = [Connection(pair[0], ("192.0.2.1", 1), Limits(), 0.0) for _ in range(4)]
    stalled, small_and_stalled, arriving, slow = connections
    for connection, held, progress, at in (
        (stalled, 1_000_000, 1_000_000, 1.0),
        (small_and_stalled, 1000, 1000, 1.0),
        (arriving, 1_000_000, 500_000, 20.0),
        (slow, 500_000, 20_000, 20.0),
    ):
        connection.held = held
        connection.note_progress(progress, at)
    ranked = sorted(connections, key=lambda c: c.stall_score(21.0), reverse=True)
    assert ranked == [stalled, small_and_stalled, slow, arriving]


def test_what_the_client_does_not_take_is_kept(pair: tuple[socket.socket, socket.socket]) -> None:
    """Writing never waits: the rest stays, up to the limit."""
    ours, theirs = pair
    buffered = BufferedSocket(ours, 10_000_000)
    buffered.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    buffered.sendall(b"x" * 5_000_000)
    assert 0 < len(buffered.unsent) < 5_000_000
    buffered.sendall(b"x" * 5_000_000)
    with pytest.raises(AnswerTooLarge):
        buffered.sendall(b"x" * 5_000_000)
    assert theirs.recv(15) == b"HTTP/1.1 200 OK"
