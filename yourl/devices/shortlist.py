"""`Shortlist`: of many patterns, the few that can match a text, found by the words that each must contain.

ua-parser tries its patterns one after the other: 1,200 searches, 750 µs for a user agent that was not seen
before, where a whole answer takes 300. Of nearly every pattern the text must contain some words ("Kindle",
"SM-G9"). Where they are missing the pattern need not be tried; about twenty are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from yourl.devices.pattern_words import (
    COMMON,
    ITEM,
    START,
    Clause,
    Clauses,
    clauses_of,
    parsed,
    tells_digits_apart,
    with_marks,
    without_digits,
    worth,
)

#: Words of a further clause that is looked at.
_FEW = 4
#: Shapes (texts in which each digit is 0) whose candidates are kept, at most 2 MB. The shape is known if only
#: the numbers of a user agent are new; its names cost 13 µs then, where they cost 50.
SHAPES_KEPT = 2048


@dataclass(slots=True)
class _Candidates:
    """What can match the texts of one shape."""

    numbers: list[int]
    doubtful: list[tuple[int, list[str]]]
    """Further patterns, each with words of which the text must contain one."""
    are_narrowed: bool = False
    """Only for a shape that comes again: it costs as much as to try the candidates once."""


class Shortlist:
    """Which of ``patterns`` can match a text; the others are ruled out by a look at the text's words."""

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = patterns
        self._tells_digits_apart: list[bool] = []
        numbers: dict[tuple[str, Clauses], list[int]] = {}
        self._real_words: dict[tuple[int, str], list[str]] = {}
        for number, pattern in enumerate(patterns):
            tree = parsed(pattern)
            self._tells_digits_apart.append(tells_digits_apart(tree))
            real = {frozenset(map(without_digits, clause)): clause for clause in clauses_of(tree)}
            best, *others = sorted(real, key=worth, reverse=True) or [frozenset()]
            for word in real.get(best, ()):
                self._real_words.setdefault((number, without_digits(word)), []).append(word)
            rest = tuple(clause for clause in others if len(clause) <= _FEW and _can_rule_out(clause))[:2]
            if not worth(best):
                numbers.setdefault(("", (best, *rest) if best else ()), []).append(number)
            for word in best if worth(best) else ():
                numbers.setdefault((word, rest), []).append(number)
        self._by_part: dict[str, list[tuple[str, Clauses, list[int]]]] = {"": []}
        for (word, needed), those in numbers.items():
            self._by_part.setdefault(_rarest_part(word) if word else "", []).append((word, needed, those))
        self._all_parts = frozenset(self._by_part)
        self._kept: dict[str, _Candidates] = {}

    def candidates(self, text: str) -> list[int]:
        """Numbers of the patterns that can match ``text``, in ascending order."""
        if not text.isascii():
            return list(range(len(self._patterns)))  # letters and digits that `re` takes for others
        shape = without_digits(text)
        kept = self._kept.get(shape)
        if kept is None:
            if len(self._kept) >= SHAPES_KEPT:
                self._kept.clear()
            kept = self._kept[shape] = self._candidates_of(shape.lower())
        elif not kept.are_narrowed:
            self._narrow(kept, shape)
        # "008" has the shape of all numbers, and its pattern takes a third of the time of a lookup.
        more = [number for number, words in kept.doubtful for word in words if word in text.lower()]
        return sorted({*kept.numbers, *more}) if more else kept.numbers

    def _narrow(self, candidates: _Candidates, shape: str) -> None:
        """Leave out what matches no text of this shape, as all digits are alike to it."""
        candidates.numbers = [
            number
            for number in candidates.numbers
            if self._tells_digits_apart[number] or self._patterns[number].search(shape)
        ]
        candidates.are_narrowed = True

    def _candidates_of(self, shape: str) -> _Candidates:
        words = with_marks(shape)
        found: set[int] = set()
        doubtful: dict[int, list[str]] = {}
        # The parts are looked up as they are made: a set of them would take three times as long.
        for part in ("", *self._all_parts.intersection(_parts(words))):
            for word, needed, numbers in self._by_part[part]:
                if word in words and (not needed or _are_met(needed, words)):
                    if word in COMMON and "0" in word and word[0] not in (START, ITEM):
                        for number in numbers:
                            doubtful.setdefault(number, []).extend(self._real_words[number, word])
                    else:
                        found.update(numbers)
        return _Candidates(sorted(found), [each for each in doubtful.items() if each[0] not in found])


def _are_met(clauses: Clauses, words: str) -> bool:
    for clause in clauses:
        for word in clause:
            if word in words:
                break
        else:
            return False
    return True


def _parts(text: str) -> Iterable[str]:
    # Zipped in C: a slice for each position would cost twice as much.
    return map("".join, zip(text, text[1:], text[2:], strict=False))


def _rarest_part(word: str) -> str:
    parts = list(_parts(word))
    return next((part for part in parts if part not in COMMON), parts[0])


def _can_rule_out(clause: Clause) -> bool:
    """Not where each browser sends a word, as ".0": to look for it takes a seventh of a lookup's time."""
    return not any(word in COMMON for word in clause)
