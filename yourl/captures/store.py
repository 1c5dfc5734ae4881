"""What a store of captures can do, the same for all of them; and the store that keeps nothing.

A store is shared by threads. It may be made before a fork and is used after it: connections are opened by the
process that uses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from yourl.captures.errors import StoreUnavailable
from yourl.captures.model import Capture, InboxSummary, Page, Query
from yourl.captures.rules import InboxRules
from yourl.promise import Promise, RunSoon


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How long a store may take, in seconds."""

    call: float = 0.18
    """One call over the network, connecting included; then the store is taken for away."""
    lock: float = 1.0
    """Waiting for a transaction of another process."""
    search: float = 0.4
    """One search; its page then says that it is not complete."""


USUAL_TIME_LIMITS = TimeLimits()


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """``state`` is ``ok``, ``full`` (the disk), ``away`` or ``off``; ``reason`` a sentence, empty when ok.

    ``evicted`` made room for newer captures; ``lost`` could not be kept, counted since this process began.
    """

    state: str
    reason: str = ""
    count: int = 0
    size: int = 0
    evicted: int = 0
    lost: int = 0


class Watcher(Protocol):
    """Tells a selector that something was stored, by this or another process.

    ``arm``, then compare ``last_ids`` with what has been seen: whatever is stored later makes ``fileno``
    readable. A wake-up can be lost when a process is killed, so a loop should look once in a few seconds too.
    """

    def fileno(self) -> int:
        """A file descriptor for a selector; stays the same."""

    def arm(self) -> None:
        """Forget the wake-ups so far. Never blocks."""

    def close(self) -> None:
        """Stop watching."""


class CaptureStore(Protocol):
    """A bounded store of captures. ``put`` never raises; the others may raise ``StoreUnavailable``."""

    @property
    def name(self) -> str:
        """``sqlite``, ``redis`` or ``off``."""

    def put(self, capture: Capture) -> str | None:
        """Store a capture; its id once no killed process can lose it any more, None where it is not kept."""

    def put_soon(self, capture: Capture, run_soon: RunSoon) -> Promise | None:
        """Promise to store a capture with those that follow it at once, which costs each of them less.

        The promise is kept with the id once no killed process can lose the capture any more, or with None
        where it is not kept. None where the store has nothing to gain from it: then it is to be ``put``.

        :param run_soon: what the store has called to keep it
        """

    def get(self, capture_id: str) -> Capture | None:
        """The capture, or None where there is none (any more)."""

    def find(self, query: Query) -> Page:
        """One page of what a query asks for. Bounded in time; see ``Page.is_complete``."""

    def delete(self, capture_id: str) -> bool:
        """Delete one capture; whether it was there."""

    def clear(self, inbox: str = "") -> int:
        """Delete all captures of an inbox, or all there are; how many."""

    def inboxes(self) -> tuple[InboxSummary, ...]:
        """Every inbox that holds a capture, by name."""

    def last_ids(self) -> Mapping[str, str]:
        """Inbox -> id of its newest capture."""

    def rules_of(self, inbox: str) -> InboxRules:
        """How an inbox answers and verifies; the default where nothing was set or nothing can be asked."""

    def change_rules(self, inbox: str, rules: InboxRules) -> None:
        """Replace the rules of an inbox, and start its sequence of answers anew. The default removes them.

        :raises TooManyInboxRules: where ``Bounds.inboxes`` others have rules
        """

    def take_turn(self, inbox: str) -> int:
        """How many requests have taken a turn in the inbox's sequence of answers before; and take one."""

    def count_event(self, key: str, seconds: float) -> int:
        """Count an event; how many there were under this key since its first within ``seconds``."""

    def events(self, key: str) -> int:
        """How many events are counted under this key at present."""

    def end_session(self, session_id: str, expires: int) -> None:
        """Remember that a session has ended, until it would have expired (seconds since 1970).

        With more than ``MOST_ENDED_SESSIONS``, all have ended that expire no later than the last of them.
        """

    def session_has_ended(self, session_id: str, expires: int) -> bool:
        """Whether a session was ended before it expires."""

    def status(self) -> StoreStatus:
        """How the store is; never raises."""

    def watch(self) -> Watcher:
        """A new watcher for the calling process."""

    def close(self) -> None:
        """Close what this process has opened."""


class NoStore:
    """Keeps nothing, and says why."""

    name = "off"

    def __init__(self, reason: str = "YOURL_STORE is off.") -> None:
        self.reason = reason

    def put(self, capture: Capture) -> str | None:
        """Keep nothing."""
        return None

    def put_soon(self, capture: Capture, run_soon: RunSoon) -> Promise | None:
        """Promise nothing."""
        return None

    def get(self, capture_id: str) -> Capture | None:
        """There is none."""
        return None

    def find(self, query: Query) -> Page:
        """An empty page."""
        return Page(next=None if query.newest_first else query.after)

    def delete(self, capture_id: str) -> bool:
        """There is none."""
        return False

    def clear(self, inbox: str = "") -> int:
        """There are none."""
        return 0

    def inboxes(self) -> tuple[InboxSummary, ...]:
        """There are none."""
        return ()

    def last_ids(self) -> Mapping[str, str]:
        """There are none."""
        return {}

    def rules_of(self, inbox: str) -> InboxRules:
        """The default."""
        return InboxRules()

    def change_rules(self, inbox: str, rules: InboxRules) -> None:
        """Nothing can be set.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def take_turn(self, inbox: str) -> int:
        """There is no sequence."""
        return 0

    def count_event(self, key: str, seconds: float) -> int:
        """There is nowhere to count; see ``yourl.captures.access.Limiter`` for what it does then.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def events(self, key: str) -> int:
        """See ``count_event``.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def end_session(self, session_id: str, expires: int) -> None:
        """There is nowhere to remember it; see ``yourl.captures.ended_sessions``.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def session_has_ended(self, session_id: str, expires: int) -> bool:
        """See ``end_session``.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def status(self) -> StoreStatus:
        """Off, and why."""
        return StoreStatus("off", self.reason)

    def watch(self) -> Watcher:
        """Nothing will ever be stored.

        :raises StoreUnavailable: always
        """
        raise StoreUnavailable(self.reason)

    def close(self) -> None:
        """Nothing is open."""
