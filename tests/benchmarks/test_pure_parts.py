"""What the benchmarks conclude and draw; nothing is measured here."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks import __main__ as program
from benchmarks import document, load, markdown, svg
from benchmarks.comparisons import NAMES
from benchmarks.environment import ROOT
from benchmarks.rounds import Bars, Curves, Series, Target, interleaved, missed_targets, series_of

SVG = "{http://www.w3.org/2000/svg}"
FAST, SLOW = Series("yourl <fast>", (10.0, 20.0, 30.0)), Series("other", (20.0, 30.0, 90.0))
BARS = Bars(
    "Speed & more", "ms", (FAST, SLOW), "other", (Target(FAST.name, "other", 0.4, at_most=True),), "Note."
)
CURVES = Curves("Sizes", "requests/s", "workers", ("1", "2"), {"other": (SLOW, SLOW), "yourl": (FAST, SLOW)})


def test_the_first_round_is_dropped() -> None:
    """Candidates take turns, every other round backwards; the round that warms up does not count."""
    asked: list[str] = []

    def measure(name: str) -> int:
        asked.append(name)
        return len(asked)

    measured = interleaved({"a": lambda: measure("a"), "b": lambda: measure("b")}, 2)
    assert asked == ["b", "a", "a", "b", "b", "a"]
    assert measured == {"a": [3, 6], "b": [4, 5]}
    assert (Series("a", (3.0, 6.0)), Series("b", (4.0, 5.0))) == series_of(measured, float)


def test_median_spread_and_ratio() -> None:
    """A ratio is the median of the ratios of neighbours, not the ratio of the medians."""
    assert (20.0, 0.5) == (FAST.median, FAST.spread)
    assert FAST.ratio(SLOW) == 0.5


@pytest.mark.parametrize(
    ("bound", "at_most", "expected"),
    [(0.5, True, True), (0.4, True, False), (0.5, False, True), (0.6, False, False)],
)
def test_targets(bound: float, at_most: bool, expected: bool) -> None:
    """A target is an upper or a lower bound, and may be met exactly."""
    assert expected == Target("a", "b", bound, at_most).is_met(0.5)


def test_missed_targets_are_named() -> None:
    """One line says what was promised and what was measured."""
    expected = "Speed & more: yourl <fast> / other is 0.50, not at most 0.4"
    assert [expected] == missed_targets([BARS, CURVES])


def test_series_without_rounds_is_refused() -> None:
    """A figure that was never measured is a mistake."""
    with pytest.raises(ValueError, match="no rounds"):
        Series("a", ())


def test_curves_need_a_point_for_each_size() -> None:
    """A curve with a hole is a mistake."""
    with pytest.raises(ValueError, match="Sizes"):
        Curves("Sizes", "ms", "workers", ("1", "2"), {"a": (FAST,)})


@pytest.mark.parametrize(
    ("value", "expected"), [(0.123, "0.12"), (1.5, "1.50"), (12.34, "12.3"), (12345.6, "12,346")]
)
def test_numbers(value: float, expected: str) -> None:
    """Three digits are enough, and no exponent."""
    assert expected == markdown.number(value)


def test_bars_as_markdown() -> None:
    """Heading, picture, figures, targets and note."""
    assert markdown.section(BARS, "images/x.svg").splitlines() == [
        "### Speed & more",
        "",
        "![Speed & more](images/x.svg)",
        "",
        "|  | ms | spread | of other |",
        "| --- | ---: | ---: | ---: |",
        "| yourl <fast> | 20.0 | ± 50% | 0.50 |",
        "| other | 30.0 | ± 117% | 1.00 |",
        "",
        "| target | wanted | measured |  |",
        "| --- | ---: | ---: | ---: |",
        "| yourl <fast> / other | ≤ 0.4 | 0.50 | missed |",
        "",
        "Note.",
    ]


def test_curves_as_markdown() -> None:
    """A row for each size, and the ratio to the first candidate."""
    assert markdown.curves_table(CURVES).splitlines()[2:] == [
        "| 1 | 30.0 | 20.0 | 0.50 |",
        "| 2 | 30.0 | 30.0 | 1.00 |",
    ]


def test_a_single_measure_has_no_spread() -> None:
    """A size is the same in every round."""
    text = markdown.bars_table(Bars("Size", "MB", (Series("a", (2.0,)),), "a"))
    assert "spread" not in text
    assert "| a | 2.00 | 1.00 |" in text


@pytest.mark.parametrize("result", [BARS, CURVES], ids=["bars", "curves"])
def test_plots_are_well_formed(result: Bars | Curves) -> None:
    """A plot is XML with every name in it as text."""
    drawn = ElementTree.fromstring(svg.plot(result))
    names = [series.name for series in result.series] if isinstance(result, Bars) else list(result.curves)
    assert set(names) <= {element.text for element in drawn.iter(f"{SVG}text")}


def test_longest_bar_stays_inside() -> None:
    """No bar is wider than the picture."""
    bars = [bar for bar in ElementTree.fromstring(svg.bars(BARS)).iter(f"{SVG}rect") if bar.get("fill")]
    assert len(bars) == 2
    assert all(float(bar.attrib["x"]) + float(bar.attrib["width"]) <= svg.WIDTH for bar in bars)


def test_figures_find_their_place() -> None:
    """Only what was measured is replaced, and a second run replaces the first."""
    text = "a\n<!-- figures: x -->\n<!-- end -->\nb\n<!-- figures: y -->\nold\n<!-- end -->\n"
    once = document.written(text, [document.Measured("x", (BARS,))], "images", "machine")
    assert once == document.written(once, [document.Measured("x", (BARS,))], "images", "machine")
    assert "![Speed & more](images/speed-more.svg)" in once
    assert once.endswith("b\n<!-- figures: y -->\nold\n<!-- end -->\n")
    with pytest.raises(ValueError, match="no place for z"):
        document.written(text, [document.Measured("z", (BARS,))], "images", "machine")


def test_every_comparison_has_its_place() -> None:
    """docs/benchmarks.md has a place for the figures of each comparison, and for no other."""
    text = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    places = [line.split()[2] for line in text.splitlines() if line.startswith("<!-- figures: ")]
    assert list(NAMES) == places


def test_what_wrk_prints() -> None:
    """Rate, slowest percent, processor time for an answer, and failures of every kind."""
    text = (
        "     99%    1.50s \n  2000 requests in 1.00s, 1MB read\n"
        "  Socket errors: connect 1, read 2, write 3, timeout 4\n  Non-2xx or 3xx responses: 5\n"
        "Requests/sec:   2000.50\n"
    )
    assert load.Load(2000.5, 1500.0, 250.0, 15) == load.read(text, 0.5)
    assert load.read("  0 requests in 1.00s\nRequests/sec: 0.00\n", 0.5) is None


def test_list_names_every_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    """``LIST`` needs no environment and measures nothing."""
    assert program.main(["LIST"]) == 0
    assert list(NAMES) == [line.split()[0] for line in capsys.readouterr().out.splitlines()]


def test_unknown_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that does not exist is refused before anything is measured."""
    with pytest.raises(SystemExit) as caught:
        program.parse(["no-such"])
    assert caught.value.code == 2
    assert "no-such" in capsys.readouterr().err
