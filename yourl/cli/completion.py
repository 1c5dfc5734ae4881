"""``yourl completion``: the script by which a shell completes commands, options and values."""

from __future__ import annotations

import os
from pathlib import PurePath

import click

from yourl.cli.terminal import COMPLETION

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), required=False)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Print the completion script of a shell: bash, zsh or fish.

    SHELL is the one that you use where it is not given. For bash: eval "$(yourl completion bash)"
    """
    from click.shell_completion import get_completion_class

    name = shell or PurePath(os.environ.get("SHELL", "")).name
    found = get_completion_class(name)
    if found is None:
        raise click.UsageError(f"Name a shell: {', '.join(SHELLS)}.")
    click.echo(found(ctx.find_root().command, {}, "yourl", COMPLETION).source())
