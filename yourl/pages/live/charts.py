"""The two small charts of the live page as numbers: where each bar begins and how long it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from yourl.captures.timeline import MOST_SPANS
from yourl.pages.filters import DEVICE_NAMES

WIDTH, HEIGHT = 600, 96
"""Of the chart over time, in its own units."""
DEVICE_WIDTH = 200
GAP = 2
LOWEST = 3
"""Height of the bar of a single request beside any number of others: it should be seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the chart over time."""

    x: float
    y: float
    width: float
    height: float
    start: str
    """A timestamp."""
    count: int


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Requests over time. ``bars`` are those with a request."""

    bars: list[Bar]
    first: str
    last: str
    """When the last bar begins."""
    seconds: float
    """How long a bar lasts."""
    most: int
    total: int


@dataclass(frozen=True, slots=True)
class DeviceBar:
    """How many requests came from one class of devices."""

    device: str
    name: str
    count: int
    width: float


def time_chart(over_time: Sequence[Mapping[str, Any]]) -> TimeChart | None:
    """The chart over time; None where there is no request in it."""
    spans = over_time[-MOST_SPANS:]
    counts = [max(int(span["count"]), 0) for span in spans]
    if not any(counts):
        return None
    step, most = WIDTH / len(spans), max(counts)
    bars = []
    for at, (span, count) in enumerate(zip(spans, counts, strict=True)):
        if count:
            height = round(max(count * HEIGHT / most, LOWEST), 1)
            width = round(max(step - GAP, 1), 1)
            bars.append(Bar(round(at * step, 1), HEIGHT - height, width, height, str(span["from"]), count))
    first, last = spans[0], spans[-1]
    return TimeChart(bars, str(first["from"]), str(last["from"]), float(last["seconds"]), most, sum(counts))


def device_bars(devices: Mapping[str, int]) -> list[DeviceBar]:
    """A bar for each class of devices that sent something, the longest first."""
    known = [(kind, count) for kind, count in devices.items() if count > 0 and kind in DEVICE_NAMES]
    sent = sorted(known, key=lambda pair: -pair[1])
    return [
        DeviceBar(kind, DEVICE_NAMES[kind], count, round(max(count * DEVICE_WIDTH / sent[0][1], LOWEST), 1))
        for kind, count in sent
    ]
