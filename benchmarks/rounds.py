"""Interleaved rounds and what is concluded from them. Pure: knows no server and no clock.

A shared machine is fast now and slow a second later. The candidates of a comparison take turns, A B A B …,
and a ratio is the median of the ratios within each round, between measures taken one after the other.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Measure = TypeVar("Measure")


@dataclass(frozen=True, slots=True)
class Series:
    """What one candidate measured, round by round."""

    name: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise ValueError(f"{self.name} has no rounds")

    @property
    def median(self) -> float:
        """The middle of the rounds."""
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance between slowest and fastest round, as a part of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0.0

    def ratio(self, other: Series) -> float:
        """Median of this one's rounds divided by the same rounds of the other."""
        return statistics.median(
            mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A ratio that was promised: ``first`` to ``second``, at most or at least ``bound``."""

    first: str
    second: str
    bound: float
    at_most: bool

    def is_met(self, ratio: float) -> bool:
        """Whether a measured ratio is within the bound."""
        return ratio <= self.bound if self.at_most else ratio >= self.bound


@dataclass(frozen=True, slots=True)
class Bars:
    """One figure for each of some candidates."""

    title: str
    unit: str
    series: tuple[Series, ...]
    baseline: str
    targets: tuple[Target, ...] = ()
    note: str = ""

    def named(self, name: str) -> Series:
        """The series of a candidate."""
        return next(series for series in self.series if series.name == name)

    def ratio_of(self, target: Target) -> float:
        """The measured ratio of a target."""
        return self.named(target.first).ratio(self.named(target.second))


@dataclass(frozen=True, slots=True)
class Curves:
    """One figure for each of some candidates at each of some sizes; ``curves`` has a series for each size."""

    title: str
    unit: str
    across: str
    sizes: tuple[str, ...]
    curves: Mapping[str, tuple[Series, ...]]
    note: str = ""

    def __post_init__(self) -> None:
        if any(len(curve) != len(self.sizes) for curve in self.curves.values()):
            raise ValueError(f"{self.title}: each curve needs a point for each of {self.sizes}")


Result = Bars | Curves


def interleaved(candidates: Mapping[str, Callable[[], Measure]], rounds: int) -> dict[str, list[Measure]]:
    """Measure each candidate in turn, ``rounds`` times after a round that warms up and is dropped.

    Every other round goes backwards, so that none always follows the same neighbour.
    """
    measured: dict[str, list[Measure]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        order = list(candidates.items())
        for name, measure in order if number % 2 else reversed(order):
            value = measure()
            if number:
                measured[name].append(value)
    return measured


def series_of(
    measured: Mapping[str, Sequence[Measure]], figure: Callable[[Measure], float]
) -> tuple[Series, ...]:
    """One figure of each candidate's measures."""
    return tuple(Series(name, tuple(map(figure, values))) for name, values in measured.items())


def missed_targets(results: Sequence[Result]) -> list[str]:
    """A line for each target that was not met."""
    lines = []
    for result in results:
        for target in result.targets if isinstance(result, Bars) else ():
            ratio = result.ratio_of(target)
            if not target.is_met(ratio):
                bound = f"{'at most' if target.at_most else 'at least'} {target.bound:g}"
                lines.append(f"{result.title}: {target.first} / {target.second} is {ratio:.2f}, not {bound}")
    return lines
