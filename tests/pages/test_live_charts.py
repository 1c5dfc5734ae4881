"""The charts of the live page as numbers."""

from __future__ import annotations

from typing import Any

from yourl.captures.timeline import MOST_SPANS
from yourl.pages.live.charts import DEVICE_WIDTH, HEIGHT, LOWEST, WIDTH, device_bars, time_chart


def spans(*counts: int) -> list[dict[str, Any]]:
    """So many requests in each minute."""
    return [
        {"from": f"2026-11-23T22:{minute % 60:02}:00+00:00", "seconds": 60.0, "count": count}
        for minute, count in enumerate(counts)
    ]


def test_the_highest_bar_fills_the_chart() -> None:
    """Heights are in proportion, and a minute without a request has no bar."""
    chart = time_chart(spans(4, 0, 2))
    assert chart is not None
    assert [(4, HEIGHT), (2, HEIGHT / 2)] == [(bar.count, bar.height) for bar in chart.bars]
    assert (4, 6, 60.0) == (chart.most, chart.total, chart.seconds)
    assert all(HEIGHT == bar.y + bar.height for bar in chart.bars)


def test_one_request_among_many_is_seen() -> None:
    """Beside a million a single request still has a bar."""
    chart = time_chart(spans(1_000_000, 1))
    assert chart is not None
    assert LOWEST == chart.bars[1].height


def test_a_chart_is_bounded() -> None:
    """Only the newest minutes are drawn, all of them inside."""
    chart = time_chart(spans(*[1] * 500))
    assert chart is not None
    assert MOST_SPANS == len(chart.bars)
    assert all(0 <= bar.x and bar.x + bar.width <= WIDTH for bar in chart.bars)


def test_nothing_has_no_chart() -> None:
    """Without a request there is nothing to draw."""
    assert (None, None) == (time_chart([]), time_chart(spans(0, 0)))


def test_devices_are_sorted() -> None:
    """The class that sent most comes first and has the longest bar; those that sent nothing have none."""
    bars = device_bars({"pc": 1, "phone": 4, "watch": 0, "no such class": 9_000})
    assert [("Phone", 4, DEVICE_WIDTH), ("PC", 1, DEVICE_WIDTH / 4)] == [
        (bar.name, bar.count, bar.width) for bar in bars
    ]
