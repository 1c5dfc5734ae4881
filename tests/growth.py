"""How the time of a function grows with its input: what tells linear from quadratic on any machine.

An input eight times as long takes a linear function eight times as long, a quadratic one sixty-four times.
The limit lies between, in the middle of the octaves. What counts is the CPU time of the thread, so that
waiting for a processor counts as nothing; each time is the best of several, and a growth over the limit is
measured again before it is believed.
"""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 8
LIMIT = 22.6
"""The geometric mean of 8 and 64."""
TOO_FAST = 100e-6
"""Seconds at the longer input below which nothing is quadratic: the steps of 4,000 x 4,000 take far
longer."""


def seconds(call: Callable[[], object], times: int) -> float:
    """The best of so many calls."""
    best = float("inf")
    for _ in range(times):
        started = time.thread_time()
        call()
        best = min(best, time.thread_time() - started)
    return best


def growth(function: Callable[[int], Callable[[], object]], size: int = 500) -> float:
    """How many times longer ``function(8 * size)()`` takes than ``function(size)()``; 0 where both are fast.

    :param function: makes the call for an input of a size; making it is not measured
    """
    found = float("inf")
    long, short = function(FACTOR * size), function(size)
    for times in (1, 3, 9, 27):
        slow = seconds(long, times)
        if slow < TOO_FAST:
            return 0.0
        found = min(found, slow / seconds(short, 4 * times))
        if found < LIMIT:
            break
    return found
