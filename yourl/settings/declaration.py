"""How a setting is declared: everything about it stands in the metadata of its dataclass field."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from yourl.redaction import redacted_target

Environ = Mapping[str, str]

_METADATA_KEY = "yourl.setting"
MASK = "********"
"""Shown in place of a secret; not even its length is told."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. ``name`` is its environment variable, ``field`` its field in the dataclass."""

    name: str
    field: str
    read: Callable[[str], Any]
    """Text to value; raises ``ValueError`` with what is allowed."""
    default: str | None
    """The text that counts where the setting is not given; None: there is none, see ``when_unset``."""
    when_unset: Callable[[Environ], Any]
    """The value where there is neither a text nor a default; from the rest of the environment."""
    help: str
    group: str
    metavar: str
    aliases: tuple[str, ...]
    secret: bool
    empty_is_unset: bool

    @property
    def option(self) -> str:
        """The command-line option of the same name: ``YOURL_BODY_LIMIT`` -> ``--body-limit``."""
        return "--" + self.name.removeprefix("YOURL_").lower().replace("_", "-")

    def is_set(self, environ: Environ) -> bool:
        """Whether the environment gives this setting; some take an empty text for a value, most do not."""
        text = environ.get(self.name)
        return text is not None and (bool(text.strip()) or not self.empty_is_unset)

    def text(self, environ: Environ) -> str | None:
        """The text that counts: the environment's, else the default, None where there is neither."""
        return environ[self.name].strip() if self.is_set(environ) else self.default

    def value(self, environ: Environ) -> Any:
        """The value that counts.

        :raises ValueError: with what is allowed, where the text cannot be read
        """
        text = self.text(environ)
        return self.when_unset(environ) if text is None else self.read(text)

    def shown(self, environ: Environ) -> str | None:
        """The text that counts, for people: a secret masked, and so the password in a URL."""
        text = self.text(environ)
        return MASK if self.secret and text else redacted_target(text) if text else text

    def fault(self, environ: Environ) -> str | None:
        """One sentence that says what is wrong with the text and what is allowed, or None."""
        try:
            self.value(environ)
        except ValueError as error:
            reason = str(error)
            shown = repr(self.shown(environ)) if not self.secret else MASK
            if reason.endswith("."):  # a whole sentence of the room that owns the value
                return f"{self.name} is {shown}: {reason}"
            return f"{self.name} is {shown}; allowed: {reason}"
        return None


def _none(environ: Environ) -> None:
    return None


def setting(
    name: str,
    read: Callable[[str], Any],
    help: str,  # noqa: A002  # click's word for it
    *,
    group: str,
    default: str | None = None,
    when_unset: Callable[[Environ], Any] = _none,
    metavar: str = "TEXT",
    aliases: tuple[str, ...] = (),
    secret: bool = False,
    empty_is_unset: bool = True,
) -> Any:
    """A dataclass field that is a setting; the parameters are those of ``Setting``."""
    facts = {
        "name": name,
        "read": read,
        "default": default,
        "when_unset": when_unset,
        "help": help,
        "group": group,
        "metavar": metavar,
        "aliases": aliases,
        "secret": secret,
        "empty_is_unset": empty_is_unset,
    }
    return dataclasses.field(repr=not secret, metadata={_METADATA_KEY: facts})


def settings_of(kind: type[Any]) -> tuple[Setting, ...]:
    """The settings that a dataclass declares, in the order of its fields."""
    return tuple(
        Setting(field=field.name, **field.metadata[_METADATA_KEY])
        for field in dataclasses.fields(kind)
        if _METADATA_KEY in field.metadata
    )
