"""Results as Markdown. Pure: values in, text out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from benchmarks.rounds import Bars, Curves, Result


def number(value: float) -> str:
    """Three significant digits, without an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column is text and whose other columns are figures."""
    lines = [head, [" --- ", *([" ---: "] * (len(head) - 1))], *rows]
    bordered = [
        f"|{'|'.join(line)}|" if number == 1 else f"| {' | '.join(line)} |"
        for number, line in enumerate(lines)
    ]
    return "\n".join(bordered) + "\n"


def bars_table(result: Bars) -> str:
    """Median, spread and ratio of each candidate, then the targets."""
    baseline = result.named(result.baseline)
    has_rounds = any(len(series.values) > 1 for series in result.series)
    rows = []
    for series in result.series:
        spread = [f"± {series.spread:.0%}"] if has_rounds else []
        rows.append([series.name, number(series.median), *spread, f"{series.ratio(baseline):.2f}"])
    spread_head = ["spread"] if has_rounds else []
    text = table(["", result.unit, *spread_head, f"of {result.baseline}"], rows)
    if result.targets:
        text += "\n" + table(["target", "wanted", "measured", ""], targets(result))
    return text


def targets(result: Bars) -> Iterable[list[str]]:
    """A row for each target."""
    for target in result.targets:
        ratio = result.ratio_of(target)
        wanted = f"{'≤' if target.at_most else '≥'} {target.bound:g}"
        met = "met" if target.is_met(ratio) else "missed"
        yield [f"{target.first} / {target.second}", wanted, f"{ratio:.2f}", met]


def curves_table(result: Curves) -> str:
    """A row for each size, a column for each candidate; each has its ratio to the first."""
    names = list(result.curves)
    first = result.curves[names[0]]
    head = [
        result.across,
        *(f"{name}, {result.unit}" for name in names),
        *(f"{name} / {names[0]}" for name in names[1:]),
    ]
    rows = []
    for place, size in enumerate(result.sizes):
        figures = [number(result.curves[name][place].median) for name in names]
        ratios = [f"{result.curves[name][place].ratio(first[place]):.2f}" for name in names[1:]]
        rows.append([size, *figures, *ratios])
    return table(head, rows)


def section(result: Result, image: str = "") -> str:
    """A result with its heading, its picture if there is one, its table and its note."""
    parts = [f"### {result.title}\n"]
    if image:
        parts.append(f"![{result.title}]({image})\n")
    parts.append(bars_table(result) if isinstance(result, Bars) else curves_table(result))
    if result.note:
        parts.append(f"{result.note}\n")
    return "\n".join(parts)


def file_name(title: str) -> str:
    """A file name for the picture of a result."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") + ".svg"
