"""`Shortlist`: of many patterns, the few that can match a text, found by the words that each must contain.

ua-parser tries its patterns one after the other: 1,200 searches, 750 µs for a user agent that was not seen
before, where a whole answer takes 300. Of nearly every pattern the text must contain some words ("Kindle",
"SM-G9"). Where they are missing the pattern need not be tried; about twenty are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

# The parser of `re` itself has no types. tests/devices/test_shortlist.py compares what comes of it with `re`.
try:
    from re import _constants as constants  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_constants as constants
    import sre_parse as parser

#: What browsers send all day: a word that occurs here rules nothing out.
_DIGITS = str.maketrans("123456789", "000000000")
_COMMON = (
    "^mozilla/5.0 (linux; android 10; k; wv) applewebkit/537.36 (khtml, like gecko) version/4.0 chrome/140.0"
    " mobile safari/537.36 build/) (windows nt 10.0; win64; x64; rv:109.0) gecko/20100101 firefox/140.0 "
    "(macintosh; intel mac os x 10_15_7) (iphone; cpu iphone os 17_0 like mac os x) edg/140.0"
).translate(_DIGITS)
_SIZE = 3
#: Words of one clause.
_MOST_WORDS = 64
#: Words of a further clause that is looked at.
_FEW = 4
#: Shapes (texts in which each digit is 0) whose candidates are kept, at most 2 MB. The shape is known if only
#: the numbers of a user agent are new; its names cost 20 µs then, where they cost 35.
SHAPES_KEPT = 2048
_BLANKS = frozenset(" ")
_START, _ITEM = "^", ";"

#: A match contains one of the words.
Clause = frozenset[str]
Clauses = tuple[Clause, ...]


class Shortlist:
    """Which of ``patterns`` can match a text; the others are ruled out by a look at the text's words."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._count = len(patterns)
        numbers: dict[tuple[str, Clauses], list[int]] = {}
        for number, pattern in enumerate(patterns):
            clauses = [frozenset(map(_without_digits, clause)) for clause in clauses_of(pattern)]
            best, *others = sorted(clauses, key=_worth, reverse=True) or [frozenset()]
            rest = tuple(clause for clause in others if len(clause) <= _FEW and _can_rule_out(clause))[:2]
            if not _worth(best):
                numbers.setdefault(("", (best, *rest) if best else ()), []).append(number)
            for word in best if _worth(best) else ():
                numbers.setdefault((word, rest), []).append(number)
        self._by_part: dict[str, list[tuple[str, Clauses, list[int]]]] = {"": []}
        for (word, needed), those in numbers.items():
            self._by_part.setdefault(_rarest_part(word) if word else "", []).append((word, needed, those))
        self._all_parts = frozenset(self._by_part)
        self._kept: dict[str, list[int]] = {}

    def candidates(self, text: str) -> list[int]:
        """Numbers of the patterns that can match ``text``, in ascending order."""
        if not text.isascii():
            return list(range(self._count))  # letters and digits that `re` takes for others
        shape = _without_digits(text.lower())
        kept = self._kept.get(shape)
        if kept is None:
            kept = self._candidates_of(shape)
            if len(self._kept) >= SHAPES_KEPT:
                self._kept.clear()
            self._kept[shape] = kept
        return kept

    def _candidates_of(self, shape: str) -> list[int]:
        words = _with_marks(shape)
        found: set[int] = set()
        # The parts are looked up as they are made: a set of them would take three times as long.
        for part in ("", *self._all_parts.intersection(_parts(words))):
            for word, needed, numbers in self._by_part[part]:
                if word in words and (not needed or _are_met(needed, words)):
                    found.update(numbers)
        return sorted(found)


def _without_digits(text: str) -> str:
    """The text's shape: each digit counts as 0, so a word's shape occurs wherever the word does."""
    return text.translate(_DIGITS)


def _are_met(clauses: Clauses, words: str) -> bool:
    for clause in clauses:
        for word in clause:
            if word in words:
                break
        else:
            return False
    return True


def _with_marks(text: str) -> str:
    """The text behind a mark of its start, and how the items begin that semicolons part: see ``_clauses``."""
    items = [_ITEM + item.lstrip(" ")[: _SIZE - 1] for item in text.split(";")[1:]]
    return f"{_START}{text}{''.join(items)}"


def _parts(text: str) -> Iterable[str]:
    # Zipped in C: a slice for each position would cost twice as much.
    return map("".join, zip(text, text[1:], text[2:], strict=False))


def _rarest_part(word: str) -> str:
    parts = list(_parts(word))
    return next((part for part in parts if part not in _COMMON), parts[0])


def _can_rule_out(clause: Clause) -> bool:
    """Not where each browser sends a word, as ".0": to look for it takes a seventh of a lookup's time."""
    return not any(word in _COMMON for word in clause)


def _worth(clause: Clause) -> int:
    """How much a clause rules out: as much as the least of its words. Nothing where one is too short."""
    return min((_worth_of(word) for word in clause), default=0)


def _worth_of(word: str) -> int:
    return 0 if len(word) < _SIZE else 1 if word in _COMMON else len(word)


def clauses_of(pattern: re.Pattern[str]) -> list[Clause]:
    """What every match contains: of each clause one word at least, in lower case."""
    tree = parser.parse(pattern.pattern, pattern.flags & re.IGNORECASE)
    return [clause for clause in _clauses(tree, ("",)) if clause.isdisjoint((_START, _ITEM))]


def _clauses(tree: Iterable[tuple[Any, Any]], runs: Sequence[str]) -> Iterator[Clause]:
    """The clauses of a part of a pattern.

    A semicolon and the blanks that may follow are one word with the next letters: ";sm", see ``_with_marks``.

    :param runs: what comes right before, in any of these forms
    """
    for kind, value in _flattened(tree):
        repeats = kind in (constants.MAX_REPEAT, constants.MIN_REPEAT)
        letters = _letters(*value[2][0]) if repeats and len(value[2]) == 1 else _letters(kind, value)
        if runs[0] == _ITEM and repeats and letters == _BLANKS:
            continue
        extends = _fits(runs, letters) and (not repeats or value[0] > 0)
        if extends:
            runs = [run + letter for run in runs for letter in letters]
            if not repeats:
                continue
        if kind is constants.BRANCH:
            yield from _of_branches([list(_clauses(branch, runs)) for branch in value[1]])
        elif runs[0]:
            yield frozenset(runs)
        runs = ("",)
        if repeats and value[0] > 0 and not extends:
            yield from _clauses(value[2], runs)
    if runs[0]:
        yield frozenset(runs)


def _fits(runs: Sequence[str], letters: Clause) -> bool:
    """Whether the words can go on with these letters: with one, or, while they are short, with several."""
    if not letters or (runs[0].startswith(_ITEM) and len(runs[0]) >= _SIZE):
        return False
    return len(letters) == 1 or (len(runs[0]) < _SIZE and len(runs) * len(letters) <= _MOST_WORDS)


def _of_branches(branches: list[list[Clause]]) -> Iterator[Clause]:
    """One clause of the best of each branch; none where nothing is known of a branch."""
    if all(branches):
        yield frozenset().union(*(max(clauses, key=_worth) for clauses in branches))


def _flattened(tree: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The steps of a pattern without its groups, and without what matches a position other than the start."""
    for kind, value in tree:
        if kind is constants.SUBPATTERN:
            yield from _flattened(value[3])
        elif kind is constants.AT and value is constants.AT_BEGINNING:
            yield constants.LITERAL, ord(_START)
        elif kind not in (constants.AT, constants.ASSERT, constants.ASSERT_NOT):
            yield kind, value


def _letters(kind: Any, value: Any) -> Clause:
    """The ASCII letters in lower case that a step matches; empty where it matches others, or many."""
    if kind is constants.LITERAL:
        codes = {value}
    elif kind is constants.IN:
        codes = set().union(*(_codes(*each) for each in value))
    else:
        return frozenset()
    is_ascii = all(0 <= code < 128 for code in codes)
    return frozenset(chr(code).lower() for code in codes) if is_ascii else frozenset()


def _codes(kind: Any, value: Any) -> Iterable[int]:
    if kind is constants.LITERAL:
        return (value,)
    if kind is constants.RANGE:
        return range(value[0], value[1] + 1)
    if kind is constants.CATEGORY and value is constants.CATEGORY_DIGIT:
        return range(ord("0"), ord("9") + 1)
    return (-1,)
