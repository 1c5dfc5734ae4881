"""``yourl check``: the effective settings."""

from __future__ import annotations

import os

import click

from yourl.cli.options import SettingsCommand, overridden, setting_options
from yourl.cli.terminal import say
from yourl.settings import SETTINGS, Setting, load, unknown_names


@click.command(cls=SettingsCommand)
@setting_options()
def check(**options: str | None) -> int:
    """Print the effective settings, secrets masked; exit code 2 if one is wrong."""
    environ = overridden(os.environ, options)
    load(environ)
    width = max(len(setting.name) for setting in SETTINGS)
    for setting in SETTINGS:
        origin = "option" if options[setting.name] is not None else _origin(setting)
        click.echo(f"{setting.name:<{width}}  {_shown(setting, environ):<28} ({origin}) {setting.help}")
    for sentence in unknown_names(environ):
        say(sentence)
    return 0


def _origin(setting: Setting) -> str:
    return "set" if setting.is_set(os.environ) else "default"


def _shown(setting: Setting, environ: dict[str, str]) -> str:
    return setting.shown(environ) or "-"
