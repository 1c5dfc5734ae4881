"""Starts Gunicorn, or Flask's own server where Gunicorn cannot run. Knows no click: see ``__main__``."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace

from yourl.cli.terminal import say
from yourl.settings import Settings, load, unknown_names


def serve_by(environ: Mapping[str, str], *, show_qr: bool = False) -> int:
    """Serve by these settings until Ctrl-C or SIGTERM; the exit code.

    :raises SettingsError: naming every bad setting
    """
    open_closed_streams()
    settings = replace(load(environ), show_qr=show_qr)
    if os.environ.pop("FLASK_DEBUG", ""):
        say("FLASK_DEBUG is ignored: every run of yourl is a production run.")
    for sentence in unknown_names(environ):
        say(sentence)
    return start_server(settings)


def start_server(settings: Settings) -> int:
    """Run the server that the settings choose; the exit code."""
    if settings.server == "flask":
        return serve_with_flask(settings)
    reason = why_gunicorn_cannot_run()
    if reason is None:
        return serve_with_gunicorn(settings)
    if settings.server == "gunicorn":
        say(f"Gunicorn cannot run here: {reason}")
        return 2
    say(f"Gunicorn cannot run here ({reason}); Flask's own server takes its place.")
    return serve_with_flask(settings)


def open_closed_streams() -> None:
    """Open /dev/null as input, output or errors where the parent process closed them.

    Otherwise the first socket gets their descriptor, and whatever is printed goes to a client.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, "w" if descriptor else "r", encoding="utf-8")  # noqa: PTH123, SIM115
            if stream.fileno() != descriptor:
                os.dup2(stream.fileno(), descriptor)
            setattr(sys, name, stream)


def discard_unwritable_output() -> None:
    """Flush both streams; what cannot be written goes to /dev/null.

    Python turns a failed last flush into exit code 120.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def why_gunicorn_cannot_run() -> str | None:
    """One phrase, or None where it can."""
    try:
        import gunicorn.arbiter  # noqa: F401  # needs fcntl, which Windows lacks
    except ImportError as error:
        return str(error)
    return None if hasattr(os, "fork") else "this system has no fork"


def serve_with_gunicorn(settings: Settings) -> int:
    """Run Gunicorn's master in this process; 2 when it cannot start with these settings."""
    from yourl.server.application import YourlApplication
    from yourl.server.startup import CannotStart

    try:
        YourlApplication(settings).run()
    except CannotStart as error:
        say(str(error))
        return 2
    finally:
        discard_unwritable_output()  # in the master, and in each worker
    return 0


def serve_with_flask(settings: Settings) -> int:
    """Run Flask's own server in this process; 2 when it cannot start with these settings."""
    from yourl.app import create_app
    from yourl.drain import is_draining
    from yourl.server.flask_server import serve as serve_flask
    from yourl.server.startup import CannotStart
    from yourl.storage import open_store

    try:
        serve_flask(create_app(settings, is_draining, open_store(settings), complete=False), settings)
    except CannotStart as error:
        say(str(error))
        return 2
    return 0
