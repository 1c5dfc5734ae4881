"""Answers that come later: kept back by the server's loop where there is one, else in the thread, bounded.

Without our loop (another worker class, Flask's own server) a thread has to wait. Then few wait at a time and
none for long, so that the other threads go on answering; what cannot wait is answered at once.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from yourl.answers import Answer
from yourl.captures.documents import document_of, summary_document
from yourl.captures.errors import BadFilter
from yourl.captures.model import Capture, Query
from yourl.captures.queries import parse_query
from yourl.captures.store import CaptureStore
from yourl.context import MAX_WAIT, Wait
from yourl.views import context, json_response, services
from yourl.views.headers import no_content
from yourl.views.live.asking import parameters
from yourl.views.route import Route
from yourl.views.sessions import refuse_without_access

LONGEST_SLEEP = 10.0
"""Seconds that a thread waits at the most."""
MOST_SLEEPERS = 4
"""Threads of one process that wait at a time."""
USUAL_TIMEOUT = 30.0
_LOOK_EVERY = 0.5
_SECONDS = re.compile(r"[0-9]{1,3}(\.[0-9]{1,20})?([eE]-?[0-9]{1,2})?")

_may_sleep = threading.BoundedSemaphore(MOST_SLEEPERS)


def delay_answer(seconds: float) -> None:
    """Have the answer to this request given after so many seconds."""
    if seconds <= 0:
        return
    if context().can_wait:
        context().wait = Wait(seconds)
    elif _may_sleep.acquire(blocking=False):
        try:
            time.sleep(min(seconds, LONGEST_SLEEP))
        finally:
            _may_sleep.release()


def wait_for_request() -> Answer:
    """The request that is waited for, once it is there; 204 when it has not come in time.

    ``inbox``, ``match`` (words) and the filters of a listing say which. With ``after`` (an id) it is the
    oldest that is newer than that one, without it the newest that is kept. ``timeout`` is in seconds.
    """
    return refuse_without_access() or _found_or_wait(*_asked())


def _asked() -> tuple[Query, float]:
    """What is waited for, and for how many seconds.

    :raises BadFilter: naming each parameter with a bad value
    """
    given = parameters()
    faults = []
    text = given.get("timeout") or f"{USUAL_TIMEOUT:g}"
    if not _SECONDS.fullmatch(text) or float(text) > MAX_WAIT:
        faults.append(f"timeout must be a number of seconds from 0 to {MAX_WAIT:g}.")
    try:
        query = parse_query(_renamed(given), newest_first=not given.get("after"))
    except BadFilter as error:
        raise BadFilter([*error.faults, *faults]) from error
    if faults:
        raise BadFilter(faults)
    return query, float(text)


def _renamed(given: Mapping[str, str]) -> dict[str, str]:
    return {**given, "q": given.get("match", ""), "limit": "1"}


def _found_or_wait(query: Query, timeout: float) -> Answer:
    can_wait = context().can_wait and timeout > 0
    seen = _newest_id(query) if can_wait else ""  # before looking: what is stored meanwhile is newer
    found = _first(query)
    if found is None and can_wait:
        question = replace(query, after=seen, newest_first=False)
        look = partial(_question_after, services().store)
        context().wait = Wait(timeout, (f"inbox:{query.inbox or '*'}",), question, look)
    elif found is None and timeout > 0:
        found = _slept_for(query, min(timeout, LONGEST_SLEEP))
    if found is None:
        return no_content()
    return json_response({**summary_document(found.summary), **document_of(found)})


def _newest_id(query: Query) -> str:
    """The id after which requests are yet to be looked at, once ``query`` has found none."""
    if query.after:
        return query.after
    last_ids = services().store.last_ids()
    return last_ids.get(query.inbox, "") if query.inbox else max(last_ids.values(), default="")


def _question_after(store: CaptureStore, query: Query) -> Query | None:
    """None where the store has what is waited for, else the query for what is stored from now on."""
    page = store.find(query)
    return None if page.requests else replace(query, after=page.next or query.after)


def _slept_for(query: Query, seconds: float) -> Capture | None:
    """Look again and again, in a thread."""
    if not _may_sleep.acquire(blocking=False):
        return None
    try:
        until = time.monotonic() + seconds
        found = None
        while found is None and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
            found = _first(query)
        return found
    finally:
        _may_sleep.release()


def _first(query: Query) -> Capture | None:
    for summary in services().store.find(query).requests:
        found = services().store.get(summary.id)
        if found is not None:
            return found
    return None


ROUTES = (Route("/live/wait", wait_for_request),)
