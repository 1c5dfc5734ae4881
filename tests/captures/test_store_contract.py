"""What every store does, whatever it is made of."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.captures.conftest import StoreMaker
from tests.captures.samples import NASTY_BODIES, capture_of
from yourl.captures.bounds import MOST_ENDED_SESSIONS, Bounds
from yourl.captures.errors import TooManyInboxRules
from yourl.captures.ids import is_id
from yourl.captures.model import Capture, Query, SignatureResult
from yourl.captures.rules import Answer, InboxRules, SignatureRule
from yourl.captures.store import CaptureStore


def put(store: CaptureStore, *captures: Capture) -> list[str]:
    """Store captures; their ids."""
    ids = [store.put(capture) for capture in captures]
    assert None not in ids
    return [str(each) for each in ids]


def found(store: CaptureStore, **conditions: Any) -> list[str]:
    """Ids of what is found."""
    return [summary.id for summary in store.find(Query(**conditions)).requests]


def test_what_is_stored_comes_back(store: CaptureStore) -> None:
    """Every attribute of a capture survives."""
    signature = SignatureResult(False, "stripe", "wrong_secret", "why")
    capture = capture_of(
        findings=("no-proxy", "b"),
        signature=signature,
        trailers=(("X-T", "é"),),
        is_exact=False,
        document={"url": None, "proxy": {"hops": []}},
    )
    (capture_id,) = put(store, capture)
    assert is_id(capture_id)
    expected = replace(capture, summary=replace(capture.summary, id=capture_id))
    assert expected == store.get(capture_id)
    assert (expected.summary,) == store.find(Query()).requests


@pytest.mark.parametrize("body", NASTY_BODIES.values(), ids=NASTY_BODIES)
def test_bodies_are_bytes(store: CaptureStore, body: bytes) -> None:
    """No byte of a body changes, and no body breaks a search."""
    (capture_id,) = put(store, capture_of(body=body))
    kept = store.get(capture_id)
    assert kept is not None
    assert body == kept.body
    assert [capture_id] == found(store, text="paid")


def test_promises_are_kept(store: CaptureStore) -> None:
    """A store either promises an id and keeps its word once it is called, or wants to be asked by ``put``."""
    calls: list[Callable[[], object]] = []
    captures = [capture_of(inbox="ab"[number % 2], body=b"%d" % number) for number in range(20)]
    promises = [store.put_soon(capture, calls.append) for capture in captures]
    if None in promises:
        assert ([None] * 20, [], 0) == (promises, calls, store.status().count)
        return
    for call in calls:
        call()
    ids = [str(each and each.value.result(0)) for each in promises]
    assert ids == found(store, newest_first=False)
    assert [capture.body for capture in captures] == [getattr(store.get(each), "body", b"") for each in ids]
    assert all(each and len(each.placeholder) == 32 and each.placeholder not in ids for each in promises)


ANY_TEXT = st.text(st.characters(), max_size=30)  # lone surrogates and NUL included


@given(
    text=ANY_TEXT,
    field=st.text(st.characters(max_codepoint=255), max_size=30),
    body=st.binary(max_size=60),
    query=ANY_TEXT,
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_is_stored_and_searched(
    store: CaptureStore, text: str, field: str, body: bytes, query: str
) -> None:
    """Lone surrogates, NUL and line ends survive in every text, and any query is answered."""
    (capture_id,) = put(store, capture_of(body=body, url=text, client=text[:20], fields=(("X-Any", field),)))
    kept = store.get(capture_id)
    assert kept is not None
    assert (text, (("X-Any", field),), body) == (kept.summary.url, kept.fields, kept.body)
    assert store.find(Query(text=query, limit=1)).is_complete


def test_newest_first_page_by_page(store: CaptureStore) -> None:
    """Pages show each capture once, and the last one says so."""
    ids = put(store, *(capture_of(body=b"%d" % number) for number in range(7)))
    seen: list[str] = []
    before, pages = "", 0
    while pages < 10:
        page = store.find(Query(limit=3, before=before))
        seen += [summary.id for summary in page.requests]
        pages += 1
        if page.next is None:
            break
        before = page.next
    assert (ids[::-1], 3) == (seen, pages)


def test_oldest_first_goes_on_later(store: CaptureStore) -> None:
    """A cursor gives what was stored after it, each once, also when asked again later."""
    first = put(store, capture_of(), capture_of(inbox="other"))
    page = store.find(Query(newest_first=False))
    assert first == [summary.id for summary in page.requests]
    assert page.next is not None
    again = store.find(Query(newest_first=False, after=page.next))
    assert ((), page.next) == (again.requests, again.next)
    second = put(store, capture_of())
    assert second == found(store, newest_first=False, after=page.next)


def test_a_cursor_passes_what_does_not_match(store: CaptureStore) -> None:
    """The cursor moves over captures that a filter leaves out."""
    put(store, capture_of(method="GET"), capture_of(method="GET"))
    (wanted,) = put(store, capture_of())
    page = store.find(Query(newest_first=False, method="POST", limit=1))
    assert [wanted] == [summary.id for summary in page.requests]
    assert page.next is not None
    assert [] == found(store, newest_first=False, after=page.next)


FILTERS = [
    pytest.param({"inbox": "other"}, {"inbox": "other"}, id="inbox"),
    pytest.param({"method": "PUT"}, {"method": "PUT"}, id="method"),
    pytest.param({"status": 503}, {"status": (500, 599)}, id="status"),
    pytest.param({"device_type": "watch"}, {"device_type": "watch"}, id="device"),
    pytest.param({"findings": ("a", "b-c")}, {"finding": "b-c"}, id="finding"),
    pytest.param({"client": "2001:db8::1"}, {"client": "2001:db8::1"}, id="client"),
    pytest.param({"body": b"Zebra crossing"}, {"text": "zebra"}, id="body"),
    pytest.param({"body": b"Zebra crossing"}, {"text": "cross ZEB"}, id="two-words"),
    pytest.param({"body": "страница".encode()}, {"text": "Стран"}, id="cyrillic"),
    pytest.param({"body": "こんにちは世界".encode()}, {"text": "世界"}, id="japanese"),
    pytest.param({"body": b"evt_1N-9x"}, {"text": "evt_1n-9"}, id="id-with-signs"),
    pytest.param({"body": b"a--->b"}, {"text": "--->"}, id="signs-only"),
    pytest.param({"url": "http://a.example/needle"}, {"text": "needle"}, id="url"),
    pytest.param({"fields": (("X-Needle", "1"),)}, {"text": "x-needle:"}, id="header"),
    pytest.param({"method": "PUT", "body": b"zebra"}, {"method": "PUT", "text": "zebra"}, id="both"),
    pytest.param(
        {"client": "10.0.0.9", "findings": ("a",)},
        {"client": "10.0.0.9", "finding": "a"},
        id="client-finding",
    ),
]


@pytest.mark.parametrize(("changes", "conditions"), FILTERS)
@pytest.mark.parametrize("newest_first", [True, False])
def test_filters(
    store: CaptureStore, changes: dict[str, Any], conditions: dict[str, Any], newest_first: bool
) -> None:
    """Each filter finds what it names and nothing else, in both directions."""
    put(store, capture_of(findings=("b",)), capture_of(body=b"ozebra"))
    wanted = put(store, capture_of(**changes), capture_of(**changes))
    put(store, capture_of())
    expected = wanted[::-1] if newest_first else wanted
    assert expected == found(store, newest_first=newest_first, **conditions)


def test_words_match_from_their_beginning(store: CaptureStore) -> None:
    """A query's word is found at the beginning of a word, not within one."""
    (wanted,) = put(store, capture_of(body=b"unicorn"))
    assert [wanted] == found(store, text="uni")
    assert [] == found(store, text="corn")


def test_time_range(store: CaptureStore) -> None:
    """``since`` and ``until`` include their moments."""
    ids = put(store, capture_of(), capture_of())
    now = datetime.now(timezone.utc)
    minute = timedelta(minutes=1)
    assert ids[::-1] == found(store, since=now - minute, until=now + minute)
    assert [] == found(store, until=now - minute)
    assert [] == found(store, since=now + minute)


def test_delete_one(store: CaptureStore) -> None:
    """A deleted capture is neither found nor counted."""
    one, two = put(store, capture_of(), capture_of())
    assert store.delete(one)
    assert not store.delete(one)
    assert store.get(one) is None
    assert [two] == found(store)
    assert 1 == store.status().count


@pytest.mark.parametrize("inbox", ["orders", ""])
def test_clear(store: CaptureStore, inbox: str) -> None:
    """One inbox, or everything, can be emptied; its bytes are free again."""
    put(store, *(capture_of(findings=("a",)) for _ in range(5)))
    other = put(store, capture_of(inbox="other", findings=("a",)))
    assert store.clear(inbox) == (5 if inbox else 6)
    left = other if inbox else []
    assert left == found(store) == found(store, finding="a") == found(store, client="203.0.113.7")
    assert len(left) == store.status().count
    assert (store.status().size > 0) == bool(left)


@pytest.mark.parametrize("junk", ["", "x", "0" * 31, "g" * 32, "f" * 32, "0" * 32, "\ud800", "../" * 9])
def test_ids_that_name_nothing(store: CaptureStore, junk: str) -> None:
    """An id that was never given finds nothing and breaks nothing."""
    assert store.get(junk) is None
    assert not store.delete(junk)


def test_inboxes_are_summed_up(store: CaptureStore) -> None:
    """Each inbox says how many captures it holds, from which devices, and which is the newest."""
    put(store, capture_of(inbox="b"), capture_of(device_type="pc"), capture_of(device_type="pc"))
    (last,) = put(store, capture_of(device_type="watch"))
    b, orders = store.inboxes()
    assert ("b", "orders", 3) == (b.name, orders.name, orders.count)
    assert {"pc": 2, "watch": 1} == orders.devices
    assert last[:16] == orders.last_id[:16] == store.last_ids()["orders"][:16]
    assert orders.size > b.size > 0


def test_last_ids_grow(store: CaptureStore) -> None:
    """What is stored later has a higher id, whichever inbox it goes to."""
    ids = put(store, *(capture_of(inbox="ab"[number % 2]) for number in range(20)))
    assert sorted(ids) == ids


def test_the_count_is_bounded(make_store: StoreMaker) -> None:
    """The oldest make room, and what was evicted is counted in all and per inbox."""
    store = make_store(Bounds(count=5, inbox_count=5))
    ids = put(store, *(capture_of() for _ in range(8)))
    assert ids[:2:-1] == found(store)
    assert (5, 3) == (store.status().count, store.status().evicted)
    assert 3 == store.inboxes()[0].evicted


def test_the_bytes_are_bounded(make_store: StoreMaker) -> None:
    """Large bodies make room for newer ones by their size."""
    store = make_store(Bounds(size=100_000, inbox_size=100_000))
    put(store, *(capture_of(body=bytes(30_000)) for _ in range(10)))
    assert store.status().size <= 100_000
    assert 3 == store.status().count


def test_a_flood_pushes_out_itself(make_store: StoreMaker) -> None:
    """However much comes to one inbox, another keeps what it has."""
    store = make_store(Bounds(count=20, inbox_count=20))
    quiet = put(store, *(capture_of(inbox="quiet") for _ in range(4)))
    put(store, *(capture_of(inbox="flood") for _ in range(200)))
    assert quiet[::-1] == found(store, inbox="quiet")
    assert store.status().count <= 20


def test_an_inbox_is_bounded(make_store: StoreMaker) -> None:
    """One inbox gets no more than its own share, even where there is room."""
    store = make_store(Bounds(count=100, inbox_count=3))
    ids = put(store, *(capture_of() for _ in range(5)))
    assert ids[:1:-1] == found(store)


def test_the_number_of_inboxes_is_bounded(make_store: StoreMaker) -> None:
    """One more inbox takes the place of the one with the fewest requests, the longest idle of these."""
    store = make_store(Bounds(inboxes=3))
    put(store, *(capture_of(inbox=name) for name in "aabbcd"))
    assert ["a", "b", "d"] == [inbox.name for inbox in store.inboxes()]
    put(store, *(capture_of(inbox=name) for name in "ef"))
    assert ["a", "b", "f"] == [inbox.name for inbox in store.inboxes()]


def test_a_flood_of_inboxes_pushes_out_itself(make_store: StoreMaker) -> None:
    """However many new names are sent to, an inbox that had several requests keeps them, and so do rules."""
    store = make_store(Bounds(inboxes=4))
    ids = put(store, *(capture_of(inbox="quiet") for _ in range(3)))
    store.change_rules("ruled", InboxRules(Answer(418)))
    ruled = put(store, capture_of(inbox="ruled"))
    put(store, *(capture_of(inbox=f"flood-{number}") for number in range(40)))
    assert ids[::-1] == found(store, inbox="quiet")
    assert ruled == found(store, inbox="ruled")
    assert ["flood-38", "flood-39", "quiet", "ruled"] == [inbox.name for inbox in store.inboxes()]


def test_what_was_evicted_is_not_found(make_store: StoreMaker) -> None:
    """Filters and words find nothing that made room, over several rounds of everything."""
    store = make_store(Bounds(count=10, inbox_count=10))
    ids = put(
        store,
        *(capture_of(body=b"number n%d" % number, findings=("a",)) for number in range(600)),
    )
    for conditions in ({"text": "number"}, {"finding": "a"}, {"method": "POST"}, {"client": "203.0.113.7"}):
        assert ids[:-11:-1] == found(store, **conditions), conditions
    assert [] == found(store, text="n58") + found(store, text="n0")


def test_as_many_methods_as_requests(make_store: StoreMaker) -> None:
    """However many methods and statuses a sender chooses, filters find each, and all make room in order."""
    store = make_store(Bounds(count=400, inbox_count=400))
    ids = put(
        store,
        *(
            capture_of(method=f"M{number}", status=200 + number, device_type=("bot", "pc")[number % 2])
            for number in range(150)
        ),
    )
    for number in (0, 63, 64, 65, 149):
        assert [ids[number]] == found(store, method=f"M{number}")
        assert [ids[number]] == found(store, inbox="orders", status=(200 + number, 200 + number))
        assert [] == found(store, method=f"M{number}", device_type=("pc", "bot")[number % 2])
    assert ids[149:140:-1] == found(store, status=(341, 999))
    assert ids[148::-2] == found(store, device_type="bot", limit=500)
    assert {"bot": 75, "pc": 75} == store.inboxes()[0].devices
    later = put(store, *(capture_of(method="PUT") for _ in range(399)))
    assert later[::-1] == found(store, limit=500)[:399]
    assert store.status().count <= 400


def test_rules_are_shared(make_store: StoreMaker) -> None:
    """Rules set through one store hold for another, the secret included."""
    one, two = make_store(), make_store()
    assert InboxRules() == one.rules_of("orders")
    rules = InboxRules(
        Answer(503, (("A", "b"),), "body", 1.5), (Answer(500),), SignatureRule("hmac", "geheim")
    )
    one.change_rules("orders", rules)
    assert rules == two.rules_of("orders")
    assert InboxRules() == two.rules_of("other")


def test_turns_are_shared(make_store: StoreMaker) -> None:
    """Each turn in a sequence is taken once, and setting rules begins anew."""
    one, two = make_store(), make_store()
    assert [0, 1, 2] == [one.take_turn("orders"), two.take_turn("orders"), one.take_turn("orders")]
    one.change_rules("orders", InboxRules())
    assert 0 == two.take_turn("orders")


def test_rules_outlive_captures(make_store: StoreMaker) -> None:
    """Clearing an inbox leaves its rules."""
    store = make_store()
    store.change_rules("orders", InboxRules(Answer(418)))
    put(store, capture_of())
    store.clear()
    assert 418 == store.rules_of("orders").answer_at(0).status


def test_rules_are_bounded(make_store: StoreMaker) -> None:
    """As many inboxes have rules as may; removing those of one, which leaves nothing, makes room."""
    store = make_store(Bounds(inboxes=3))
    rules = InboxRules(Answer(418))
    for name in "abc":
        store.change_rules(name, rules)
    for _ in range(2):
        with pytest.raises(TooManyInboxRules):
            store.change_rules("d", rules)
        assert InboxRules() == store.rules_of("d")
    store.change_rules("d", InboxRules())
    store.change_rules("c", InboxRules(Answer(503)))
    store.change_rules("a", InboxRules())
    store.change_rules("d", rules)
    assert [200, 418, 503, 418] == [store.rules_of(name).answer_at(0).status for name in "abcd"]


def test_removed_rules_leave_requests(store: CaptureStore) -> None:
    """The requests of an inbox, and how many were evicted, outlive its rules."""
    store.change_rules("orders", InboxRules(Answer(418)))
    put(store, capture_of(inbox="orders"))
    store.change_rules("orders", InboxRules())
    assert (InboxRules(), 1) == (store.rules_of("orders"), store.inboxes()[0].count)


LATER = 4_000_000_000
"""A time in seconds since 1970 at which a session may expire."""


def test_ended_sessions_are_shared(make_store: StoreMaker) -> None:
    """A session that was ended through one store has ended for another, and no other session has."""
    one, two = make_store(), make_store()
    assert not two.session_has_ended("a", LATER)
    one.end_session("a", LATER)
    one.end_session("a", LATER)
    assert two.session_has_ended("a", LATER)
    assert not two.session_has_ended("b", LATER)
    assert not two.session_has_ended("", LATER)


def test_expired_sessions_are_forgotten(store: CaptureStore) -> None:
    """What has expired by itself takes no room."""
    for number in range(MOST_ENDED_SESSIONS + 10):
        store.end_session(f"old-{number}", 1_000_000_000 + number)
    assert not store.session_has_ended("other", 1_000_000_000)
    store.end_session("a", LATER)
    assert store.session_has_ended("a", LATER)
    assert not store.session_has_ended("b", LATER)


def test_more_ended_sessions_end_all_before(store: CaptureStore) -> None:
    """With more than are remembered one by one, all have ended that expire no later than the last of them."""
    for number in range(MOST_ENDED_SESSIONS):
        store.end_session(f"session-{number}", LATER + number)
    assert not store.session_has_ended("other", LATER)
    store.end_session("one more", LATER)
    last = LATER + MOST_ENDED_SESSIONS - 1
    assert all(store.session_has_ended(f"session-{number}", LATER + number) for number in (0, 1, 1000))
    assert store.session_has_ended("other", last)
    assert not store.session_has_ended("other", last + 1)
    store.end_session("later", last + 5)
    assert store.session_has_ended("later", last + 5)
    assert store.session_has_ended("other", last)
    assert not store.session_has_ended("other", last + 5)


def test_events_are_counted_by_all(make_store: StoreMaker) -> None:
    """Two stores count the same events; each period begins at nothing."""
    one, two = make_store(), make_store()
    assert 0 == one.events("k")
    assert [1, 2, 3] == [one.count_event("k", 60), two.count_event("k", 60), one.count_event("k", 60)]
    assert (3, 0) == (two.events("k"), two.events("other"))
    one.count_event("short", 0.001)
    threading.Event().wait(0.01)
    assert 0 == two.events("short")
    assert 1 == two.count_event("short", 60)


def wakes(watcher: Any, action: Callable[[], object]) -> bool:
    """Whether an action makes an armed watcher readable."""
    watcher.arm()
    action()
    return bool(select.select([watcher], [], [], 5)[0])


def test_watchers_of_other_stores_wake(make_store: StoreMaker) -> None:
    """What one store keeps wakes the watchers of every store, once they are armed; again and again."""
    one, two = make_store(), make_store()
    watchers = [one.watch(), two.watch(), two.watch()]
    for watcher in watchers:
        assert wakes(watcher, lambda: put(one, capture_of()))
        assert wakes(watcher, lambda: put(two, capture_of()))
    for watcher in watchers:
        watcher.close()
    put(one, capture_of())


def test_threads_share_a_store(make_store: StoreMaker) -> None:
    """Many threads of several stores store at once: every answered capture is there exactly once."""
    stores = [make_store(Bounds()), make_store(Bounds())]
    ids: list[str | None] = []

    def work(number: int) -> None:
        ids.extend(stores[number % 2].put(capture_of(body=b"%d" % number)) for _ in range(25))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kept = [summary.id for summary in stores[0].find(Query(limit=500)).requests]
    assert 200 == len(ids) == len(set(kept))
    assert set(ids) == set(kept)
    assert sum(inbox.count for inbox in stores[1].inboxes()) == 200
