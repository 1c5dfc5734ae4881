"""The SQLite file: shared by processes, migrated, moved aside, full; and which indexes its queries use."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.captures.samples import PATIENT, capture_of
from yourl.captures.bounds import Bounds
from yourl.captures.errors import StoreUnavailable
from yourl.captures.model import Capture, Query
from yourl.captures.sqlite import eviction, reading, schema, text_index
from yourl.captures.sqlite.inserting import MOST_AT_ONCE, MOST_KINDS_OF_INBOX
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.sqlite.transactions import transaction
from yourl.captures.sqlite.writer import LARGEST_GROUP
from yourl.captures.store import TimeLimits

ROOT = Path(__file__).resolve().parents[2]

opened = partial(SqliteStore, time_limits=PATIENT)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a file may be."""
    return tmp_path / "captures.db"


def texts(store: SqliteStore, query: str) -> int:
    """How many captures a word finds."""
    return len(store.find(Query(text=query, limit=500)).requests)


PLANS = [
    *(
        (reading.statement(where, with_text=with_text, newest_first=newest_first), values)
        for where, values in ((reading.ALL, (0, 9)), (reading.OF_KIND, (1, 0, 9)), (reading.ONE, (1,)))
        for with_text in (False, True)
        for newest_first in (False, True)
    ),
    (eviction.OLDEST_OF_KIND, (1, 9)),
    (eviction.KINDS_OF_INBOX, ("a",)),
    (eviction.TOTALS, ("a",)),
    (eviction.DELETE_UP_TO, (1, 9)),
    (text_index.ROWS_AFTER, (9, 0, 9)),
    (text_index.ROWS_BETWEEN, (9, 0, 9)),
]


@pytest.mark.parametrize(("sql", "values"), PLANS)
def test_queries_use_indexes(path: Path, sql: str, values: tuple[object, ...]) -> None:
    """Each query is answered in order from an index: none reads a whole table and none sorts."""
    opened(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert [step for step in plan if not step.startswith("SEARCH") or "TEMP" in step] == []


def test_all_captures_outlive_the_store(path: Path) -> None:
    """A file at a named path is there for the next run."""
    first = opened(path)
    capture_id = first.put(capture_of())
    first.close()
    second = opened(path)
    assert [capture_id] == [summary.id for summary in second.find(Query()).requests]
    second.close()


def test_the_file_is_private(path: Path) -> None:
    """Others on the machine cannot read what was kept."""
    store = opened(path)
    store.put(capture_of())
    store.watch().close()
    modes = {each.name: each.stat().st_mode & 0o077 for each in path.parent.iterdir()}
    store.close()
    assert modes.pop("captures.db.lock") & 0o022 == 0
    assert {0} == set(modes.values()), modes


def test_an_older_file_is_migrated(path: Path) -> None:
    """A file of version 1 keeps its captures, and its text can be found afterwards."""
    with contextlib.closing(schema.connect(path, is_durable=True)) as connection:
        connection.executescript(schema.STEPS[0])
        connection.execute("INSERT INTO kind VALUES (1, 'orders', 'POST', 200, 'pc', 1, 500, 5)")
        summary = '["orders","2026-01-01T00:00:00+00:00","POST","http://a/","","pc",200,6,"",[],null]'
        head = '["/","1.1",[],null,true]'
        connection.execute(
            "INSERT INTO capture VALUES (5, 6, 1, '', '', 500, ?, ?, '{}', ?)", (summary, head, b"needle")
        )
        connection.execute("UPDATE total SET count = 1, size = 500, last = 5")
        connection.execute("PRAGMA user_version = 1")
    store = opened(path, use_text_index=True)
    for _ in range(300):
        store.put(capture_of())
    assert 1 == texts(store, "needle")
    assert 301 == store.status().count
    store.close()


def test_a_newer_file_is_left_alone(path: Path) -> None:
    """A file of a later version is neither changed nor moved; the store says why it cannot be used."""
    opened(path).close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreUnavailable, match="newer version"):
        opened(path)
    assert [] == list(path.parent.glob("*.damaged-*"))


@pytest.mark.parametrize("junk", [b"not a database" * 1000, b"SQLite format 3\x00" + bytes(5000), b"x" * 700])
def test_a_damaged_file_is_moved_aside(path: Path, junk: bytes) -> None:
    """A file that is no database is kept under another name, a new one is used, and a sentence says so."""
    path.write_bytes(junk)
    said: list[str] = []
    store = opened(path, report=said.append)
    assert store.put(capture_of()) is not None
    (aside,) = path.parent.glob("captures.db.damaged-*Z")
    assert junk == aside.read_bytes()
    assert ["moved to " + aside.name in sentence for sentence in said] == [True]
    store.close()


def test_another_database_is_moved_aside(path: Path) -> None:
    """A sound database without our tables, but with our version, is not written into."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")
        connection.execute(f"PRAGMA user_version = {len(schema.STEPS)}")
    store = opened(path)
    assert store.put(capture_of()) is not None
    assert 1 == len(list(path.parent.glob("captures.db.damaged-*Z")))
    store.close()


def test_damage_while_running(path: Path) -> None:
    """A file that is damaged under a running store is replaced; two stores agree on the new one."""
    said: list[str] = []
    one, two = opened(path, report=said.append), opened(path, report=said.append)
    for store in (one, two):
        assert store.put(capture_of(body=bytes(50_000))) is not None
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    one.close()
    two.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    kept = [store.put(capture_of()) for store in (one, one, two, two)]
    assert kept[1] is not None
    assert kept[3] is not None
    assert set(kept) - {None} == {summary.id for summary in two.find(Query()).requests}
    assert any("damaged" in sentence for sentence in said)
    assert "ok" == one.status().state
    one.close()
    two.close()


def test_a_removed_file_is_made_again(path: Path) -> None:
    """When a cleaner of temporary files takes the file away, the store goes on with a new one."""
    store = opened(path)
    store.put(capture_of())
    for each in path.parent.glob("captures.db*"):
        if each.is_file():
            each.unlink()
    capture_id = store.put(capture_of())
    assert [capture_id] == [summary.id for summary in store.find(Query()).requests]
    store.close()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A path where no file can be is refused with the path and the reason."""
    with pytest.raises(StoreUnavailable, match=r"missing/captures\.db cannot be used"):
        SqliteStore(tmp_path / "missing" / "captures.db")


FULL_DISK = """
import resource, sys
from pathlib import Path
from tests.captures.samples import PATIENT, capture_of
from yourl.captures.model import Query
from yourl.captures.sqlite.store import SqliteStore
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
said = []
store = SqliteStore(Path(sys.argv[1]), report=said.append, time_limits=PATIENT)
kept = [store.put(capture_of(body=bytes(60_000)))]
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
answers = [store.put(capture_of(body=bytes(60_000))) for _ in range(20)]
status = store.status()
assert answers[-1] is None and status.state in ("full", "away") and status.lost == answers.count(None), status
assert len([s for s in said if "not kept" in s]) == 1, said
assert store.get(kept[0]) is not None
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.put(capture_of()) is not None
assert store.status().state == "ok" and said[-1] == "Requests are kept again.", said
stored = [s.id for s in store.find(Query(limit=500)).requests]
assert set(i for i in answers if i) < set(stored)
"""


def test_a_full_disk_loses_captures_only(path: Path) -> None:
    """Where nothing more can be written, ``put`` says so and counts; it resumes by itself."""
    ran = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], cwd=ROOT, capture_output=True, text=True
    )
    assert (0, "") == (ran.returncode, ran.stderr)


WORKER = """
import sys
from pathlib import Path
from tests.captures.samples import PATIENT, capture_of
from yourl.captures.sqlite.store import SqliteStore
from yourl.captures.bounds import Bounds
bounds = Bounds(count=10**6, size=10**9, inbox_count=10**6, inbox_size=10**9)
store = SqliteStore(Path(sys.argv[1]), bounds, is_durable=False, time_limits=PATIENT)
for number in range(10**9):
    print(store.put(capture_of(body=b"%d" % number)), flush=True)
"""


def test_killed_processes_lose_nothing(path: Path) -> None:
    """Every id that a process has told is stored exactly once, though it was killed with -9."""
    store = opened(path, Bounds(count=10**6, size=10**9, inbox_count=10**6, inbox_size=10**9))
    told: list[str] = []
    for _ in range(3):
        workers = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        for worker in workers:
            assert worker.stdout is not None
            told += [worker.stdout.readline().strip() for _ in range(40)]
            worker.send_signal(signal.SIGKILL)
            told += [
                line.strip() for line in worker.stdout.read().splitlines(keepends=True) if line.endswith("\n")
            ]
            worker.wait()
            worker.stdout.close()
    assert "None" not in told
    kept: list[str] = []
    page = store.find(Query(newest_first=False, limit=500))
    while page.requests:
        kept += [summary.id for summary in page.requests]
        page = store.find(Query(newest_first=False, limit=500, after=page.next or ""))
    assert len(kept) == len(set(kept))
    assert set(told) <= set(kept)
    store.close()


def test_a_fork_opens_connections_of_its_own(path: Path) -> None:
    """A store that was used before a fork works on both sides after it."""
    store = opened(path)
    store.put(capture_of())
    child = os.fork()
    if child == 0:
        fine = store.put(capture_of()) is not None and len(store.find(Query()).requests) == 2
        os._exit(0 if fine else 1)
    assert 0 == os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert store.put(capture_of()) is not None
    assert 3 == store.status().count
    store.close()


def test_the_text_index_follows_eviction(path: Path) -> None:
    """Parts of the index are dropped with the captures they cover, and merged where a few of each stay."""
    bounds = Bounds(count=2_000, inbox_count=2_000)
    store = opened(path, bounds, is_durable=False, use_text_index=True)
    quiet = [store.put(capture_of(inbox="quiet", body=b"quiet q%d" % n)) for n in range(3)]
    for number in range(9_000):
        store.put(capture_of(inbox="flood", body=b"flood f%d" % number))
        if number % 1_500 == 0:
            quiet.append(store.put(capture_of(inbox="quiet", body=b"quiet q%d" % len(quiet))))
    assert len(quiet) == texts(store, "quiet")
    assert (1, 0, 1) == (texts(store, "f8999"), texts(store, "f12"), texts(store, "q1"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE sql LIKE '%fts5%'"
        ).fetchone()
        (parts,) = connection.execute("SELECT count(*) FROM part").fetchone()
    assert tables == parts <= text_index.most_parts(bounds.count)
    store.close()


def test_merged_parts_find_the_same(path: Path) -> None:
    """Two parts made one cover what both covered."""
    store = opened(path, is_durable=False, use_text_index=True)
    for number in range(600):
        store.put(capture_of(body=b"w%d" % number))
    with contextlib.closing(schema.connect(path, is_durable=False)) as connection:
        transaction(connection, lambda: text_index.add_waiting(connection, 1), 30)
        for _ in range(40):
            store.put(capture_of())
        transaction(connection, lambda: text_index.add_waiting(connection, 1), 30)
        before = connection.execute("SELECT count(*) FROM part").fetchone()[0]
        transaction(connection, lambda: text_index.forget(connection, [1], 0), 30)
        assert before - 1 == connection.execute("SELECT count(*) FROM part").fetchone()[0]
    assert [] == [number for number in range(100, 600) if texts(store, f"w{number}") != 1]
    store.close()


@pytest.mark.parametrize(("count", "is_used"), [(20_000, False), (20_001, True)])
def test_the_index_is_for_many(path: Path, count: int, is_used: bool) -> None:
    """Where few captures are kept they are searched one by one, and storing them is cheaper."""
    store = opened(path, Bounds.of(count, 10**9), is_durable=False)
    for number in range(300):
        store.put(capture_of(body=b"w%d" % number))
    assert 1 == texts(store, "w299")
    store.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        assert is_used == bool(connection.execute("SELECT count(*) FROM part").fetchone()[0])


def test_an_index_that_begins_late(path: Path) -> None:
    """A file that was used without an index is found by its words once it is used with one, and back."""
    for use_text_index in (False, True, False, True):
        store = opened(path, is_durable=False, use_text_index=use_text_index)
        for _ in range(300):
            store.put(capture_of(body=b"needle"))
        oldest = store.find(Query(newest_first=False, limit=100)).requests
        assert store.delete(oldest[0].id)
        assert store.status().count == texts(store, "needle") or store.status().count > 500
        store.close()
    store = opened(path, use_text_index=True)
    page, found = store.find(Query(text="needle", limit=500)), 0
    found += len(page.requests)
    while page.next:
        page = store.find(Query(text="needle", limit=500, before=page.next))
        found += len(page.requests)
    assert (1196, 1196) == (found, store.status().count)
    store.close()


def test_a_search_ends_in_time(path: Path) -> None:
    """A search that finds nothing for too long ends, says so, and can be continued to its end."""
    store = opened(path, use_text_index=False)
    for _ in range(30):
        store.put(capture_of())
    reader = schema.connect(path, is_durable=False)
    page = reading.find(reader, Query(text="nothing"), has_text=False, seconds=-1)
    assert not page.is_complete
    seen, before = 0, ""
    while True:
        page = reading.find(reader, Query(before=before, limit=7), has_text=False, seconds=30)
        seen += len(page.requests)
        if page.next is None:
            break
        before = page.next
    reader.close()
    assert 30 == seen
    store.close()


def test_a_lock_that_is_held_costs_a_capture_only(path: Path) -> None:
    """When another program holds the file, ``put`` gives up in time, and the store resumes by itself."""
    store = SqliteStore(path, time_limits=TimeLimits(lock=0.05))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert store.put(capture_of()) is None
        assert ("away", 1) == (store.status().state, store.status().lost)
        with pytest.raises(StoreUnavailable):
            store.take_turn("orders")
        other.execute("COMMIT")
    assert store.put(capture_of()) is not None
    assert "ok" == store.status().state
    store.close()


def test_a_reader_does_not_stop_writers(path: Path) -> None:
    """Captures are stored while a listing is being read."""
    store = opened(path)
    store.put(capture_of())
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM capture").fetchone()
        assert store.put(capture_of()) is not None
    store.close()


def test_a_stored_capture_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture that is stored is reported as stored, also when the text index fails after it."""

    def fail(*arguments: object) -> int:
        raise sqlite3.OperationalError("no room for the index")

    monkeypatch.setattr(text_index, "BATCH", 1)
    monkeypatch.setattr(text_index, "add_waiting", fail)
    store = opened(path, use_text_index=True)
    capture_id = store.put(capture_of())
    assert [capture_id] == [summary.id for summary in store.find(Query()).requests]
    store.close()


def test_threads_are_served_in_groups(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Captures that come while a transaction runs are stored by the next ones, together and in turn."""
    monkeypatch.setattr("yourl.captures.sqlite.writer.LARGEST_GROUP", 3)
    store = opened(path, is_durable=False)
    store.put(capture_of())
    store._writer.lock.acquire()
    ids: list[str | None] = []
    threads = [threading.Thread(target=lambda: ids.append(store.put(capture_of()))) for _ in range(10)]
    for thread in threads:
        thread.start()
    while len(store._writer._jobs) < 10:
        threading.Event().wait(0.001)
    store._writer.lock.release()
    for thread in threads:
        thread.join(30)
    assert (11, 10) == (store.status().count, len(set(ids) - {None}))
    store.close()


def promised(store: SqliteStore, captures: Sequence[Capture]) -> list[str | None]:
    """Have captures stored together; what became of the promises."""
    calls: list[Callable[[], object]] = []
    promises = [store.put_soon(capture, calls.append) for capture in captures]
    assert len(calls) <= 1
    for call in calls:
        call()
    return [promise and promise.value.result(0) for promise in promises]


@pytest.mark.parametrize("count", [*range(1, 2 * MOST_AT_ONCE + 3), LARGEST_GROUP - 1])
def test_captures_are_stored_together(path: Path, count: int) -> None:
    """However many they are, each is itself under its id, in the order in which they came."""
    store = opened(path, is_durable=False)
    store.put(capture_of(inbox="a"))
    captures = [capture_of(inbox="abc"[n % 3], body=b"%d" % n, findings=(f"f{n}",)) for n in range(count)]
    for _ in range(2):  # the first time some inboxes are new, the second time none is
        ids = [str(each) for each in promised(store, captures)]
        kept = [store.get(each) for each in ids]
        assert sorted(set(ids)) == ids
        assert captures == [each and replace(each, summary=replace(each.summary, id="")) for each in kept]
    assert 2 * count + 1 == store.status().count == sum(each.count for each in store.inboxes())
    assert ids[-1] <= max(store.last_ids().values())
    store.close()


def test_a_full_group_is_stored_at_once(path: Path) -> None:
    """With many requests waiting, the first are answered before the last have been looked at."""
    store = opened(path, is_durable=False)
    calls: list[Callable[[], object]] = []
    promises = [store.put_soon(capture_of(), calls.append) for _ in range(LARGEST_GROUP + 1)]
    assert [True] * LARGEST_GROUP + [False] == [bool(each and each.value.done()) for each in promises]
    for call in calls:
        call()
    assert LARGEST_GROUP + 1 == store.status().count
    store.close()


def test_who_waits_stores_what_was_promised(path: Path) -> None:
    """A thread that waits for its own capture keeps the promises made before; the call finds nothing."""
    store = opened(path, is_durable=False)
    calls: list[Callable[[], object]] = []
    promise = store.put_soon(capture_of(), calls.append)
    capture_id = store.put(capture_of())
    assert promise is not None
    assert str(promise.value.result(0)) < str(capture_id)
    calls[0]()
    assert store.status().count == 2
    store.close()


def test_ids_grow_with_every_commit(path: Path) -> None:
    """Also where groups of two processes alternate, and where the clock was ahead."""
    first, second = opened(path, is_durable=False), opened(path, is_durable=False)
    ahead = time.time_ns() + 10**12
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("yourl.captures.ids.time.time_ns", lambda: ahead)
        ids = [first.put(capture_of())]
    for size in (3, 1, 16, 2, 20):
        ids += promised(first, [capture_of()] * size)
        ids += promised(second, [capture_of(inbox="b")] * size)
        ids += [second.put(capture_of()), first.put(capture_of(inbox="b"))]
    assert None not in ids
    assert sorted({str(each) for each in ids}) == ids
    first.close()
    second.close()


@given(
    data=st.data(), count=st.integers(1, 30), inbox_count=st.integers(1, 30), size=st.integers(3000, 20_000)
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_groups_keep_the_bounds(
    tmp_path: Path, data: st.DataObject, count: int, inbox_count: int, size: int
) -> None:
    """Whatever comes together: never more than may be, each is kept that can be, and the counts are true."""
    bounds = Bounds(count=count, size=size, inbox_count=min(count, inbox_count), inbox_size=size)
    with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
        store = opened(Path(folder) / "captures.db", bounds, is_durable=False)
        bodies = st.tuples(st.sampled_from("abc"), st.integers(0, size))
        for group in data.draw(st.lists(st.lists(bodies, min_size=1, max_size=40), max_size=5)):
            ids = promised(store, [capture_of(inbox=inbox, body=bytes(length)) for inbox, length in group])
            kept = [summary.id for summary in store.find(Query(limit=500)).requests]
            status = store.status()
            assert len(kept) == status.count <= count
            assert status.size <= size
            assert all(inbox.count <= bounds.inbox_count for inbox in store.inboxes())
            assert len(kept) == sum(inbox.count for inbox in store.inboxes())
            newest = [each for each in ids if each is not None][-1:]
            assert newest == kept[: len(newest)]
            assert all(
                each is not None
                for each, (_, length) in zip(ids, group, strict=True)
                if length + 2000 <= size
            )
        store.close()


def test_a_kind_that_another_process_deleted(path: Path) -> None:
    """A kind that went with its last capture, deleted elsewhere, is made again, and the counts are right."""
    first, second = opened(path), opened(path)
    first.put(capture_of())
    assert (1, None) == (second.clear(), first.get("0" * 32))
    capture_id = first.put(capture_of())
    assert [capture_id] == [summary.id for summary in second.find(Query()).requests]
    assert (1, 1) == (second.status().count, second.inboxes()[0].count)
    first.close()
    second.close()


def test_kinds_are_bounded(path: Path) -> None:
    """A sender who invents methods makes no put look at more than a few kinds."""
    store = opened(path)
    for number in range(300):
        store.put(capture_of(method=f"M{number}"))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        (kinds,) = connection.execute("SELECT count(*) FROM kind").fetchone()
    assert kinds == MOST_KINDS_OF_INBOX + 1
    store.close()


def test_room_is_made_in_steps(path: Path) -> None:
    """A large capture is stored where more have to go for it than are deleted in one step."""
    store = opened(path, bounds=Bounds(count=2000, size=1_000_000, inbox_count=2000, inbox_size=1_000_000))
    for _ in range(eviction.STEP + 300):
        store.put(capture_of(body=bytes(500)))
    capture_id = store.put(capture_of(body=bytes(900_000)))
    assert capture_id == store.find(Query(limit=1)).requests[0].id
    assert store.status().size <= 1_000_000
    store.close()


def test_a_capture_larger_than_all_that_is_kept(path: Path) -> None:
    """It is not kept, costs no other capture its place, and the store goes on."""
    store = opened(path, bounds=Bounds(size=50_000, inbox_size=50_000))
    kept = store.put(capture_of())
    assert None is store.put(capture_of(body=bytes(50_000)))
    assert ("ok", 1, 1, 0) == (
        store.status().state, store.status().lost, store.status().count, store.status().evicted
    )  # fmt: skip
    assert [kept] == [summary.id for summary in store.find(Query()).requests]
    store.close()


def test_a_group_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A capture of a new inbox that was not stored has no id, and later ones get the right inbox."""
    store = opened(path)

    def fail(*arguments: object, **more: object) -> int:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr("yourl.captures.sqlite.inserting._number", fail)
        assert None is store.put(capture_of(inbox="a"))
        assert [None, None] == promised(store, [capture_of(inbox="a"), capture_of()])
    ids = [store.put(capture_of(inbox=name)) for name in "ba"]
    assert {"b": ids[0], "a": ids[1]} == {each.inbox: each.id for each in store.find(Query()).requests}
    store.close()
