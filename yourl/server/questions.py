"""Finds out which waiting requests are to be answered anew. Knows nothing of what the questions mean.

After an event every question is asked once, on one thread, for all requests that wait with an equal one: a
request that is not concerned costs a share of a query, not an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

from yourl.context import Wait
from yourl.server.connection import Connection, State
from yourl.server.waiting import WaitingAnswers

LONGEST_TURN = 0.1
"""Seconds after which the questions that are left are put off: expensive ones must not hold up others."""
PAUSE_FACTOR = 9
"""Pause after a turn, as a multiple of its time: the questions get a tenth of a thread's time."""
LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Asker:
    """A connection that was due, with its wait at that moment, and when it was looked at before."""

    connection: Connection
    wait: Wait
    looked_at: float

    @property
    def still_waits(self) -> bool:
        """Whether the connection has not been answered or closed since."""
        return self.connection.state is State.WAITING and self.connection.sock.wait is self.wait


Group = list[Asker]
"""All that wait with equal questions."""


class Questions:
    """The questions of one loop. All methods but ``_ask_all`` belong to the loop's thread.

    :param run: runs a function on a thread
    :param call_soon: has the loop call a function; from any thread
    :param answer_anew: has the application answer the request of a waiting connection again
    """

    def __init__(
        self,
        waiting: WaitingAnswers,
        *,
        run: Callable[..., None],
        call_soon: Callable[..., None],
        answer_anew: Callable[[Connection], None],
        log: logging.Logger,
    ) -> None:
        self._waiting = waiting
        self._run = run
        self._call_soon = call_soon
        self._answer_anew = answer_anew
        self._log = log
        self._is_asking = False
        self._pause_ends = 0.0

    def ask_due(self, now: float) -> None:
        """Ask for the connections for which something has happened; ``now`` is monotonic."""
        if self._is_asking or now < self._pause_ends:
            return  # they stay due
        groups: dict[Hashable, Group] = {}
        for connection, looked_at in self._waiting.take_due(now).items():
            wait = connection.sock.wait
            if wait is None or wait.look is None:
                self._answer_anew(connection)
            else:
                groups.setdefault(wait.question, []).append(Asker(connection, wait, looked_at))
        if groups:
            self._is_asking = True
            # First what most clients wait for; but each turn that a question is put off moves it forward.
            ordered = sorted(groups.values(), key=lambda group: sum(each.looked_at - now for each in group))
            self._run(self._ask_all, ordered)

    def _ask_all(self, groups: list[Group]) -> None:
        """On a thread: ask each question once, as many as one turn allows."""
        began = time.monotonic()
        try:
            for number, group in enumerate(groups):
                if number and time.monotonic() - began >= LONGEST_TURN:
                    self._call_soon(self._put_off, group)
                elif any(each.still_waits for each in group):
                    self._call_soon(self._take, group, self._asked(group[0].wait))
        finally:
            self._call_soon(self._end, time.monotonic() - began)

    def _asked(self, wait: Wait) -> Any:
        try:
            return None if wait.look is None else wait.look(wait.question)
        except Exception as error:
            self._log.debug("A waiting request is answered anew: %s", error)
            return None  # the new answer says what failed

    def _take(self, group: Group, question: Hashable | None) -> None:
        """Go on with connections that still wait: answer them anew, or have the next question asked later."""
        for each in group:
            if not each.still_waits:
                continue
            if question is None:
                self._answer_anew(each.connection)
            else:
                each.connection.sock.wait = replace(each.wait, question=question)

    def _put_off(self, group: Group) -> None:
        for each in group:
            if each.still_waits:
                self._waiting.put_off(each.connection, each.looked_at)

    def _end(self, seconds: float) -> None:
        self._is_asking = False
        self._pause_ends = time.monotonic() + min(seconds * PAUSE_FACTOR, LONGEST_PAUSE)
