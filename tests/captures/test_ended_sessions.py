"""Ended sessions: known to all processes, and told to the store later where it was away."""

from __future__ import annotations

from tests.captures.conftest import StoreMaker
from yourl.captures.access import Session
from yourl.captures.bounds import MOST_ENDED_SESSIONS
from yourl.captures.ended_sessions import EndedSessions
from yourl.captures.errors import StoreUnavailable
from yourl.captures.store import NoStore

SESSION = Session("one", 4_000_000_000)
OTHER = Session("other", 4_000_000_000)


class Leaving(NoStore):
    """A store that can be away."""

    def __init__(self) -> None:
        self.is_away = False
        self.ended: set[str] = set()
        self.asked = 0

    def end_session(self, session_id: str, expires: int) -> None:
        """Remember it."""
        self._ask()
        self.ended.add(session_id)

    def session_has_ended(self, session_id: str, expires: int) -> bool:
        """Whether it is remembered."""
        self._ask()
        return session_id in self.ended

    def _ask(self) -> None:
        self.asked += 1
        if self.is_away:
            raise StoreUnavailable("Away.")


def test_every_process_knows(make_store: StoreMaker) -> None:
    """What one process has ended, another refuses."""
    one, two = EndedSessions(make_store()), EndedSessions(make_store())
    assert not two.includes(SESSION)
    one.end(SESSION)
    assert [True, True, False] == [one.includes(SESSION), two.includes(SESSION), two.includes(OTHER)]


def test_a_store_that_was_away_is_told_later() -> None:
    """While it is away this process refuses the session; when it is back, all do."""
    store = Leaving()
    one, two = EndedSessions(store), EndedSessions(store)
    store.is_away = True
    one.end(SESSION)
    assert [True, False] == [one.includes(SESSION), two.includes(SESSION)]
    store.is_away = False
    assert not one.includes(OTHER)
    assert [True, True] == [one.includes(SESSION), two.includes(SESSION)]


def test_one_question_a_request() -> None:
    """A request asks the store once, and while there is something to tell, twice."""
    store = Leaving()
    ended = EndedSessions(store)
    ended.includes(SESSION)
    assert 1 == store.asked
    store.is_away = True
    for number in range(5):
        ended.end(Session(str(number), 4_000_000_000))
    store.asked = 0
    ended.includes(SESSION)
    assert 2 == store.asked


def test_what_is_not_told_is_bounded() -> None:
    """A store that stays away makes no process grow: the oldest are forgotten."""
    ended = EndedSessions(NoStore())
    sessions = [Session(str(number), 4_000_000_000) for number in range(MOST_ENDED_SESSIONS + 1)]
    for session in sessions:
        ended.end(session)
    assert [False, True, True] == [ended.includes(sessions[at]) for at in (0, 1, -1)]
