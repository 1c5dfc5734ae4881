"""``?expect=client:203.0.113.7&expect=scheme:https``: an inspection as a test of a proxy set-up.

Works on the represented inspection (plain dicts), so whatever an answer shows can be expected. Knows
nothing of Flask or of where the expectations come from.

An expectation is ``NAME:VALUE``, or ``!NAME:VALUE`` for what must not be. NAME is one of

- ``client``, ``scheme``, ``host``, ``port``, ``prefix``: what was decided;
- ``device``: the device class;
- ``finding``: VALUE is the code of a finding that must be there; ``finding:none`` wants none at all;
- any top-level key of the inspection, or a path of keys such as ``body.size`` or ``headers.X-Request-ID``.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DECIDED = ("client", "scheme", "host", "port", "prefix")
# More expectations than anybody writes by hand; each is looked up and listed.
MAX_EXPECTATIONS = 100


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and how it went; ``actual`` is what the inspection holds instead or as well."""

    expect: str
    met: bool
    actual: Any
    why: str


class NoSuchValue(LookupError):
    """An expectation names something that the inspection does not have; the message says what it has."""


def check_all(expectations: Sequence[str], document: Mapping[str, Any]) -> list[Check]:
    """Each expectation against the inspection, in order; those over ``MAX_EXPECTATIONS`` fail."""
    checks = [check(text, document) for text in expectations[:MAX_EXPECTATIONS]]
    return checks + [
        Check(text, False, None, f"Only {MAX_EXPECTATIONS} expectations are checked in one request.")
        for text in expectations[MAX_EXPECTATIONS:]
    ]


def check(expectation: str, document: Mapping[str, Any]) -> Check:
    """One expectation against the inspection. Never raises: one that makes no sense is not met."""
    negated = expectation.startswith("!")
    name, colon, wanted = expectation.removeprefix("!").partition(":")
    if not colon or not name:
        return Check(expectation, False, None, "An expectation is NAME:VALUE, such as scheme:https.")
    try:
        actual = value_named(name, document)
    except NoSuchValue as error:
        return Check(expectation, False, None, str(error))
    equal = finding_is_there(wanted, actual) if name == "finding" else says_the_same(wanted, actual)
    return Check(expectation, equal != negated, actual, _why(name, wanted, actual, equal, document))


def value_named(name: str, document: Mapping[str, Any]) -> Any:
    """What the inspection holds under an expectation's name.

    :raises NoSuchValue: when it holds nothing of that name
    """
    if name in DECIDED:
        return document["proxy"][name]["value"]
    if name == "device":
        return document["device_type"]
    if name == "finding":
        return [finding["code"] for finding in document["findings"]]
    return _value_at(name, document)


def _value_at(path: str, document: Mapping[str, Any]) -> Any:
    value: Any = document
    rest = path
    while rest:
        key = _longest_key(rest, value)
        if key is None:
            known = ", ".join([*DECIDED, "device", "finding"])
            raise NoSuchValue(f"The inspection has nothing called {path}; it has {known} and its own keys.")
        value, rest = value[key], rest[len(key) + 1 :]
    return value


def _longest_key(path: str, value: Any) -> str | None:
    # A key may itself hold a dot (a query parameter, say), and field names are alike in any case.
    if not isinstance(value, Mapping):
        return None
    folded = path.lower()
    fitting = [
        key for key in value if folded == str(key).lower() or folded.startswith(str(key).lower() + ".")
    ]
    return max(fitting, key=len, default=None)


def says_the_same(wanted: str, actual: Any) -> bool:
    """Whether the text of an expectation stands for the value; a list is met by any of its elements."""
    if isinstance(actual, (list, tuple)):
        return any(says_the_same(wanted, element) for element in actual)
    if isinstance(actual, bool) or actual is None:
        return wanted.lower() == {True: "true", False: "false", None: "null"}[actual]
    text = str(actual)
    return wanted == text or wanted.lower() == text.lower() or _same_address(wanted, text)


def _same_address(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one.strip("[]")) == ipaddress.ip_address(other.strip("[]"))
    except ValueError:
        return False


def finding_is_there(code: str, codes: Sequence[str]) -> bool:
    """Whether a finding has this code; ``none`` asks whether there is none."""
    return not codes if code == "none" else code in codes


def _why(name: str, wanted: str, actual: Any, equal: bool, document: Mapping[str, Any]) -> str:
    if name == "finding":
        return f"The findings are: {', '.join(actual)}." if actual else "There are no findings."
    if equal:
        return f"{name} is {wanted}."
    reason = document["proxy"][name]["why"] if name in DECIDED else ""
    return f"{name} is {actual}, not {wanted}" + (f": {reason}." if reason else ".")
