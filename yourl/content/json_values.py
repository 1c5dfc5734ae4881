"""JSON content as a value, within bounds of size, number and depth.

A megabyte of JSON can be 350,000 lists of 60 bytes each. What is over a bound is not parsed at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_SIZE = 256 * 1024
"""Bytes of content; webhooks send about 25 KB."""
MAX_ITEMS = 10_000
"""Brackets, braces, commas and colons, so at least the number of values."""
MAX_DEPTH = 200
"""Lists and objects within each other."""

LONGEST_FLOAT = 24
"""Characters of a float that Python writes; ``1e15`` becomes 1000000000000000.0."""

_NOT_SHOWN = "it is not shown as json"


class ParsedJson(NamedTuple):
    """A JSON value; ``note`` tells of a name that stands twice, ``size`` is the most it can take as JSON."""

    value: Any
    note: str | None
    size: int


def parse_json(content: bytes) -> ParsedJson:
    """The JSON value (RFC 8259).

    :raises ValueError: with a sentence, when it is not JSON (NaN and Infinity are none) or over a bound
    """
    items = _items_of(content)
    repeated = False
    grown = 0

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal repeated
        found = dict(pairs)
        repeated = repeated or len(found) < len(pairs)
        return found

    def number(text: str) -> float:
        nonlocal grown
        grown += max(0, LONGEST_FLOAT - len(text))
        return _float(text)

    try:
        value = json.loads(content, parse_constant=_refuse, parse_float=number, object_pairs_hook=mapping)
    except RecursionError:
        raise _too_deep() from None
    except OverflowError:
        raise ValueError(f"The JSON has a number beyond the range of a double; {_NOT_SHOWN}.") from None
    except ValueError as error:
        raise ValueError(f"The content type says JSON, but this is none: {error}.") from None
    if _is_deeper(value, MAX_DEPTH):
        raise _too_deep()
    note = "An object in the JSON has a name twice; its last value is shown." if repeated else None
    # Two bytes of UTF-16 and three of a surrogate are longer in UTF-8 or as an escape; blanks follow items.
    longest = len(content) if content.isascii() else 2 * len(content)
    return ParsedJson(value, note, longest + items + grown)


def _items_of(content: bytes) -> int:
    """Commas, colons and brackets.

    :raises ValueError: with a sentence, when they or the bytes are over a bound
    """
    if len(content) > MAX_SIZE:
        raise ValueError(f"The JSON is longer than {MAX_SIZE} bytes; {_NOT_SHOWN}.")
    items = sum(map(content.count, (b",", b":", b"[", b"{")))
    if items > MAX_ITEMS:
        raise ValueError(f"The JSON has more than {MAX_ITEMS} commas, colons and brackets; {_NOT_SHOWN}.")
    return items


def _too_deep() -> ValueError:
    return ValueError(f"The JSON is nested more than {MAX_DEPTH} deep; {_NOT_SHOWN}.")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise OverflowError
    return number


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth + 1):
        level = [inner for outer in level for inner in _inner(outer)]
        if not level:
            return False
    return True


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
