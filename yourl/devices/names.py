"""Names of browser, operating system and device family, from the user-agents library.

A lookup costs more than the device class, so it is made only when a name is read, on a short part of the user
agent, and kept in a bounded cache. Importing user-agents compiles a thousand patterns; therefore the import
waits for the first lookup.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yourl.devices.shortlist import Shortlist

#: Characters shown to the patterns of user-agents. Some of them take quadratic time: 8 KB cost 40 ms,
#: 256 characters at most about 5 ms. The parts that name browser and system come first.
NAMES_CUT = 256
#: Entries of the cache. Each holds a user agent of at most NAMES_CUT characters and three names.
NAMES_KEPT = 1024

_tables: tuple[list[tuple[int, Any]], Shortlist] | None = None


def names_of(user_agent: str) -> tuple[str, str, str]:
    """Browser, operating system and device family; "Other" for what is not known."""
    return _look_up(user_agent[:NAMES_CUT])


def warm_names() -> None:
    """Import user-agents now (about 250 ms), so that workers forked later share its compiled patterns."""
    global _tables
    names_of("Mozilla/5.0")
    if _tables is None:
        _tables = _made_tables()


@lru_cache(maxsize=NAMES_KEPT)
def _look_up(user_agent: str) -> tuple[str, str, str]:
    from user_agents.parsers import UserAgent

    parsed = UserAgent(user_agent) if _tables is None else _parsed_quickly(user_agent, *_tables)
    return str(parsed.get_browser()), str(parsed.get_os()), str(parsed.device.family)


def _parsed_quickly(user_agent: str, parsers: list[tuple[int, Any]], shortlist: Shortlist) -> Any:
    """What the constructor of user-agents makes, without trying every pattern."""
    from user_agents.parsers import UserAgent, parse_browser, parse_device, parse_operating_system

    found: list[tuple[str | None, ...]] = [(None,), (None,), (None, None, None)]
    for number in shortlist.candidates(user_agent):
        table, parser = parsers[number]
        # A parser's own method costs as much again as a search that finds nothing.
        if not found[table][0] and parser.user_agent_re.search(user_agent):
            found[table] = parser.Parse(user_agent)
    browser, system, device = found
    parsed = UserAgent.__new__(UserAgent)
    parsed.ua_string = user_agent
    parsed.browser = parse_browser(browser[0] or "Other", *(version or None for version in browser[1:]))
    parsed.os = parse_operating_system(system[0] or "Other", *system[1:])
    parsed.device = parse_device(device[0] or "Other", *device[1:])
    return parsed


def _made_tables() -> tuple[list[tuple[int, Any]], Shortlist]:
    """ua-parser's parsers of browsers (0), systems (1) and devices (2), each in the order of trying."""
    from ua_parser import user_agent_parser as known

    from yourl.devices.shortlist import Shortlist

    tables = (known.USER_AGENT_PARSERS, known.OS_PARSERS, known.DEVICE_PARSERS)
    parsers = [(number, parser) for number, table in enumerate(tables) for parser in table]
    return parsers, Shortlist([parser.user_agent_re for _, parser in parsers])
