"""JSON with indentation for people, made only as far as it is shown.

Indentation multiplies deep nesting: a megabyte of brackets would become hundreds, or more levels than Python
can recurse. So lines are made one by one, without recursion. Small objects and lists stay on one line, and
scalars of a list fill lines: a page of numbers is not a number for each line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

WIDTH = 80
"""Characters of a line that holds more than one value."""
MEMBERS_ON_A_LINE = 8

_dumps = json.JSONEncoder(ensure_ascii=False).encode


def indented(value: Any, limit: int) -> tuple[str, bool]:
    """The beginning of a JSON value, and whether that is less than all of it.

    :param limit: characters
    """
    lines: list[str] = []
    length = 0
    for line in _lines(value):
        lines.append(line)
        length += len(line) + 1
        if length > limit + 1:
            break
    text = "\n".join(lines)
    return text[:limit], len(text) > limit


class _Level:
    """A list or an object whose members are being written."""

    def __init__(self, value: Any, margin: str) -> None:
        self.is_object = isinstance(value, dict)
        self.members: Iterator[Any] = iter(value.items() if self.is_object else value)
        self.left = len(value)
        self.margin = margin
        self.closing = "}" if self.is_object else "]"


def _lines(value: Any) -> Iterator[str]:
    if _on_one_line(value):
        yield _dumps(value)
        return
    yield _opening(value)
    levels = [_Level(value, "  ")]
    while levels:
        level = levels[-1]
        yield from _members(level, levels)
        if levels[-1] is level:
            levels.pop()
            comma = "," if levels and levels[-1].left else ""
            yield f"{level.margin[2:]}{level.closing}{comma}"


def _members(level: _Level, levels: list[_Level]) -> Iterator[str]:
    """The lines of a level up to the next member that needs a level of its own, which is then entered."""
    line = ""  # of scalars in a list, which is filled
    for member in level.members:
        level.left -= 1
        name, value = (f"{_dumps(member[0])}: ", member[1]) if level.is_object else ("", member)
        nested = not _on_one_line(value)
        comma = "," if level.left and not nested else ""
        text = f"{name}{_opening(value) if nested else _dumps(value)}{comma}"
        fills = not level.is_object and not isinstance(value, (dict, list))
        if line and fills and len(line) + len(text) < WIDTH:
            line += f" {text}"
            continue
        if line:
            yield line
        line = level.margin + text if fills else ""
        if not fills:
            yield level.margin + text
        if nested:
            levels.append(_Level(value, f"{level.margin}  "))
            return
    if line:
        yield line


def _opening(value: Any) -> str:
    return "{" if isinstance(value, dict) else "["


def _on_one_line(value: Any) -> bool:
    """Whether a value is a scalar, or so few scalars that they fit on one line."""
    if not isinstance(value, (dict, list)):
        return True
    members = value.values() if isinstance(value, dict) else value
    if len(value) > MEMBERS_ON_A_LINE or any(isinstance(m, (dict, list)) and m for m in members):
        return False
    return not value or len(_dumps(value)) < WIDTH - 8
