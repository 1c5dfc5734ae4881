"""Names of browser, operating system and device family, from the user-agents library.

A lookup costs more than the device class, so it is made only when a name is read, on a short part of the user
agent, and kept in a bounded cache. Importing user-agents compiles a thousand patterns; therefore the import
waits for the first lookup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yourl.devices.shortlist import Shortlist

#: Characters shown to the patterns of user-agents. Some of them take quadratic time: 8 KB cost 40 ms,
#: 256 characters at most about 5 ms. The parts that name browser and system come first.
NAMES_CUT = 256
#: Entries of the cache. Each holds a user agent of at most NAMES_CUT characters and three names.
NAMES_KEPT = 1024

#: Browser, operating system and device family.
Names = tuple[str, str, str]
#: A family and its versions, as ua-parser gives them.
Parts = Sequence[str | None]
#: One part of what a pattern has matched.
Part = Callable[["re.Match[str]"], "str | None"]
#: Table, search, and what of a match makes the parts.
Parser = tuple[int, Callable[[str], "re.Match[str] | None"], tuple[Part, ...]]

_tables: tuple[list[Parser], Shortlist] | None = None


def names_of(user_agent: str) -> Names:
    """Browser, operating system and device family; "Other" for what is not known."""
    return _look_up(user_agent[:NAMES_CUT])


def warm_names() -> None:
    """Import user-agents now (about 250 ms), so that workers forked later share its compiled patterns."""
    global _tables
    names_of("Mozilla/5.0")
    if _tables is None:
        _tables = _made_tables()


@lru_cache(maxsize=NAMES_KEPT)
def _look_up(user_agent: str) -> Names:
    if _tables is not None:
        return _looked_up_quickly(user_agent, *_tables)
    from user_agents.parsers import UserAgent

    parsed = UserAgent(user_agent)
    return str(parsed.get_browser()), str(parsed.get_os()), str(parsed.device.family)


def _looked_up_quickly(user_agent: str, parsers: list[Parser], shortlist: Shortlist) -> Names:
    """What user-agents says, without trying every pattern and without making its objects."""
    found: list[Parts] = [(None,), (None,), (None,)]
    for number in shortlist.candidates(user_agent):
        table, search, parts = parsers[number]
        if not found[table][0]:
            match = search(user_agent)
            if match:
                found[table] = [part(match) for part in parts]
    (browser, *versions), (system, *system_versions), (device,) = found
    return (
        _with_version(browser, [version or None for version in versions]),
        _with_version(system, system_versions),
        device or "Other",
    )


def _with_version(family: str | None, versions: Sequence[str | None]) -> str:
    """Family and version as user-agents writes them: numbers without leading zeros."""
    given = (version for version in versions if version is not None)
    version = ".".join([str(int(each)) if each.isdecimal() else each for each in given])
    return f"{family or 'Other'} {version}".strip()


def _made_tables() -> tuple[list[Parser], Shortlist]:
    """ua-parser's parsers of browsers (0), systems (1) and devices (2), each in the order of trying."""
    from ua_parser import user_agent_parser as known

    from yourl.devices.shortlist import Shortlist

    tables: tuple[list[tuple[Any, tuple[Part, ...]]], ...] = (
        [
            (each, _parts(each.family_replacement, each.v1_replacement, each.v2_replacement, None))
            for each in known.USER_AGENT_PARSERS
        ],
        [
            (
                each,
                _parts(
                    each.os_replacement,
                    each.os_v1_replacement,
                    each.os_v2_replacement,
                    each.os_v3_replacement,
                ),
            )
            for each in known.OS_PARSERS
        ],
        [(each, _parts(each.device_replacement)) for each in known.DEVICE_PARSERS],
    )
    parsers = [
        (number, parser.user_agent_re.search, parts)
        for number, table in enumerate(tables)
        for parser, parts in table
    ]
    return parsers, Shortlist([parser.user_agent_re for table in tables for parser, _ in table])


def _parts(*replacements: str | None) -> tuple[Part, ...]:
    """What ua-parser's own parsers make of a match: they search again, which takes three times as long.

    :param replacements: of each part, where it is not what the group of the same number has matched
    """
    return tuple(
        _filled(replacement) if replacement else _group(number)
        for number, replacement in enumerate(replacements, 1)
    )


def _group(number: int) -> Part:
    # As ua-parser does: of the groups only those up to the one that was closed last.
    return lambda match: match[number] if (match.lastindex or 0) >= number else None


def _filled(template: str) -> Part:
    """The template with the groups in place of "$1" and its like."""
    first, *rest = re.split(r"\$(\d)", template)
    inserted = [(int(digit) - 1, text) for digit, text in zip(rest[::2], rest[1::2], strict=True)]

    def filled(match: re.Match[str]) -> str | None:
        groups = match.groups()
        pieces = [f"{groups[index] or '' if index < len(groups) else ''}{text}" for index, text in inserted]
        return "".join([first, *pieces]).strip() or None

    constant = first.strip() or None
    return filled if inserted else lambda match: constant
