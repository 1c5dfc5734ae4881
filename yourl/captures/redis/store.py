"""The store in Redis 6 or newer, Valkey, or a cluster of either. Instances on any machine share it.

What Redis keeps is in its memory: how much of it outlives Redis itself is its own setting. Contents expire
after ``RETENTION``, so that what a killed process left without an index entry does not stay.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from typing import Any

from yourl.captures.bounds import MOST_ENDED_SESSIONS, Bounds
from yourl.captures.codec import pack_document, pack_head, pack_summary, unpack, unpack_summary
from yourl.captures.errors import StoreUnavailable, TooManyInboxRules
from yourl.captures.ids import MAX_TAIL, is_id, make_id, new_tail, sequence_of, tail_of
from yourl.captures.model import Capture, InboxSummary, Page, Query
from yourl.captures.redis import reading, scripts
from yourl.captures.redis.nodes import Nodes
from yourl.captures.redis.scripts import INDEX, content_key
from yourl.captures.redis.watching import RedisWatcher
from yourl.captures.rules import InboxRules, pack_rules, unpack_rules
from yourl.captures.store import USUAL_TIME_LIMITS, StoreStatus, TimeLimits
from yourl.promise import Promise, RunSoon

RETENTION = 30 * 24 * 3600
"""Seconds."""
OVERHEAD = 700
"""Bytes that Redis needs for the index entries of a capture."""
STEPS = 128
"""Captures that make room for one, at most."""
BATCH = 500
_FEED = f"{INDEX}feed"
# Connections of the process before a fork: not this one's to use or to close.
_inherited: list[object] = []


class RedisStore:
    """Captures in the Redis at ``url``. Connects when first used.

    :param report: takes one sentence for the log
    :raises StoreUnavailable: where the URL cannot be used
    """

    name = "redis"

    def __init__(
        self,
        url: str,
        bounds: Bounds | None = None,
        *,
        report: Callable[[str], None] = lambda sentence: None,
        time_limits: TimeLimits = USUAL_TIME_LIMITS,
    ) -> None:
        self.bounds = bounds or Bounds()
        self._time_limits = time_limits
        self._all_nodes = Nodes(url, report, time_limits.call)
        self._pid = os.getpid()
        self._lost = 0
        self._refused = ""
        self._counting = threading.Lock()
        self._rules: dict[str, InboxRules] = {}

    @property
    def _nodes(self) -> Nodes:
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._counting = threading.Lock()
            _inherited.append(self._all_nodes.reset())
        return self._all_nodes

    def put(self, capture: Capture) -> str | None:
        """Store a capture; its id once Redis has it, None where that failed."""
        try:
            capture_id = self._put(capture)
        except StoreUnavailable as error:
            with self._counting:
                self._lost += 1
            self._refused = "" if self._nodes.reason else str(error)
            return None
        self._refused = ""
        return capture_id

    def put_soon(self, capture: Capture, run_soon: RunSoon) -> Promise | None:
        """Promise nothing: Redis serves one command after the other anyway."""
        return None

    def _put(self, capture: Capture) -> str:
        known, bounds = capture.summary, self.bounds
        summary, tail = pack_summary(known), new_tail()
        device = known.device_type
        content = reading.pack_content(pack_head(capture), pack_document(capture), capture.body)
        # The content first: an index entry must never lead to nothing.
        key = content_key(known.inbox, tail)
        until = self._nodes.deadline()
        self._nodes.command(key, "SET", key, content, "EX", RETENTION, until=until)
        seq, gone = self._nodes.script(
            _FEED, scripts.PUT,
            *(known.inbox, f"{tail:016x}", len(content) + len(summary) + OVERHEAD, device, summary),
            *(scripts.CHANNEL, bounds.count, bounds.size, bounds.inbox_count, bounds.inbox_size),
            *(bounds.inboxes, STEPS, RETENTION * 1_000_000),
            until=until,
        )  # fmt: skip
        self._unlink(gone)
        return make_id(int(seq), tail)

    def _unlink(self, gone: list[bytes]) -> None:
        """Delete contents; what cannot be deleted now expires."""
        by_inbox: dict[str, list[str]] = {}
        for entry in gone:
            inbox, _, tail = entry.decode().rpartition(" ")
            by_inbox.setdefault(inbox, []).append(content_key(inbox, int(tail, 16)))
        for keys in by_inbox.values():
            try:
                self._nodes.command(keys[0], "UNLINK", *keys)
            except StoreUnavailable:
                return

    def get(self, capture_id: str) -> Capture | None:
        """The capture, or None."""
        if not is_id(capture_id):
            return None
        seq, tail = sequence_of(capture_id), tail_of(capture_id)
        rows = self._nodes.script(_FEED, scripts.PAGE, "", seq, seq, 1, "oldest")
        if not rows or int(rows[0][1], 16) != tail:
            return None
        summary = unpack_summary(rows[0][2], capture_id)
        key = content_key(summary.inbox, tail)
        content = self._nodes.command(key, "GET", key)
        return None if content is None else unpack(summary, *reading.unpack_content(content))

    def find(self, query: Query) -> Page:
        """One page of what a query asks for."""
        return reading.find(self._nodes, query, self._time_limits.search)

    def delete(self, capture_id: str) -> bool:
        """Delete one capture."""
        if self.get(capture_id) is None:
            return False
        return self._delete([sequence_of(capture_id)]) == 1

    def _delete(self, sequences: list[int]) -> int:
        gone = self._nodes.script(_FEED, scripts.DELETE, *sequences)
        self._unlink(gone)
        return len(gone)

    def clear(self, inbox: str = "") -> int:
        """Delete the captures of an inbox or of all that are there now, in steps."""
        deleted = 0
        query = Query(inbox=inbox, limit=BATCH)
        while page := self.find(query).requests:
            deleted += self._delete([sequence_of(summary.id) for summary in page])
            query = Query(inbox=inbox, limit=BATCH, before=page[-1].id)
        return deleted

    def inboxes(self) -> tuple[InboxSummary, ...]:
        """Every inbox that holds a capture."""
        counts = _numbers(self._index("ZRANGE", "counts", 0, -1, "WITHSCORES"))
        sizes = _numbers(self._index("ZRANGE", "sizes", 0, -1, "WITHSCORES"))
        evicted = _numbers(self._index("HGETALL", "evicted"))
        devices: dict[str, dict[str, int]] = {}
        for name, count in _numbers(self._index("HGETALL", "devices")).items():
            inbox, _, device = name.partition(" ")
            devices.setdefault(inbox, {})[device] = count
        last_ids = self.last_ids()
        return tuple(
            InboxSummary(
                name,
                count,
                sizes.get(name, 0),
                last_ids.get(name, ""),
                evicted.get(name, 0),
                devices.get(name, {}),
            )
            for name, count in sorted(counts.items())
        )

    def last_ids(self) -> Mapping[str, str]:
        """Inbox -> an id at or after that of its newest capture, and before any later one."""
        lasts = _numbers(self._index("ZRANGE", "lasts", 0, -1, "WITHSCORES"))
        return {name: make_id(last, MAX_TAIL) for name, last in lasts.items()}

    def _index(self, command: str, name: str, *words: Any) -> Any:
        return self._nodes.command(_FEED, command, f"{INDEX}{name}", *words)

    def rules_of(self, inbox: str) -> InboxRules:
        """The inbox's rules; while Redis is away those that were read last."""
        try:
            packed = self._index("HGET", "rules", inbox)
        except StoreUnavailable:
            return self._rules.get(inbox, InboxRules())
        rules = unpack_rules(packed.decode()) if packed else InboxRules()
        if len(self._rules) >= 256:
            self._rules.clear()
        self._rules[inbox] = rules
        return rules

    def change_rules(self, inbox: str, rules: InboxRules) -> None:
        """Replace the rules, and start the sequence of answers anew."""
        if rules == InboxRules():
            self._nodes.script(_FEED, scripts.REMOVE_RULES, inbox)
        elif not self._nodes.script(
            _FEED, scripts.CHANGE_RULES, inbox, pack_rules(rules), self.bounds.inboxes
        ):
            raise TooManyInboxRules(self.bounds.inboxes)

    def take_turn(self, inbox: str) -> int:
        """How many turns were taken before."""
        return int(self._index("HINCRBY", "turns", inbox, 1)) - 1

    def count_event(self, key: str, seconds: float) -> int:
        """Count an event of the period that its first began."""
        return int(
            self._nodes.script(f"{INDEX}event:{key}", scripts.COUNT_EVENT, max(1, int(seconds * 1000)))
        )

    def events(self, key: str) -> int:
        """How many events of the present period were counted."""
        return int(self._index("GET", f"event:{key}") or 0)

    def end_session(self, session_id: str, expires: int) -> None:
        """Remember that a session has ended."""
        self._nodes.script(_FEED, scripts.END_SESSION, session_id, expires, MOST_ENDED_SESSIONS)

    def session_has_ended(self, session_id: str, expires: int) -> bool:
        """Whether a session was ended."""
        return bool(self._nodes.script(_FEED, scripts.SESSION_HAS_ENDED, session_id, expires))

    def status(self) -> StoreStatus:
        """How the store is."""
        count = size = evicted = 0
        try:
            values = self._index("HMGET", "total", "count", "size", "evicted")
            count, size, evicted = (int(value or 0) for value in values)
        except StoreUnavailable as error:
            return StoreStatus("away", str(error), lost=self._lost)
        state = "full" if self._refused else "ok"
        return StoreStatus(state, self._refused, count, size, evicted, self._lost)

    def watch(self) -> RedisWatcher:
        """A watcher that every instance that stores to this Redis wakes."""
        return RedisWatcher(self._nodes)

    def close(self) -> None:
        """Close the connections of this process."""
        if self._pid == os.getpid():
            self._all_nodes.close()


def _numbers(answer: list[bytes]) -> dict[str, int]:
    """Name -> number, from a hash or a sorted set."""
    pairs = zip(answer[::2], answer[1::2], strict=True)
    return {name.decode(): int(float(value)) for name, value in pairs}
