"""Names of browser, operating system and device family, from the user-agents library.

A lookup costs more than ten times as much as the device class, so it is made only when a name is read,
on a short part of the user agent, and kept in a bounded cache. Importing user-agents compiles a thousand
patterns; therefore the import waits for the first lookup.
"""

from __future__ import annotations

from functools import lru_cache

#: Characters shown to the patterns of user-agents. Some of them take quadratic time: 8 KB cost 40 ms,
#: 256 characters at most about 5 ms. The parts that name browser and system come first.
NAMES_CUT = 256
#: Entries of the cache. Each holds a user agent of at most NAMES_CUT characters and three names.
NAMES_KEPT = 1024


def names_of(user_agent: str) -> tuple[str, str, str]:
    """Browser, operating system and device family; "Other" for what is not known."""
    return _look_up(user_agent[:NAMES_CUT])


def warm_names() -> None:
    """Import user-agents now (about 150 ms), so that workers forked later share its compiled patterns."""
    names_of("Mozilla/5.0")


@lru_cache(maxsize=NAMES_KEPT)
def _look_up(user_agent: str) -> tuple[str, str, str]:
    from user_agents import parse

    parsed = parse(user_agent)
    return str(parsed.get_browser()), str(parsed.get_os()), str(parsed.device.family)
