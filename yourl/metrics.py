"""What /metrics tells, in Prometheus' text format: requests, refusals, evictions, lost log lines, devices.

Counts come in before the Prometheus library is imported (that would delay the start) and are handed
over to it by ``activate``. Where a shared folder is named, every worker counts in files of its own
slot there, so that any worker can tell the sum; slots are reused, so neither their number nor the
counts are lost when workers are recycled. Knows nothing of Flask and Gunicorn.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yourl import __version__
from yourl.http1.head import METHODS

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Bytes of a slot's files, named as prometheus_client does: room for every combination of labels.
FILES = {"counter": 256 << 10, "histogram": 64 << 10, "gauge_livesum": 64 << 10, "gauge_livemax": 64 << 10}
# Observations kept until the library is there; a server that is asked more in that moment loses count.
WAITING = 10_000
# Why a connection is evicted: too many connections, no file descriptor left, the worker's memory bound, the
# connection's own memory bound. Anything else is counted as "other": labels are bounded.
EVICTION_REASONS = frozenset({"connections", "descriptors", "memory", "connection_memory"})


@dataclass(frozen=True, slots=True)
class Observation:
    """One answered or refused request; ``duration`` in seconds, ``refused`` the reason or empty."""

    route: str
    method: str
    status: int
    duration: float
    device: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class StoreNumbers:
    """What the store of captures says of itself, for all workers at once; ``size`` in bytes."""

    state: str
    count: int
    size: int
    evicted: int

    def collect(self) -> Iterator[Any]:
        """The same as the library's metrics."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        state = GaugeMetricFamily(
            "yourl_capture_store", "1 for the state that the store is in.", labels=["state"]
        )
        for name in ("ok", "full", "away", "off"):
            state.add_metric([name], float(name == self.state))
        yield state
        yield GaugeMetricFamily("yourl_captures_kept", "Requests to inboxes that are kept now.", self.count)
        yield GaugeMetricFamily("yourl_captures_kept_bytes", "What they take.", self.size)
        yield CounterMetricFamily(
            "yourl_captures_evicted", "Kept requests that made room for newer ones.", self.evicted
        )


class Instruments:
    """The library's counters, made once in a process; importing the library is what takes long."""

    def __init__(self, slot: Callable[[], Any]) -> None:
        import prometheus_client.multiprocess  # noqa: F401  # now, not when the archive may have been replaced
        import prometheus_client.values as values

        shared = FOLDER in os.environ
        values.ValueClass = values.MultiProcessValue(slot) if shared else values.MutexValue
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        own: dict[str, Any] = {"registry": self.registry, "namespace": "yourl"}
        self.requests = Counter("http_requests", "Requests answered.", ["route", "method", "status"], **own)
        self.durations = Histogram(
            "http_request_duration_seconds", "From the whole request to the whole answer.", ["route"],
            buckets=BUCKETS, **own,
        )  # fmt: skip
        self.refused = Counter("http_requests_refused", "Requests refused by the server.", ["reason"], **own)
        self.evicted = Counter(
            "connections_evicted", "Connections closed to make room for others.", ["reason"], **own
        )
        self.log_lines_lost = Counter(
            "log_lines_lost", "Log lines that could not be written in time.", ["log"], **own
        )
        self.received = Counter("captures", "Requests to inboxes: kept, or lost.", ["outcome"], **own)
        self.devices = Counter("devices", "Requests by device class.", ["device"], **own)
        self.in_flight = Gauge(
            "http_requests_in_flight", "Requests that the application is answering.",
            multiprocess_mode="livesum", **own,
        )  # fmt: skip
        self.workers = Gauge("workers", "Worker processes.", multiprocess_mode="livesum", **own)
        self.build = Gauge(
            "build_info", "The version that runs.", ["version"], multiprocess_mode="livemax", **own
        )

    def observe(self, seen: Observation) -> None:
        """Count one request."""
        method = seen.method if seen.method in METHODS else "other"
        self.requests.labels(seen.route, method, str(seen.status)).inc()
        if seen.refused:
            self.refused.labels(seen.refused).inc()
        else:
            self.durations.labels(seen.route).observe(seen.duration)
        if seen.device:
            self.devices.labels(seen.device).inc()

    def count(self, instrument: str, label: str, number: int) -> None:
        """Add to a counter that has one label; ``instrument`` is its attribute here."""
        getattr(self, instrument).labels(label).inc(number)


_lock = threading.Lock()  # held for moments only
_importing = threading.Lock()  # held while the library is imported
_waiting: deque[Observation] = deque(maxlen=WAITING)
_waiting_counts: dict[tuple[str, str], int] = {}  # (instrument, label) -> number
_instruments: Instruments | None = None
_in_flight = 0
_slot: Any = 0


def observe(seen: Observation) -> None:
    """Count one request, now or as soon as the library is there."""
    if _instruments is None:
        with _lock:
            if _instruments is None:
                _waiting.append(seen)
                return
    _instruments.observe(seen)


def evicted(reason: str, number: int = 1) -> None:
    """Count connections that were closed to make room; ``reason`` is one of ``EVICTION_REASONS``."""
    _count("evicted", reason if reason in EVICTION_REASONS else "other", number)


def log_lines_lost(log: str, number: int) -> None:
    """Count lines that a log lost; ``log`` is "access" or "error"."""
    _count("log_lines_lost", log, number)


def received(outcome: str) -> None:
    """Count a request to an inbox: ``kept`` or ``lost``."""
    _count("received", outcome, 1)


def _count(instrument: str, label: str, number: int) -> None:
    if _instruments is None:
        with _lock:
            if _instruments is None:
                key = (instrument, label)
                _waiting_counts[key] = _waiting_counts.get(key, 0) + number
                return
    _instruments.count(instrument, label, number)


def started() -> None:
    """The application begins to answer a request."""
    _count_in_flight(1)


def finished() -> None:
    """The application has answered it, or failed to."""
    _count_in_flight(-1)


def _count_in_flight(change: int) -> None:
    global _in_flight
    with _lock:
        _in_flight += change
        if _instruments is not None:
            _instruments.in_flight.set(_in_flight)


def activate() -> Instruments:
    """Import the library if this process has not, and hand over what was counted meanwhile."""
    global _instruments
    with _importing:
        made = _instruments
        if made is None:
            made = Instruments(lambda: _slot)
            with _lock:
                _hand_over(made)
                _instruments = made
        return made


def _hand_over(made: Instruments) -> None:
    made.in_flight.set(_in_flight)
    while _waiting:
        made.observe(_waiting.popleft())
    while _waiting_counts:
        (instrument, label), number = _waiting_counts.popitem()
        made.count(instrument, label, number)


def take_slot(slot: Any) -> None:
    """Count under this name, and from zero, from now on: one that no other living process uses."""
    global _slot, _in_flight
    _slot = slot
    _in_flight = 0
    _waiting.clear()  # a fork copies what its parent has yet to count
    _waiting_counts.clear()


def reserve(folder: str, slot: Any) -> None:
    """Allocate the files of a slot, if there is a folder. Raises ``OSError`` when it has no room.

    They are mapped into memory: without this, the first count on a full disk would kill the process (SIGBUS).
    """
    for kind, size in FILES.items() if folder else ():
        with Path(folder, f"{kind}_{slot}.db").open("ab") as file:
            if hasattr(os, "posix_fallocate"):  # not on macOS
                os.posix_fallocate(file.fileno(), 0, size)


def count_alone() -> None:
    """Leave the shared folder: from now on this process tells what it has counted itself."""
    global _instruments
    os.environ.pop(FOLDER, None)
    _instruments = None


def set_workers(number: int) -> None:
    """Note how many workers the master has, for as long as it lives."""
    if _instruments is not None:
        _instruments.workers.set(number)


def free_slot(slot: Any) -> None:
    """A process has ended: what it had in flight counts no more; its totals stay."""
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(slot)


def exposition(store: StoreNumbers | None = None) -> bytes:
    """All counts as Prometheus reads them: of all workers where they share a folder, else our own."""
    instruments = activate()
    instruments.build.labels(__version__).set(1)
    from prometheus_client import CollectorRegistry, generate_latest

    registry = instruments.registry
    if FOLDER in os.environ:
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    text = bytes(generate_latest(registry))
    if store is not None:
        own = CollectorRegistry()
        own.register(store)
        text += bytes(generate_latest(own))
    return text
