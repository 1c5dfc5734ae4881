"""One command-line option for each setting, shown in the groups that settings are declared in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from yourl.settings import SETTINGS, Setting
from yourl.settings.model import GROUPS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Function = TypeVar("Function", bound=Callable[..., Any])


class SettingOption(click.Option):
    """The option of one setting. Its text is checked with all others, by ``settings.load``."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        names = [setting.option, *setting.aliases, setting.name]
        # --print alone is --print on
        switch: dict[str, Any] = {"is_flag": False, "flag_value": "on"} if setting.metavar == "on|off" else {}
        super().__init__(names, metavar=setting.metavar, help=_help(setting), **switch)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The words that the setting takes, where its metavar lists them: ``on|off``."""
        from click.shell_completion import CompletionItem

        choices = self.setting.metavar.split("|")
        known = choices if len(choices) > 1 else []
        return [CompletionItem(word) for word in known if word.startswith(incomplete)]


def _help(setting: Setting) -> str:
    default = f"; {setting.default}" if setting.default else ""
    return f"{setting.help} [{setting.name}{default}]"


class SettingsCommand(click.Command):
    """A command that takes every setting; its help lists them in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group, then the command's own."""
        parameters = self.get_params(ctx)
        for group in GROUPS:
            members = [p for p in parameters if isinstance(p, SettingOption) and p.setting.group == group]
            _write(ctx, formatter, group, members)
        _write(ctx, formatter, "Other options", [p for p in parameters if not isinstance(p, SettingOption)])


def _write(
    ctx: click.Context, formatter: click.HelpFormatter, title: str, parameters: list[click.Parameter] | Any
) -> None:
    rows = [row for parameter in parameters if (row := parameter.get_help_record(ctx))]
    if rows:
        with formatter.section(title):
            formatter.write_dl(rows)


def setting_options(*names: str) -> Callable[[Function], Function]:
    """Give a command the options of these settings, of all where none is named."""
    wanted = [setting for setting in SETTINGS if setting.name in names or not names]

    def add(function: Function) -> Function:
        # click collects the options of a function here before it makes a command of it.
        own = function.__dict__.setdefault("__click_params__", [])
        own.extend(SettingOption(setting) for setting in reversed(wanted))
        return function

    return add


def overridden(environ: Mapping[str, str], options: Mapping[str, str | None]) -> dict[str, str]:
    """The environment with the options that were given, each under its setting's name; an option wins."""
    return {**environ, **{name: text for name, text in options.items() if text is not None}}
