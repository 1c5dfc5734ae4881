"""`RuleGroup`: rules that are searched for together, as one compiled pattern.

Nearly every search finds nothing, so one pattern for all rules of a group runs first. Which rule matched
is determined only after a hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import NamedTuple

from yourl.devices.rules import MAKERS, RULES, Rule

_MAKER = re.compile(rf"(?:{'|'.join(MAKERS)})[-_ ]")


class RuleMatch(NamedTuple):
    """A rule and the token that it matched."""

    rule: Rule
    token: str


class RuleGroup:
    """All rules of one device class that look in the same place and have the same strength."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.rules = rules

    @classmethod
    def of(cls, device_type: str, look: str, strength: str = "strong") -> RuleGroup:
        """The table's rules with this class, place and strength."""
        wanted = (device_type, look, strength)
        return cls(tuple(rule for rule in RULES if (rule.type, rule.look, rule.strength) == wanted))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled at the first use, because compiling all groups takes a tenth of a server's start."""
        return re.compile(merged_pattern([rule.pattern for rule in self.rules]) or r"(?!)")

    def occurs_in(self, text: str) -> bool:
        """Whether any of the rules matches anywhere in `text`."""
        return self.pattern.search(text) is not None

    def begins(self, text: str) -> bool:
        """Whether any of the rules matches at the beginning of `text`."""
        return self.pattern.match(text) is not None

    def search(self, text: str) -> RuleMatch | None:
        """The leftmost match in `text`."""
        found = self.pattern.search(text)
        return self._match_at(text, found.start()) if found else None

    def match(self, text: str) -> RuleMatch | None:
        """The first rule that matches at the beginning of `text`."""
        return self._match_at(text, 0) if self.pattern.match(text) else None

    def _match_at(self, text: str, start: int) -> RuleMatch | None:
        for rule in self.rules:
            found = _compiled(rule.pattern).match(text, start)
            if found:
                return RuleMatch(rule, found.group())
        return None


class ModelRules:
    """Rules for model names: for each device class, those for its beginning and those for any place in it."""

    def __init__(self, groups: Iterable[tuple[RuleGroup, RuleGroup]]) -> None:
        self.groups = tuple(groups)
        # Nearly all model names match none: two searches say so, where the groups would take twenty.
        self._at_start = RuleGroup(tuple(rule for at_start, _ in self.groups for rule in at_start.rules))
        self._anywhere = RuleGroup(tuple(rule for _, anywhere in self.groups for rule in anywhere.rules))

    @property
    def together(self) -> tuple[RuleGroup, RuleGroup]:
        """All rules for the beginning, and all for any place."""
        return self._at_start, self._anywhere

    def match(self, model: str) -> RuleMatch | None:
        """The first match, group by group: at the beginning of the model name, then anywhere in it.

        :param model: in lower case
        """
        maker = _MAKER.match(model)
        names = [model, model[maker.end() :]] if maker else [model]
        can_begin = any(self._at_start.begins(name) for name in names)
        can_contain = self._anywhere.occurs_in(model)
        for at_start, anywhere in self.groups if can_begin or can_contain else ():
            found = next((match for name in names if (match := at_start.match(name))), None)
            if not found and can_contain:
                found = anywhere.search(model)
            if found:
                return found
        return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """The pattern of a single rule, compiled at its group's first hit."""
    return re.compile(pattern)


def merged_pattern(patterns: Sequence[str]) -> str:
    """One alternation of all alternatives in `patterns`, arranged so that most positions fail fast.

    Alternatives after a word boundary are tried at boundaries only, and those that begin with the same
    character are tried only where it stands. This halves the time of a search that finds nothing.
    """
    anywhere: list[str] = []
    at_word_boundary: list[str] = []
    for alternative in (part for pattern in patterns for part in _alternatives(pattern)):
        if alternative.startswith(r"\b"):
            at_word_boundary.append(alternative[2:])
        else:
            anywhere.append(alternative)
    branches = _by_first_character(anywhere)
    if at_word_boundary:
        branches.append(rf"\b(?:{'|'.join(_by_first_character(at_word_boundary))})")
    return "|".join(branches)


def _by_first_character(alternatives: Sequence[str]) -> list[str]:
    """`alternatives` with one branch for those that begin with the same literal character."""
    branches: list[str] = []
    rests: dict[str, list[str]] = {}
    for alternative in alternatives:
        if re.match(r"[a-z0-9 /;:_-](?![?{])", alternative):
            rests.setdefault(alternative[0], []).append(alternative[1:])
        else:
            branches.append(alternative)
    return [f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items()] + branches


def _alternatives(pattern: str) -> Iterator[str]:
    """The parts of `pattern` between the bars that are outside every parenthesis and bracket."""
    depth, start = 0, 0
    for bar in re.finditer(r"\\.|\[(?:\\.|[^\]])*\]|[()|]", pattern):
        depth += {"(": 1, ")": -1}.get(bar.group(), 0)
        if bar.group() == "|" and depth == 0:
            yield pattern[start : bar.start()]
            start = bar.end()
    yield pattern[start:]
