"""What a thread hands to the loop is called by the loop."""

from __future__ import annotations

import selectors
import threading

from yourl.server.wakeup import CallQueue


def test_a_call_wakes_a_selector() -> None:
    """The descriptor is readable as long as calls wait, and not afterwards."""
    queue = CallQueue()
    done: list[str] = []
    with selectors.DefaultSelector() as selector:
        selector.register(queue.fileno(), selectors.EVENT_READ)
        queue.put(done.append, "one")
        queue.put(done.append, "two")
        assert selector.select(5)
        queue.run()
        assert not selector.select(0)
    queue.close()
    assert done == ["one", "two"]


def test_no_call_is_lost() -> None:
    """Calls of many threads are all made, each once, while the loop runs them."""
    queue = CallQueue()
    done: list[int] = []
    threads = [
        threading.Thread(target=lambda start=start: [queue.put(done.append, start + n) for n in range(1000)])
        for start in range(0, 8000, 1000)
    ]
    for thread in threads:
        thread.start()
    with selectors.DefaultSelector() as selector:
        selector.register(queue.fileno(), selectors.EVENT_READ)
        while len(done) < 8000:
            assert selector.select(20), "a call was lost"
            queue.run()
    for thread in threads:
        thread.join()
    queue.close()
    assert sorted(done) == list(range(8000))
