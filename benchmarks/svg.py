"""Results as SVG plots: horizontal bars, and curves over sizes. Pure: values in, text out."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from benchmarks.markdown import number
from benchmarks.rounds import Bars, Curves, Result

WIDTH, MARGIN = 720, 16
LINE = 26
LABELS = 250  # pixels for the names at the left of bars
PLOT_HEIGHT = 240
OURS, OTHERS = "#0b57d0", "#9aa0a6"
COLOURS = ("#0b57d0", "#c5221f", "#188038", "#b06000", "#8430ce")
STYLE = (
    "text{font:13px sans-serif;fill:#1f1f1f}.title{font-weight:bold}.axis{stroke:#9aa0a6}"
    ".paper{fill:#fff}.small{font-size:11px}"
)


def plot(result: Result) -> str:
    """The picture of a result."""
    return bars(result) if isinstance(result, Bars) else curves(result)


def bars(result: Bars) -> str:
    """A bar for each candidate; ours in colour, with the median and the range of the rounds."""
    most = max(max(series.values) for series in result.series) or 1.0
    scale = (WIDTH - LABELS - 90) / most
    parts = []
    for place, series in enumerate(result.series):
        top = MARGIN + LINE * (place + 1)
        colour = OURS if series.name.startswith("yourl") else OTHERS
        length = series.median * scale
        low, high = (LABELS + bound * scale for bound in (min(series.values), max(series.values)))
        parts += [
            text(LABELS - 8, top + 15, series.name, anchor="end"),
            f'<rect x="{LABELS}" y="{top + 2}" width="{length:.1f}" height="18" fill="{colour}"/>',
            f'<path class="axis" d="M{low:.1f} {top + 11}H{high:.1f}" stroke-width="2"/>',
            text(max(LABELS + length, high) + 6, top + 15, number(series.median)),
        ]
    return document(f"{result.title} ({result.unit})", parts, MARGIN * 2 + LINE * (len(result.series) + 1))


def curves(result: Curves) -> str:
    """A line for each candidate over evenly spaced sizes, from zero up."""
    most = max(series.median for curve in result.curves.values() for series in curve) or 1.0
    left, top, right = 70, MARGIN + LINE, WIDTH - MARGIN
    bottom = top + PLOT_HEIGHT
    steps = max(1, len(result.sizes) - 1)
    places = [left + (right - left) * place / steps for place in range(len(result.sizes))]
    parts = [f'<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>']
    parts += [
        text(left - 6, bottom + 4, "0", anchor="end"),
        text(left - 6, top + 8, number(most), anchor="end"),
    ]
    for place, size in zip(places, result.sizes, strict=True):
        parts.append(text(place, bottom + 18, size, anchor="end" if place == right else "middle"))
    for turn, (name, curve) in enumerate(result.curves.items()):
        colour = COLOURS[turn % len(COLOURS)]
        heights = [bottom - PLOT_HEIGHT * series.median / most for series in curve]
        parts += [
            f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points(places, heights)}"/>',
            f'<rect x="{left + 170 * turn}" y="{bottom + 34}" width="12" height="12" fill="{colour}"/>',
            text(left + 170 * turn + 18, bottom + 45, name),
        ]
    return document(f"{result.title} ({result.unit}, by {result.across})", parts, bottom + 60)


def points(places: Sequence[float], heights: Sequence[float]) -> str:
    """The corners of a line."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(places, heights, strict=True))


def text(x: float, y: float, words: str, *, anchor: str = "start") -> str:
    """A line of text; the anchor says which end of it stands at ``x``."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def document(title: str, parts: Sequence[str], height: float) -> str:
    """The whole picture, on white, so that it can be read on a dark page."""
    size = f'width="{WIDTH}" viewBox="0 0 {WIDTH} {height:.0f}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>'
        f"<title>{escape(title)}</title><style>{STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height:.0f}"/>'
        f'<text class="title" x="{MARGIN}" y="{MARGIN + 8}">{escape(title)}</text>'
    )
    return "\n".join([head, *parts, "</svg>\n"])
