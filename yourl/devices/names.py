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
#: Table, search, and what is found, of a user agent and its match.
Parser = tuple[int, Callable[[str], "re.Match[str] | None"], Callable[[str, "re.Match[str]"], Parts]]

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
                found[table] = parts(user_agent, match)
    (browser, *versions), system, device = found
    return (
        _with_version(browser, [version or None for version in versions[:3]]),
        _with_version(system[0], system[1:4]),
        str(device[0] or "Other"),
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

    def parsed(parser: Any) -> Callable[[str, re.Match[str]], Parts]:
        return lambda user_agent, _: parser.Parse(user_agent)

    def family(parser: Any) -> Callable[[str, re.Match[str]], Parts]:
        name = parser.device_replacement
        return lambda _, match: (known.MultiReplace(name, match) if name else match[1],)

    tables = ((known.USER_AGENT_PARSERS, parsed), (known.OS_PARSERS, parsed), (known.DEVICE_PARSERS, family))
    parsers = [
        (number, parser.user_agent_re.search, parts(parser))
        for number, (table, parts) in enumerate(tables)
        for parser in table
    ]
    patterns = [parser.user_agent_re for table, _ in tables for parser in table]
    return parsers, Shortlist(patterns)
