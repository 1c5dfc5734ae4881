"""What a regular expression says of its matches: words that each contains, and whether digits are alike."""

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

_DIGITS = str.maketrans("123456789", "000000000")
#: What browsers send all day: a word that occurs here rules nothing out.
COMMON = (
    "^mozilla/5.0 (linux; android 10; k; wv) applewebkit/537.36 (khtml, like gecko) version/4.0 chrome/140.0"
    " mobile safari/537.36 build/) (windows nt 10.0; win64; x64; rv:109.0) gecko/20100101 firefox/140.0 "
    "(macintosh; intel mac os x 10_15_7) (iphone; cpu iphone os 17_0 like mac os x) edg/140.0"
).translate(_DIGITS)
#: Letters of a word that is worth looking for, at the least.
SIZE = 3
#: Words of one clause.
_MOST_WORDS = 64
_BLANKS = frozenset(" ")
_ALL_DIGITS = frozenset(map(ord, "0123456789"))
_CATEGORIES_OF_DIGITS = (
    constants.CATEGORY_DIGIT, constants.CATEGORY_WORD, constants.CATEGORY_NOT_SPACE,
)  # fmt: skip
#: Where a text begins, and where an item of it does.
START, ITEM = "^", ";"

#: The steps of a pattern, as the parser of `re` gives them.
Tree = Iterable[tuple[Any, Any]]
#: A match contains one of the words.
Clause = frozenset[str]
Clauses = tuple[Clause, ...]


def tells_digits_apart(tree: Tree) -> bool:
    """Whether a pattern may match a text and not the same text with other digits."""
    return any(_tells_digits_apart(kind, value) for kind, value in tree)


def _tells_digits_apart(kind: Any, value: Any) -> bool:
    if kind is constants.SUBPATTERN:
        return tells_digits_apart(value[3])
    if kind is constants.BRANCH:
        return any(map(tells_digits_apart, value[1]))
    if kind in (constants.MAX_REPEAT, constants.MIN_REPEAT):
        return tells_digits_apart(value[2])
    if kind in (constants.ASSERT, constants.ASSERT_NOT):
        return tells_digits_apart(value[1])
    if kind in (constants.LITERAL, constants.NOT_LITERAL):
        return chr(value).isdecimal()
    if kind is constants.IN:
        return 0 < len({digit for each in value for digit in _digits_in(*each)}) < len(_ALL_DIGITS)
    return kind not in (constants.AT, constants.ANY)


def _digits_in(kind: Any, value: Any) -> frozenset[int]:
    """The digits that a part of a set names; a set that names some tells digits apart, also negated."""
    if kind is constants.LITERAL:
        return _ALL_DIGITS & {value}
    if kind is constants.RANGE:
        return _ALL_DIGITS.intersection(range(value[0], value[1] + 1))
    return _ALL_DIGITS if kind is constants.CATEGORY and value in _CATEGORIES_OF_DIGITS else frozenset()


def without_digits(text: str) -> str:
    """The text's shape: each digit counts as 0, so a word's shape occurs wherever the word does."""
    return text.translate(_DIGITS)


def with_marks(text: str) -> str:
    """The text behind a mark of its start, and how the items begin that semicolons part: see ``_clauses``."""
    items = [ITEM + item.lstrip(" ")[: SIZE - 1] for item in text.split(";")[1:]]
    return f"{START}{text}{''.join(items)}"


def worth(clause: Clause) -> int:
    """How much a clause rules out: as much as the least of its words. Nothing where one is too short."""
    return min((_worth_of(word) for word in clause), default=0)


def _worth_of(word: str) -> int:
    return 0 if len(word) < SIZE else 1 if word in COMMON else len(word)


def parsed(pattern: re.Pattern[str]) -> Tree:
    """The steps of a compiled pattern."""
    tree: Tree = parser.parse(pattern.pattern, pattern.flags & re.IGNORECASE)
    return tree


def clauses_of(tree: Tree) -> list[Clause]:
    """What every match contains: of each clause one word at least, in lower case."""
    return [clause for clause in _clauses(tree, ("",)) if clause.isdisjoint((START, ITEM))]


def _clauses(tree: Tree, runs: Sequence[str]) -> Iterator[Clause]:
    """The clauses of a part of a pattern.

    A semicolon and the blanks that may follow are one word with the next letters: ";sm", see ``with_marks``.

    :param runs: what comes right before, in any of these forms
    """
    for kind, value in _flattened(tree):
        repeats = kind in (constants.MAX_REPEAT, constants.MIN_REPEAT)
        letters = _letters(*value[2][0]) if repeats and len(value[2]) == 1 else _letters(kind, value)
        if runs[0] == ITEM and repeats and letters == _BLANKS:
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
    if not letters or (runs[0].startswith(ITEM) and len(runs[0]) >= SIZE):
        return False
    return len(letters) == 1 or (len(runs[0]) < SIZE and len(runs) * len(letters) <= _MOST_WORDS)


def _of_branches(branches: list[list[Clause]]) -> Iterator[Clause]:
    """One clause of the best of each branch; none where nothing is known of a branch."""
    if all(branches):
        yield frozenset().union(*(max(clauses, key=worth) for clauses in branches))


def _flattened(tree: Tree) -> Iterator[tuple[Any, Any]]:
    """The steps of a pattern without its groups, and without what matches a position other than the start."""
    for kind, value in tree:
        if kind is constants.SUBPATTERN:
            yield from _flattened(value[3])
        elif kind is constants.AT and value is constants.AT_BEGINNING:
            yield constants.LITERAL, ord(START)
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
