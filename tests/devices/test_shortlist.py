"""The shortlist leaves out only patterns that cannot match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.cases import CASES
from yourl.devices import names, shortlist, warm_names
from yourl.devices.pattern_words import clauses_of, parsed, tells_digits_apart
from yourl.devices.shortlist import Shortlist

CHROME = (
    "Mozilla/5.0 (Linux; Android 14; SM-G991B) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)
PATTERNS = [
    r"(Kindle)/(\d+)",
    r"; {0,2}(SM-G\d{3}[A-Z]?)(?: Build|\) AppleWebKit)",
    r"; {0,2}(A\d{2}|B[12]x) Build",
    r"^(htc|lge)[ -]",
    r"(?:One|two) ?(x|Y)+z",
    r"\b[Bb]ot\b(?!tle)",
    r"(a|)(b|c)?.{1,3}d",
    r"[^a]q|\w+",
]
TEXTS = [
    CHROME,
    "Kindle/3",
    "HTC-1",
    "onexz",
    "Two yz",
    "a bot",
    "bottle",
    "; A12 Build",
    ";  b2X BUILD",
    "ab1d",
    "",
]


@pytest.mark.parametrize("flags", [0, re.IGNORECASE])
@pytest.mark.parametrize("text", TEXTS)
def test_patterns_that_match_are_listed(text: str, flags: int) -> None:
    """Every pattern that matches a text is among its candidates, in order."""
    compiled = [re.compile(pattern, flags) for pattern in PATTERNS]
    candidates = Shortlist(compiled).candidates(text)
    assert candidates == sorted(candidates)
    assert {number for number, pattern in enumerate(compiled) if pattern.search(text)} <= set(candidates)


def test_patterns_whose_words_are_missing_are_ruled_out() -> None:
    """Of a browser's text the patterns for another device are no candidates."""
    compiled = [
        re.compile(pattern) for pattern in (r"(Kindle)/(\d+)", r"; {0,2}(MZ\d{3})", r"^(htc|lge)[ -]")
    ]
    assert Shortlist(compiled).candidates(CHROME) == []


@settings(deadline=None)
@given(st.text(alphabet="kKiIſİıAbB12; ^KHTCſ٣", max_size=12))
def test_letters_that_count_as_others_rule_nothing_out(text: str) -> None:
    """What `re` takes for an ASCII letter or a digit is not mistaken for another one."""
    compiled = [
        re.compile(pattern, re.IGNORECASE) for pattern in (r"kiss", r"; {0,2}(A\d)", r"^htc", r"(b|k)[1i]")
    ]
    found = {number for number, pattern in enumerate(compiled) if pattern.search(text)}
    assert found <= set(Shortlist(compiled).candidates(text))


@settings(deadline=None)
@given(st.lists(st.text(alphabet="aB109; G", max_size=8), min_size=2, max_size=6))
def test_numbers_that_differ_share_no_wrong_candidates(texts: list[str]) -> None:
    """A text whose shape is known has no more candidates than one that comes first, and those that match."""
    patterns = [r"a1", r"b[02]9", r"; {0,2}(G19|B0)", r"(\d)a", r"^1b", r"109|zz", r"a\d\dB", r"(\d)\1"]
    compiled = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
    shared = Shortlist(compiled)
    for text in (*texts, *(text.replace("1", other) for other in "982" for text in texts)):
        candidates = shared.candidates(text)
        assert candidates == sorted(candidates)
        assert set(candidates) <= set(Shortlist(compiled).candidates(text))
        assert {number for number, pattern in enumerate(compiled) if pattern.search(text)} <= set(candidates)


def test_a_shape_that_comes_again_is_narrowed() -> None:
    """Of what all numbers are alike to, only what matches is tried again; other digits are looked at."""
    compiled = [re.compile(pattern) for pattern in (r"\b(008|Argus)/", r"Mobile .?Firefox", r"Chrome/\d+")]
    found = Shortlist(compiled)
    assert [found.candidates(f"Mobile Chrome/{number} 537 Firefox") for number in (1, 2)] == [[1, 2], [2]]
    assert found.candidates("Mobile Chrome/3 008 Firefox") == [0, 2]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"(Chrome)/(\d+)\.[0-9]{1,3}(?:Mobile|\w|)[^a-z;]*?$", False),
        (r"a(?=\d)(?!\D)[\s\S]", False),
        ("a1", True),
        ("[^5]", True),
        (r"[\s5]", True),
        (r"[\D0-8]", True),
        ("a|b(?:c|[2-4])?", True),
        ("(?!7)", True),
        (r"(\d)\1", True),
    ],
)
def test_whether_digits_are_told_apart(pattern: str, expected: bool) -> None:
    """Literal digits, some of them, and references do; all of them or none do not."""
    assert tells_digits_apart(parsed(re.compile(pattern))) is expected


def test_the_kept_shapes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many different shapes leave at most SHAPES_KEPT of them in memory; differing numbers leave one."""
    monkeypatch.setattr(shortlist, "SHAPES_KEPT", 10)
    found = Shortlist([re.compile("a")])
    for number in range(100, 200):
        found.candidates(f"b{number}")
    assert len(found._kept) == 1
    for number in range(100):
        found.candidates("b" * number)
        assert len(found._kept) <= 10


def test_clauses_are_what_a_match_must_contain() -> None:
    """Alternatives are words of one clause; what may be missing is none."""
    assert set(clauses_of(parsed(re.compile(r"(Pixel|Nexus) ?(?:tab)? pro")))) == {
        frozenset({"pixel", "nexus"}),
        frozenset({" pro"}),
    }


@pytest.mark.parametrize("user_agent", sorted({user_agent for _, user_agent, _ in CASES}))
def test_names_are_the_same_as_without_the_shortlist(user_agent: str) -> None:
    """The names are those that user-agents finds with every pattern."""
    from user_agents import parse

    warm_names()
    names._look_up.cache_clear()
    for digits in ("0123456789", "1234567890", "9081726354", "5555555555"):  # of one shape
        text = user_agent.translate(str.maketrans("0123456789", digits))[: names.NAMES_CUT]
        expected = parse(text)
        assert names.names_of(text) == (expected.get_browser(), expected.get_os(), expected.device.family)
