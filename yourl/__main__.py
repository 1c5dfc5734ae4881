"""``python -m yourl``, ``yourl`` and ``yourl.pyz``: run one command, give its exit code."""

from __future__ import annotations

import sys

import click

from yourl.cli.group import cli
from yourl.cli.terminal import say
from yourl.errors import SettingsError, YourlError


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is returned, or raised as ``SystemExit`` by Gunicorn and click."""
    try:
        code = cli.main(args=argv, prog_name="yourl", standalone_mode=False)
    except SettingsError as error:
        for fault in error.faults:
            say(fault)
        return 2
    except YourlError as error:
        say(str(error))
        return 2
    except click.UsageError as error:
        say(f"{error.format_message()} (yourl --help lists what there is)")
        return 2
    except click.ClickException as error:
        say(error.format_message())
        return 2
    except (click.Abort, KeyboardInterrupt, BrokenPipeError):
        return 0
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
