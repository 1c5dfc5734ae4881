"""One Redis, or the nodes of a Redis Cluster: which node holds a key, and what happens while Redis is away.

A call has one deadline, connecting included. Names are looked up, and the layout of a cluster is learnt, by a
thread in the background, which also finds out when Redis is back; until then every call fails at once.
"""

from __future__ import annotations

import hashlib
import ipaddress
import threading
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from yourl.captures.errors import StoreUnavailable
from yourl.captures.redis.connections import FAILURES, Address, Connection, Pool, parse_url, resolve
from yourl.captures.redis.wire import SLOTS, ErrorReply, ProtocolError, Word, slot_of

LEARNING_SECONDS = 2.0
"""How long the thread in the background waits for one node."""
RETRY_SECONDS = 0.5
# Redis is there, but this is no time to ask it for anything.
_UNWELL = (
    "LOADING",
    "READONLY",
    "MASTERDOWN",
    "CLUSTERDOWN",
    "NOREPLICAS",
    "NOAUTH",
    "WRONGPASS",
    "TRYAGAIN",
)


class Nodes:
    """Runs commands at the node that holds a key.

    :param url: of a cluster the URL of any one node
    :param seconds: how long one call may take
    :raises StoreUnavailable: where the URL cannot be used
    """

    def __init__(self, url: str, report: Callable[[str], None], seconds: float) -> None:
        try:
            self._target = parse_url(url)
        except ValueError as error:
            raise StoreUnavailable(f"The URL of the Redis cannot be used: {error}.") from error
        self._report = report
        self._seconds = seconds
        self._pools: dict[Address, Pool] = {}
        self.reset()

    def reset(self) -> object:
        """Forget all connections, which after a fork belong to another process; they are returned."""
        self._lock = threading.Lock()
        forgotten, self._pools = self._pools, {}
        self._owners: list[Address] | None = None
        self._is_ready = threading.Event()
        self._has_begun = False
        self._is_closed = False
        self._thread: threading.Thread | None = None
        self.reason = ""
        """Why Redis is away; empty where it is not."""
        return forgotten

    def deadline(self) -> float:
        """By when a call that begins now must be over."""
        return time.monotonic() + self._seconds

    def command(self, key: str, *words: Word, until: float | None = None) -> Any:
        """One command at the node that holds a key.

        :raises StoreUnavailable: where Redis is away, refuses, or takes longer than ``until``
        """
        return self._run(key, [words], until)[-1]

    def script(self, key: str, script: str, *arguments: Word, until: float | None = None) -> Any:
        """A script at the node that holds a key; its text is sent where the node does not know it yet."""
        try:
            return self._run(key, [("EVALSHA", _digest(script), 1, key, *arguments)], until)[-1]
        except _Unknown:
            return self._run(key, [("EVAL", script, 1, key, *arguments)], until)[-1]

    def _run(self, key: str, commands: list[Sequence[Word]], until: float | None) -> list[Any]:
        until = self.deadline() if until is None else until
        self._check_ready(until)
        try:
            return self._run_at_owner(key, commands, until)
        except FAILURES as error:
            raise self._failure(error) from error

    def _check_ready(self, until: float) -> None:
        if self._is_ready.is_set():
            return
        if not self._has_begun:
            self._learn_in_background()
        if not self.reason:  # the very first calls wait for the first connection
            self._is_ready.wait(max(0.0, until - time.monotonic()))
        if not self._is_ready.is_set():
            raise StoreUnavailable(self.reason or "Redis has not answered yet.")

    def _run_at_owner(self, key: str, commands: list[Sequence[Word]], until: float) -> list[Any]:
        for _ in range(3):
            slot = slot_of(key)
            address = self._owners[slot] if self._owners else self._target.address
            try:
                return self._pool(address).call(commands, until)
            except ErrorReply as error:
                if error.code == "NOSCRIPT":
                    raise _Unknown from error
                if error.code == "ASK":  # the slot is on its way to another node
                    return self._pool(_address_in(error, address)).call([("ASKING",), *commands], until)
                if error.code != "MOVED" or self._owners is None:
                    raise
                self._owners[slot] = _address_in(error, address)
        raise ErrorReply("CLUSTERDOWN the nodes send each other's keys round in a circle")

    def _failure(self, error: Exception) -> StoreUnavailable:
        text = str(error).rstrip(".")
        if isinstance(error, ErrorReply) and error.code not in _UNWELL:
            return StoreUnavailable(f"Redis refused: {text}.")
        reason = f"Redis does not answer: {text}."
        with self._lock:
            if self._is_ready.is_set():
                self._is_ready.clear()
                self.reason = reason
                self._report(f"Requests are not kept: {reason}")
        self._learn_in_background()
        return StoreUnavailable(reason)

    def _pool(self, address: Address) -> Pool:
        pool = self._pools.get(address)
        if pool is None:
            if not _is_numeric(address[0]):
                raise ConnectionError(f"the name {address[0]} has not been looked up yet")
            with self._lock:
                pool = self._pools.setdefault(address, Pool(self._target, address, resolve(address)))
        return pool

    def _learn_in_background(self) -> None:
        with self._lock:
            if self._is_closed or (self._thread is not None and self._thread.is_alive()):
                return
            self._has_begun = True
            self._thread = threading.Thread(target=self._learn, name="redis-learn", daemon=True)
            self._thread.start()

    def _learn(self) -> None:
        """Learn the layout, as often as it takes."""
        while not self._is_closed:
            try:
                self._learn_once()
            except FAILURES as error:
                is_first = not self.reason
                self.reason = f"Redis does not answer: {str(error).rstrip('.')}."
                if is_first:
                    self._report(f"Requests are not kept: {self.reason}")
                time.sleep(RETRY_SECONDS)
                continue
            if self.reason:
                self._report("Redis is back; requests are kept again.")
            self.reason = ""
            self._is_ready.set()
            return

    def _learn_once(self) -> None:
        failure: Exception | None = None
        for address in dict.fromkeys([self._target.address, *self._pools]):
            pool = None
            try:
                pool = Pool(self._target, address, resolve(address))
                owners = self._owners_by(pool)
                pools = [Pool(self._target, each, resolve(each)) for each in set(owners or [address])]
            except FAILURES as error:
                failure = failure or error
                if pool is not None:
                    pool.close()
                continue
            with self._lock:
                old, self._pools = self._pools, {each.address: each for each in pools}
                self._owners = owners
            for each in [pool, *old.values()]:
                each.close()
            return
        raise failure or ConnectionError("there is no node")

    def _owners_by(self, pool: Pool) -> list[Address] | None:
        """Which node holds each slot; None where there is no cluster."""
        until = time.monotonic() + LEARNING_SECONDS
        try:
            (rows,) = pool.call([("CLUSTER", "SLOTS")], until)
        except ErrorReply as error:
            if error.code in _UNWELL:
                raise
            pool.call([("PING",)], until)
            return None
        owners = [pool.address] * SLOTS
        covered = 0
        for first, last, (host, port, *_), *_ in rows:
            # A node that does not know its own name is the one that was asked.
            owner = (host.decode() if host else pool.address[0], int(port))
            owners[first : last + 1] = [owner] * (last + 1 - first)
            covered += last + 1 - first
        if covered < SLOTS:
            raise ErrorReply("CLUSTERDOWN not every slot has a node")
        return owners

    def subscriber(self, channel: str) -> Connection:
        """A connection of its own that receives what is published on a channel. Blocks while it connects.

        :raises StoreUnavailable: where Redis is away
        """
        self._check_ready(self.deadline())
        until = time.monotonic() + LEARNING_SECONDS
        connection = None
        try:
            connection = next(iter(list(self._pools.values()))).new(until)
            connection.call([("SUBSCRIBE", channel)], until)
        except (*FAILURES, StopIteration) as error:
            if connection is not None:
                connection.close()
            raise StoreUnavailable(f"Redis does not answer: {error}.") from error
        return connection

    def close(self) -> None:
        """Close all connections, and end the thread in the background."""
        self._is_closed = True
        self._is_ready.clear()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(LEARNING_SECONDS + RETRY_SECONDS)
        for pool in self._pools.values():
            pool.close()
        self.reset()


class _Unknown(Exception):
    """The node does not know the script."""


@lru_cache(maxsize=16)
def _digest(script: str) -> str:
    return hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()


def _address_in(redirection: ErrorReply, asked: Address) -> Address:
    """The node in ``MOVED 3999 10.0.0.1:6381``; an empty host is the one that was asked."""
    host, _, port = str(redirection).rpartition(" ")[2].rpartition(":")
    if not port.isdecimal():
        raise ProtocolError(f"Redis sent a redirection that names no node: {redirection}")
    return host.strip("[]") or asked[0], int(port)


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
