"""How many requests came when: counts for equal spans of time, few enough for a small chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from yourl.representation import timestamp

MOST_SPANS = 60
# Seconds that read well: up to a minute, an hour, a day; then days.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)


def over_time(moments: Sequence[datetime]) -> list[dict[str, Any]]:
    """Spans without a gap from the first moment to the last: ``from``, ``seconds`` and ``count`` of each."""
    if not moments:
        return []
    times = [int(moment.timestamp()) for moment in moments]
    step = _step(min(times), max(times))
    counts = Counter(time // step for time in times)
    return [
        {
            "from": timestamp(datetime.fromtimestamp(number * step, timezone.utc)),
            "seconds": float(step),
            "count": counts[number],
        }
        for number in range(min(counts), max(counts) + 1)
    ]


def _step(first: int, last: int) -> int:
    """The shortest span of which no more than ``MOST_SPANS`` are needed."""
    for step in _STEPS:
        if last // step - first // step < MOST_SPANS:
            return step
    day = _STEPS[-1]
    return day * -(-(last - first + day) // (day * (MOST_SPANS - 1)))
