"""What the commands write to a terminal, and to whom."""

from __future__ import annotations

import click


def say(sentence: str) -> None:
    """One line for people, on stderr."""
    click.echo(f"yourl: {sentence}", err=True)
