"""Finds out which waiting requests are to be answered anew. Knows nothing of what the questions mean.

After an event every question is asked once, on one thread, for all requests that wait with an equal one: a
request that is not concerned costs a share of a query, not an answer.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Any

from yourl.context import Wait
from yourl.server.connection import Connection, State
from yourl.server.waiting import WaitingAnswers

PAUSE_FACTOR = 9
"""Pause after the questions, as a multiple of the time that they took: they get at most a tenth of it all."""

Group = list[tuple[Connection, Wait]]
"""Connections that wait with equal questions."""


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
        for connection in self._waiting.take_due(now):
            wait = connection.sock.wait
            if wait is None or wait.look is None:
                self._answer_anew(connection)
            else:
                groups.setdefault(wait.question, []).append((connection, wait))
        if groups:
            self._is_asking = True
            self._run(self._ask_all, list(groups.values()))

    def _ask_all(self, groups: list[Group]) -> None:
        """On a thread: ask each question once."""
        began = time.monotonic()
        try:
            for group in groups:
                self._call_soon(self._take, group, self._asked(group[0][1]))
        finally:
            self._call_soon(self._end, began)

    def _asked(self, wait: Wait) -> Any:
        try:
            return None if wait.look is None else wait.look(wait.question)
        except Exception as error:
            self._log.debug("A waiting request is answered anew: %s", error)
            return None  # the new answer says what failed

    def _take(self, group: Group, question: Hashable | None) -> None:
        """Go on with connections that still wait: answer them anew, or have the next question asked later."""
        for connection, wait in group:
            if connection.state is not State.WAITING or connection.sock.wait is not wait:
                continue
            if question is None:
                self._answer_anew(connection)
            else:
                connection.sock.wait = replace(wait, question=question)

    def _end(self, began: float) -> None:
        now = time.monotonic()
        self._is_asking = False
        self._pause_ends = now + (now - began) * PAUSE_FACTOR
