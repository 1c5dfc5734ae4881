"""``python -m yourl``, ``yourl`` and ``yourl.pyz``: run one command, give its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from yourl.cli.serving import serve_by
from yourl.cli.terminal import COMPLETION, say
from yourl.errors import SettingsError, YourlError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is returned, or raised as ``SystemExit`` by Gunicorn and click."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        return _run(arguments)
    except SettingsError as error:
        for fault in error.faults:
            say(fault)
        return 2
    except YourlError as error:
        say(str(error))
        return 2
    except (KeyboardInterrupt, BrokenPipeError):
        return 0


def _run(arguments: Sequence[str]) -> int:
    if not arguments and COMPLETION not in os.environ:
        # In a container nothing but the environment says how to serve, and click takes a sixth of a start
        # where it has to be compiled.
        return serve_by(os.environ)
    from yourl.cli.group import run_command

    return run_command(arguments)


if __name__ == "__main__":
    sys.exit(main())
