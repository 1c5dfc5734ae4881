"""What the commands write to a terminal: lines for people, colours, its width."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from typing import IO, Any

from yourl.settings.platform import wants_colour

COMPLETION = "_YOURL_COMPLETE"
"""The variable by which a shell asks for completions, see click.shell_completion."""

_COLOURS: dict[str, dict[str, Any]] = {
    "title": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow"},
    "info": {"fg": "cyan"},
    "good": {"fg": "green"},
    "quiet": {"dim": True},
}


def say(sentence: str) -> None:
    """One line for people, on stderr."""
    if sys.stderr is not None:  # closed by the parent process
        sys.stderr.write(f"yourl: {sentence}\n")
        sys.stderr.flush()


def painter(stream: IO[Any], environ: Mapping[str, str] = os.environ) -> Callable[[str, str], str]:
    """What gives a text one of the styles of ``explain.report``: none where colours are not wanted."""
    return _painted if wants_colour(stream, environ) else _as_it_is


def _painted(text: str, style: str) -> str:
    import click  # not needed by a server's start

    return click.style(text, **_COLOURS[style])


def _as_it_is(text: str, style: str) -> str:
    return text


def width_of(stream: IO[Any]) -> int:
    """Columns to write in: the terminal's, within reason; 100 where it is none."""
    return max(40, min(shutil.get_terminal_size().columns, 120)) if stream.isatty() else 100
