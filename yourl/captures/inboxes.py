"""Names of inboxes, and which inbox a path belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-z0-9-]{1,64}")
_IN_INBOX = re.compile(rf"/in/{_NAME.pattern}(?=[/?]|\Z)")
NAME_RULE = "1 to 64 lower-case letters, digits and hyphens"
PREFIX = "/in/"


def is_inbox_name(text: str) -> bool:
    """Whether ``text`` can name an inbox."""
    return _NAME.fullmatch(text) is not None


def below_inbox(path: str) -> str:
    """What follows the inbox in a path; the path itself where it names none."""
    return _IN_INBOX.sub("", path, count=1)


@dataclass(frozen=True, slots=True)
class InboxPolicy:
    """Which inboxes there may be.

    ``allowed`` is empty where any name is; ``catch_all`` is the inbox for paths that nothing else answers,
    empty for none. The catch-all inbox is always allowed.
    """

    allowed: tuple[str, ...] = ()
    catch_all: str = ""

    def __post_init__(self) -> None:
        for name in (*self.allowed, *([self.catch_all] if self.catch_all else [])):
            if not is_inbox_name(name):
                raise ValueError(f"an inbox name is {NAME_RULE}")

    def allows(self, name: str) -> bool:
        """Whether there may be an inbox of this name."""
        return is_inbox_name(name) and (not self.allowed or name in self.allowed or name == self.catch_all)

    def inbox_of(self, path: str) -> str:
        """The inbox that a path names (``/in/<name>`` and below); empty where it names none that may be."""
        if not path.startswith(PREFIX):
            return ""
        name = path[len(PREFIX) :].partition("/")[0]
        return name if self.allows(name) else ""


def inbox_name(text: str) -> str:
    """A reader of one inbox name, for a setting.

    :raises ValueError: with what is allowed
    """
    if not is_inbox_name(text):
        raise ValueError(f"an inbox name: {NAME_RULE}")
    return text


def inbox_names(text: str) -> tuple[str, ...]:
    """A reader of inbox names parted by commas or blanks, for a setting.

    :raises ValueError: with what is allowed
    """
    names = tuple(dict.fromkeys(text.replace(",", " ").split()))
    if not all(map(is_inbox_name, names)):
        raise ValueError(f"a list of inbox names, each {NAME_RULE}")
    return names
