"""The differences of two captures: header fields, query, JSON by path, text by line.

Plain dicts, bounded in number and length. Nothing here is worse than linear in the bodies: the comparison of
lines gives up after a fixed number of edits and then shows what differs as one block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from yourl.captures.model import Capture
from yourl.captures.search import body_text
from yourl.content import TooManyFields, parse_query
from yourl.content.json_values import parse_json

MAX_DIFFERENCES = 200
"""Of header fields, of parameters, of JSON values, each."""
MAX_VALUE = 1000
"""Characters of one value that are shown."""
MAX_LINES = 5_000
MAX_EDITS = 64
"""Lines that may be added and removed before lines are no longer matched one by one."""
CONTEXT = 3
"""Equal lines around a change."""
_MISSING = object()


def compare(one: Capture, two: Capture) -> dict[str, Any]:
    """What differs. Each difference has ``name`` or ``path``, ``left`` and ``right``.

    ``body`` has ``kind``: ``equal``, ``json`` (with ``differences``), ``text`` (with ``lines``, each a sign
    of ``" "``, ``"-"``, ``"+"`` and ``"…"`` with a line) or ``bytes`` (with ``first``, an offset).
    """
    return {
        "left": one.id,
        "right": two.id,
        "request": _named(_request(one), _request(two)),
        "headers": _named(_headers(one), _headers(two)),
        "query": _named(_query(one), _query(two)),
        "body": _body(one, two),
    }


def _request(capture: Capture) -> dict[str, list[str]]:
    summary = capture.summary
    return {
        "method": [summary.method],
        "url": [summary.url.partition("?")[0]],
        "http_version": [capture.http_version],
        "client": [summary.client],
        "device_type": [summary.device_type],
        "status": [str(summary.status)],
        "findings": list(summary.findings),
    }


def _headers(capture: Capture) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in capture.fields:
        found.setdefault(name.lower(), []).append(value)
    return found


def _query(capture: Capture) -> dict[str, list[str]]:
    try:
        return parse_query(capture.target.partition("?")[2])
    except TooManyFields:
        return {}


def _named(left: Mapping[str, list[str]], right: Mapping[str, list[str]]) -> dict[str, Any]:
    differing = [name for name in dict.fromkeys([*left, *right]) if left.get(name) != right.get(name)]
    return {
        "differences": [
            {"name": _cut(name), "left": _values(left.get(name)), "right": _values(right.get(name))}
            for name in differing[:MAX_DIFFERENCES]
        ],
        "equal": len(left.keys() | right.keys()) - len(differing),
        "is_complete": len(differing) <= MAX_DIFFERENCES,
    }


def _values(values: list[str] | None) -> list[str] | None:
    return None if values is None else [_cut(value) for value in values[:MAX_DIFFERENCES]]


def _cut(text: str) -> str:
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"


def _body(one: Capture, two: Capture) -> dict[str, Any]:
    sizes = {"left_size": len(one.body), "right_size": len(two.body)}
    if one.body == two.body:
        return {"kind": "equal", **sizes}
    left, right = _json(one), _json(two)
    if left is not _MISSING and right is not _MISSING:
        differences = list(_bounded(_json_differences(left, right)))
        return {
            "kind": "json",
            "differences": differences[:MAX_DIFFERENCES],
            "is_complete": len(differences) <= MAX_DIFFERENCES,
            **sizes,
        }
    texts = body_text(one.body), body_text(two.body)
    if all(texts) or not one.body or not two.body:
        return {"kind": "text", **_text_differences(*texts), **sizes}
    return {"kind": "bytes", "first": _first_difference(one.body, two.body), **sizes}


def _json(capture: Capture) -> Any:
    """The body's JSON value, whatever its type is said to be."""
    if capture.body[:1].strip() and capture.body.lstrip()[:1] not in (b"{", b"["):
        return _MISSING
    try:
        return parse_json(capture.body)[0]
    except ValueError:
        return _MISSING


def _bounded(differences: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, difference in enumerate(differences):
        yield difference
        if number == MAX_DIFFERENCES:
            return


def _json_differences(left: Any, right: Any) -> Iterator[dict[str, Any]]:
    """Differing values by path (``$.items[0].id``), depth first; the stack is ours, so no depth breaks it."""
    waiting: list[tuple[str, Any, Any]] = [("$", left, right)]
    while waiting:
        path, one, two = waiting.pop()
        if isinstance(one, dict) and isinstance(two, dict):
            names = list(dict.fromkeys([*one, *two]))
            waiting += [
                (f"{path}.{_cut(name)}", one.get(name, _MISSING), two.get(name, _MISSING))
                for name in reversed(names)
            ]
        elif isinstance(one, list) and isinstance(two, list):
            length = max(len(one), len(two))
            waiting += [(f"{path}[{at}]", _item(one, at), _item(two, at)) for at in range(length - 1, -1, -1)]
        elif type(one) is not type(two) or one != two:
            yield {"path": _cut(path), **_sides(one, two)}


def _item(items: Sequence[Any], at: int) -> Any:
    return items[at] if at < len(items) else _MISSING


def _sides(one: Any, two: Any) -> dict[str, Any]:
    """The values; ``left`` or ``right`` is left out where that side has none: null is a value."""
    sides = {"left": one, "right": two}
    return {side: _shown(value) for side, value in sides.items() if value is not _MISSING}


def _shown(value: Any) -> Any:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, dict):
        return f"an object of {len(value)}"
    return f"a list of {len(value)}" if isinstance(value, list) else value


def _first_difference(one: bytes, two: bytes) -> int:
    """The offset of the first byte that differs, by halving: slices compare fast, single bytes do not."""
    low, high = 0, min(len(one), len(two))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == two[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _text_differences(left: str, right: str) -> dict[str, Any]:
    one, two = left.splitlines()[:MAX_LINES], right.splitlines()[:MAX_LINES]
    start = _common(one, two)
    end = _common(one[start:][::-1], two[start:][::-1])
    middle_one, middle_two = one[start : len(one) - end], two[start : len(two) - end]
    edits = _edits(middle_one, middle_two)
    if edits is None:
        edits = [*(("-", line) for line in middle_one), *(("+", line) for line in middle_two)]
    lines = [
        *((" ", line) for line in one[:start]),
        *edits,
        *((" ", line) for line in one[len(one) - end :]),
    ]
    shown = list(_with_context(lines))
    return {
        "lines": [[sign, _cut(line)] for sign, line in shown[:MAX_DIFFERENCES]],
        "is_complete": len(shown) <= MAX_DIFFERENCES,
    }


def _common(one: Sequence[str], two: Sequence[str]) -> int:
    """How many lines at the beginning are equal."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two))
    )


def _edits(one: Sequence[str], two: Sequence[str]) -> list[tuple[str, str]] | None:
    """The shortest way from one text to the other, or None where it takes more than ``MAX_EDITS`` edits.

    Eugene Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), with D bounded.
    """
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    for distance in range(MAX_EDITS + 1):
        history.append(dict(furthest))
        for diagonal in range(-distance, distance + 1, 2):
            goes_down = diagonal == -distance or (
                diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
            )
            x = furthest[diagonal + 1] if goes_down else furthest[diagonal - 1] + 1
            y = x - diagonal
            while x < len(one) and y < len(two) and one[x] == two[y]:
                x, y = x + 1, y + 1
            furthest[diagonal] = x
            if x >= len(one) and y >= len(two):
                return _path(one, two, history)
    return None


def _path(one: Sequence[str], two: Sequence[str], history: list[dict[int, int]]) -> list[tuple[str, str]]:
    """The edits, read backwards from the end of both texts."""
    edits: list[tuple[str, str]] = []
    x, y = len(one), len(two)
    for distance in range(len(history) - 1, -1, -1):
        furthest, diagonal = history[distance], x - y
        goes_down = diagonal == -distance or (
            diagonal != distance and furthest[diagonal - 1] < furthest[diagonal + 1]
        )
        before = diagonal + 1 if goes_down else diagonal - 1
        start_x = furthest[before] if distance else 0
        start_y = start_x - before if distance else 0
        after_x = start_x + (0 if goes_down else 1) if distance else 0
        while x > after_x and y > after_x - diagonal:
            x, y = x - 1, y - 1
            edits.append((" ", one[x]))
        if distance:
            edits.append(("+", two[start_y]) if goes_down else ("-", one[start_x]))
            x, y = start_x, start_y
    return edits[::-1]


def _with_context(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Changes with some equal lines around them; a longer run of equal ones becomes one ``…``."""
    changed = [at for at, (sign, _) in enumerate(lines) if sign != " "]
    last = -1
    for at in changed:
        begin = max(last + 1, at - CONTEXT)
        yield from _gap(last + 1, begin)
        yield from lines[begin:at]
        yield lines[at]
        following = next(
            (n for n in range(at + 1, min(at + 1 + CONTEXT, len(lines))) if lines[n][0] != " "), None
        )
        last = at
        if following is None:
            yield from lines[at + 1 : at + 1 + CONTEXT]
            last = min(at + CONTEXT, len(lines) - 1)
    yield from _gap(last + 1, len(lines))


def _gap(begin: int, end: int) -> Iterator[tuple[str, str]]:
    if end > begin:
        yield "…", f"{end - begin} equal lines"
