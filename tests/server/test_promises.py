"""Answers that wait for a text which is promised: sent with it, or made anew."""

from __future__ import annotations

from tests.server.loop_bench import GET, LAST, MakeBench, post, send_all, states_of
from yourl.promise import Promise
from yourl.server.connection import State


def promise(path: str = "/promise") -> bytes:
    """A request whose answer waits for a promise."""
    return GET.replace(b"/a", path.encode())


def test_an_answer_waits_for_what_is_promised(bench: MakeBench) -> None:
    """It holds no thread, and the text stands where the placeholder was; the next request is answered."""
    one = bench(threads=1)
    clients = [one.connect(promise() + GET) for _ in range(3)]
    one.run_until(lambda: len(one.host.promises) == 3)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
    for number, each in enumerate(one.host.promises):
        each.value.set_result(f"text {number:3}")
    for number, client in enumerate(clients):
        first, _, second = one.received(client, b"/a").partition(f"text {number:3}".encode())
        assert (first.count(b"200 OK"), second.count(b"200 OK")) == (1, 1)
    assert one.host.released_answers == 3


def test_a_promise_that_is_kept_before_the_answer_is_made(bench: MakeBench) -> None:
    """Whoever is first: the text is there when the answer is, or comes from another thread meanwhile."""
    one = bench()
    one.host.promises = Kept("the text")
    client = one.connect(promise())
    assert one.received(client, b"the text").startswith(b"HTTP/1.1 200 OK")


class Kept(list[Promise]):
    """Keeps each promise as soon as it is made."""

    def __init__(self, text: str) -> None:
        self.text = text

    def append(self, made: Promise) -> None:
        made.value.set_result(self.text)


def test_a_request_is_answered_anew_where_a_promise_is_broken(bench: MakeBench) -> None:
    """Once, by an answer that waits for nothing; nothing of the first one is sent."""
    one = bench()
    client = one.connect(promise() + LAST)
    one.run_until(lambda: one.host.promises)
    one.host.promises[0].value.set_result(None)
    received = one.everything(client)
    assert b"?" not in received
    assert (2, 3, 1) == (received.count(b"200 OK"), one.host.answers, len(one.host.promises))


def test_a_large_request_is_answered_anew_where_a_promise_is_broken(bench: MakeBench) -> None:
    """What was set aside for its answer is given back, once."""
    one = bench(threads=2, memory=20_000_000)
    client = one.connect()
    send_all(one, client, post(1_000_000).replace(b"POST /", b"POST /promise"))
    one.run_until(lambda: one.host.promises)
    one.host.promises[0].value.set_result(None)
    assert one.received(client, b"promise").startswith(b"HTTP/1.1 200 OK")
    one.run_until(lambda: one.loop.memory.held == 0)
    assert one.loop.memory.reserved == 0


def test_what_is_promised_is_awaited_at_the_end(bench: MakeBench) -> None:
    """An answer that waits for a promise is neither given early nor given up when the server stops."""
    one = bench()
    client = one.connect(promise())
    one.run_until(lambda: one.host.promises)
    one.loop.stop_accepting(drain=True)
    one.loop.refuse_unfinished()
    one.loop.run_once()
    assert states_of(one.loop) == {State.RUNNING}
    one.host.promises[0].value.set_result("the text")
    assert one.received(client, b"the text").startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_left_before_a_promise_was_kept(bench: MakeBench) -> None:
    """Its connection is closed; the loop goes on."""
    one = bench()
    client = one.connect(promise())
    one.run_until(lambda: one.host.promises)
    client.close()
    one.host.promises[0].value.set_result("the text")
    one.run_until(lambda: not one.loop.connections)
    assert one.received(one.connect(GET), b"/a").startswith(b"HTTP/1.1 200 OK")
