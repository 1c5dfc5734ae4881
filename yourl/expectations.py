"""``?expect=client:203.0.113.7&expect=scheme:https``: an inspection as a test of a proxy set-up.

Works on the represented inspection (plain dicts), so whatever an answer shows can be expected. Knows
nothing of Flask or of where the expectations come from.

An expectation is ``NAME:VALUE``, or ``!NAME:VALUE`` for what must not be. NAME is one of

- ``client``, ``scheme``, ``host``, ``port``, ``prefix``: what was decided; ``client`` takes a network, too;
- ``hops``: VALUE is the number of hops, or an address or network that one of them has;
- ``device``: the device class;
- ``finding``: VALUE is the code of a finding that must be there; ``finding:none`` wants none at all;
- ``header-absent``: VALUE is the name of a header field that must not be there;
- any top-level key of the inspection, or a path of keys such as ``body.size`` or ``headers.X-Request-ID``.

A VALUE that the named thing can never have (a port of letters, a code that no finding has) is a mistake of
the one who asks. It is never met, negated or not: a test that cannot fail is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from yourl.devices import DEVICE_TYPES
from yourl.errors import Refusal, TooManyExpectations
from yourl.http1.grammar import is_token
from yourl.proxies import FINDING_CODES
from yourl.representation import as_dict
from yourl.text import excerpt

MAX_EXPECTATIONS = 50
"""More than anybody writes by hand; each is looked up and listed."""
LONGEST_NAME = 256
"""Characters of a name, and ``DEEPEST_NAME`` dots in it: each is a step through the inspection."""
DEEPEST_NAME = 16
LONGEST_VALUE = 16 * 1024
"""Characters of a value that can be expected: more than a request line has room for."""
SHOWN = 100
"""Characters of a value that a check shows; the inspection below it has the whole."""
SHOWN_ELEMENTS = 10
SHOWN_ELEMENT = 32
SHOWN_NAME = 60

DECIDED = ("client", "scheme", "host", "port", "prefix")
OTHERS = ("hops", "device", "finding", "header-absent")


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation and how it went; ``actual`` is what the inspection holds, or the beginning of it."""

    expect: str
    met: bool
    actual: Any
    why: str


class NoSuchValue(LookupError):
    """An expectation names something that does not exist; the message is a sentence."""


def expectations_in(query: Mapping[str, Sequence[str]], written: str) -> Sequence[str]:
    """The expectations in a query.

    :param query: the parameters; empty where there were too many to list
    :param written: the query as it was sent
    :raises TooManyExpectations: when the query is too long to be listed and may hold expectations
    """
    if written and not query and "expect=" in written:
        raise TooManyExpectations(MAX_EXPECTATIONS)
    return query.get("expect", ())


def check_all(expectations: Sequence[str], document: Mapping[str, Any]) -> list[Check]:
    """Each expectation against the inspection, in order.

    :raises TooManyExpectations: when there are more than ``MAX_EXPECTATIONS``
    """
    if len(expectations) > MAX_EXPECTATIONS:
        raise TooManyExpectations(MAX_EXPECTATIONS)
    known = _Known(document)
    return [_check(text, known) for text in expectations]


def check(expectation: str, document: Mapping[str, Any]) -> Check:
    """One expectation against the inspection. Never raises: one that makes no sense is not met."""
    return _check(expectation, _Known(document))


def summary_of(unmet: Sequence[Check]) -> str:
    """The reasons of the first few unmet expectations; the list of checks has them all."""
    more = len(unmet) - 3
    return " ".join(check.why for check in unmet[:3]) + (f" And {more} more." if more > 0 else "")


def with_checks(
    document: Mapping[str, Any], checks: Sequence[Check]
) -> tuple[dict[str, Any], Refusal | None]:
    """The inspection with its checks in front; where one is not met, below an error, and the refusal."""
    listed = {"expectations": [as_dict(check) for check in checks]}
    unmet = [check for check in checks if not check.met]
    if not unmet:
        return {**listed, **document}, None
    refusal = Refusal("expectation_failed", summary_of(unmet))
    return {"error": refusal.code, "message": refusal.message, **listed, **document}, refusal


class _Known:
    """An inspection with what was once looked up in it, so that many checks cost little more than one."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._keys: dict[int, dict[str, Any]] = {}
        self._texts: dict[int, frozenset[str]] = {}

    def keys_of(self, mapping: Mapping[str, Any]) -> dict[str, Any]:
        """The mapping's values by key in lower case: field names are alike in any case."""
        keys = self._keys.get(id(mapping))
        if keys is None:
            keys = self._keys[id(mapping)] = {key.lower(): value for key, value in mapping.items()}
        return keys

    def texts_of(self, values: Sequence[Any]) -> frozenset[str]:
        """All values in a list and the lists within it, as they would be expected."""
        texts = self._texts.get(id(values))
        if texts is None:
            texts = self._texts[id(values)] = frozenset(_leaves(values))
        return texts

    @cached_property
    def field_names(self) -> frozenset[str]:
        """Names of all header fields in lower case, also of those that WSGI would have dropped."""
        received = self.document.get("headers_as_received") or ()
        return frozenset(
            name.lower() for name in (*self.document["headers"], *(name for name, _ in received))
        )

    @cached_property
    def hop_addresses(self) -> list[tuple[int, int]]:
        """IP version and number of each hop that has an address."""
        return [number for hop in self.document["proxy"]["hops"] if (number := _number(hop["address"]))]


def _leaves(values: Sequence[Any]) -> list[str]:
    found: list[str] = []
    waiting = [values]
    while waiting:
        for value in waiting.pop():
            if isinstance(value, (list, tuple)):
                waiting.append(value)
            elif not isinstance(value, Mapping):
                found.append(_folded(value))
    return found


def _folded(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    text = value[: LONGEST_VALUE + 1] if isinstance(value, str) else str(value)
    return text.lower()


def _check(expectation: str, known: _Known) -> Check:
    negated = expectation.startswith("!")
    name, colon, wanted = expectation.removeprefix("!").partition(":")
    if not colon or not name:
        return Check(expectation, False, None, "An expectation is NAME:VALUE, such as scheme:https.")
    try:
        actual, is_so = _compared(name, wanted, known)
    except NoSuchValue as error:
        return Check(expectation, False, None, str(error))
    return Check(
        expectation, is_so != negated, _shown(actual), _why(name, wanted, actual, is_so, known.document)
    )


def _compared(name: str, wanted: str, known: _Known) -> tuple[Any, bool]:
    """What the inspection holds under a name, and whether that is what is wanted.

    :raises NoSuchValue: when it has nothing of that name, or the wanted value is not of its kind
    """
    special = _SPECIAL.get(name)
    if special is not None:
        return special(wanted, known)
    actual = known.document["proxy"][name]["value"] if name in DECIDED else _value_at(name, known)
    return actual, _is(wanted, actual, known)


def _value_at(path: str, known: _Known) -> Any:
    if len(path) > LONGEST_NAME or path.count(".") > DEEPEST_NAME:
        raise NoSuchValue(f"A name has at most {LONGEST_NAME} characters and {DEEPEST_NAME} dots.")
    value: Any = known.document
    rest = path.lower()
    while rest:
        key = _longest_key(rest, value, known)
        if key is None:
            names = ", ".join([*DECIDED, *OTHERS])
            raise NoSuchValue(
                f"The inspection has nothing called {excerpt(path, SHOWN_NAME)}; it has {names}"
                " and its own keys."
            )
        value, rest = known.keys_of(value)[key], rest[len(key) + 1 :]
    return value


def _longest_key(path: str, value: Any, known: _Known) -> str | None:
    # A key may itself hold a dot, a query parameter's say: the longest beginning of the path that is a key.
    if not isinstance(value, Mapping):
        return None
    keys = known.keys_of(value)
    while path and path not in keys:
        path = path.rpartition(".")[0]
    return path if path in keys else None


def _is(wanted: str, actual: Any, known: _Known) -> bool:
    """Whether the text of an expectation stands for the value; a list is met by any of its elements."""
    if isinstance(actual, Mapping):
        raise NoSuchValue("That is an object, not a value; name one of its keys.")
    if isinstance(actual, (list, tuple)):
        return wanted.lower() in known.texts_of(actual)
    if isinstance(actual, str) and len(actual) > LONGEST_VALUE:
        return False
    if wanted.lower() == _folded(actual):
        return True
    number = _number(wanted)  # an address may be written in several ways
    return number is not None and number == _number(actual)


def _client(wanted: str, known: _Known) -> tuple[Any, bool]:
    actual = known.document["proxy"]["client"]["value"]
    network = _network(wanted)
    if network is not None:
        number = _number(actual)
        return actual, number is not None and _is_in(number, network)
    if not wanted or "/" in wanted or wanted[0].isdigit():
        raise NoSuchValue(f"{excerpt(wanted, SHOWN_NAME)!r} is neither an address nor a network for client.")
    return actual, _is(
        wanted, actual, known
    )  # null, unknown, or the name of a hidden one (RFC 7239 section 6)


def _hops(wanted: str, known: _Known) -> tuple[Any, bool]:
    hops = known.document["proxy"]["hops"]
    if wanted.isascii() and wanted.isdigit():
        return len(hops), wanted == str(len(hops))
    network = _network(wanted)
    if network is None:
        raise NoSuchValue(f"{excerpt(wanted, SHOWN_NAME)!r} is no number, address or network for hops.")
    is_so = any(_is_in(number, network) for number in known.hop_addresses)
    return [hop["address"] for hop in hops], is_so


def _finding(wanted: str, known: _Known) -> tuple[Any, bool]:
    codes = [finding["code"] for finding in known.document["findings"]]
    if wanted == "none":
        return codes, not codes
    if wanted not in FINDING_CODES:
        raise NoSuchValue(f"No finding has the code {excerpt(wanted, SHOWN_NAME)!r}.")
    return codes, wanted in codes


def _header_absent(wanted: str, known: _Known) -> tuple[Any, bool]:
    if not is_token(wanted):
        raise NoSuchValue(f"{excerpt(wanted, SHOWN_NAME)!r} is not the name of a header field.")
    value = known.keys_of(known.document["headers"]).get(wanted.lower())
    return value, wanted.lower() not in known.field_names


def _one_of(key: str, choices: Sequence[str]) -> Callable[[str, _Known], tuple[Any, bool]]:
    def compared(wanted: str, known: _Known) -> tuple[Any, bool]:
        if wanted.lower() not in choices:
            raise NoSuchValue(f"{key} is one of {', '.join(choices)}, never {excerpt(wanted, SHOWN_NAME)!r}.")
        decided = known.document["proxy"].get(key)
        actual = known.document["device_type"] if decided is None else decided["value"]
        return actual, actual == wanted.lower()

    return compared


def _port(wanted: str, known: _Known) -> tuple[Any, bool]:
    actual = known.document["proxy"]["port"]["value"]
    if wanted.lower() != "null" and not (wanted.isascii() and wanted.isdigit() and int(wanted[:6]) < 65536):
        raise NoSuchValue(f"port is a number up to 65535, never {excerpt(wanted, SHOWN_NAME)!r}.")
    return actual, wanted.lower() == _folded(actual)


_SPECIAL: dict[str, Callable[[str, _Known], tuple[Any, bool]]] = {
    "client": _client,
    "hops": _hops,
    "finding": _finding,
    "header-absent": _header_absent,
    "scheme": _one_of("scheme", ("http", "https")),
    "device": _one_of("device", DEVICE_TYPES),
    "port": _port,
}


def _network(text: str) -> IPv4Network | IPv6Network | None:
    """The network or the single address that a text names; an IPv6 address may stand in brackets."""
    if len(text) > 64:
        return None
    try:
        return ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _number(address: Any) -> tuple[int, int] | None:
    """IP version and number of an address; None where it is none."""
    if not isinstance(address, str) or len(address) > 64:
        return None
    try:
        found = ip_address(address.strip("[]"))
    except ValueError:
        return None
    return found.version, int(found)


def _is_in(number: tuple[int, int], network: IPv4Network | IPv6Network) -> bool:
    version, address = number
    return version == network.version and address & int(network.netmask) == int(network.network_address)


def _shown(actual: Any) -> Any:
    """A value as a check shows it: nothing long is repeated for each check."""
    if isinstance(actual, (list, tuple)):
        first = [_shown_text(value, SHOWN_ELEMENT) for value in actual[:SHOWN_ELEMENTS]]
        return [*first, f"… and {len(actual) - len(first)} more"] if len(actual) > len(first) else first
    return actual if actual is None or isinstance(actual, bool) else _shown_text(actual, SHOWN)


def _shown_text(value: Any, limit: int) -> Any:
    if isinstance(value, (Mapping, list, tuple)):
        return "…"
    text = str(value)
    return value if isinstance(value, (int, float)) and len(text) <= limit else excerpt(text, limit)


def _why(name: str, wanted: str, actual: Any, is_so: bool, document: Mapping[str, Any]) -> str:
    short = excerpt(name, SHOWN_NAME)
    if name == "finding":
        return f"The findings are: {', '.join(actual)}." if actual else "There are no findings."
    if name == "header-absent":
        return f"There is {'no' if is_so else 'a'} header field {excerpt(wanted, SHOWN_NAME)}."
    if is_so:
        return f"{short} is {excerpt(wanted, SHOWN_NAME)}."
    shown = "something else" if isinstance(actual, (list, tuple)) else _shown_text(_plain(actual), SHOWN_NAME)
    reason = document["proxy"][name]["why"] if name in DECIDED else ""
    return f"{short} is {shown}, not {excerpt(wanted, SHOWN_NAME)}" + (
        f": {excerpt(reason, 200)}." if reason else "."
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else _folded(value)
