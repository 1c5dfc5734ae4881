"""The threads of the application run what they are given and survive what it does."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from yourl.server.threads import Threads


def test_runs_what_is_submitted() -> None:
    """Every task, with its arguments."""
    done: SimpleQueue[int] = SimpleQueue()
    threads = Threads(3)
    for number in range(20):
        threads.submit(done.put, number)
    threads.shutdown()
    assert sorted(done.get_nowait() for _ in range(20)) == list(range(20))


def test_runs_as_many_at_once_as_it_has_threads() -> None:
    """Tasks that need each other meet."""
    meeting = threading.Barrier(3)
    threads = Threads(3)
    for _ in range(3):
        threads.submit(meeting.wait, 30)
    threads.shutdown()
    assert not meeting.broken


def test_a_task_knows_whether_it_is_the_only_one() -> None:
    """With another one that waits, or is being run, it is not."""
    threads, alone, may_go_on = Threads(2), SimpleQueue[bool](), threading.Event()
    threads.submit(lambda: alone.put(threads.have_one_task))
    assert alone.get(timeout=30)
    threads.submit(may_go_on.wait, 30)
    threads.submit(lambda: alone.put(threads.have_one_task))
    assert not alone.get(timeout=30)
    may_go_on.set()
    threads.shutdown()


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_failure_costs_no_thread(error: type[BaseException], caplog: pytest.LogCaptureFixture) -> None:
    """The thread of a task that raised runs the next, and the log says what happened."""
    done: SimpleQueue[str] = SimpleQueue()

    def fail() -> None:
        raise error("on purpose")

    threads = Threads(1)
    threads.submit(fail)
    threads.submit(done.put, "next")
    threads.shutdown()
    assert done.get_nowait() == "next"
    assert "on purpose" in caplog.text


def test_does_not_wait_for_what_never_ends() -> None:
    """A stuck task delays the end by no more than the timeout."""
    never = threading.Event()
    threads = Threads(1)
    threads.submit(never.wait)
    threads.shutdown(timeout=0.01)
    assert not never.is_set()
    never.set()
