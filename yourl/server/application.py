"""Starts Gunicorn with the configuration that ``gunicorn.conf.py`` holds, in a checkout or in the archive.

Relies on ``gunicorn.app.base.BaseApplication`` and on ``gunicorn.arbiter.Arbiter.spawn_workers``.
"""

from __future__ import annotations

import os
import pkgutil
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from yourl.server.activation import sockets_are_inherited, with_inherited_address
from yourl.server.preload import load_for_all
from yourl.server.startup import CannotStart, ensure_descriptors, ensure_free
from yourl.settings import Settings

CONFIGURATION = "gunicorn.conf.py"


class BadConfiguration(CannotStart):
    """Gunicorn refuses a setting; ``str(error)`` is one line for people."""


@cache
def configuration_source() -> tuple[str, str]:
    """``(name, text)`` of gunicorn.conf.py: packed beside the package's modules, else the checkout's own.

    Read once: a reload (HUP) may find another version's file, which does not go with the modules in memory.
    """
    package = Path(__file__).resolve().parents[1]
    try:
        packed = pkgutil.get_data("yourl", CONFIGURATION)
    except OSError:
        packed = None
    if packed is not None:
        return str(package / CONFIGURATION), packed.decode("utf-8")
    own = package.parent / CONFIGURATION
    return str(own), own.read_text(encoding="utf-8")


class YourlApplication(BaseApplication):  # type: ignore[misc]
    """The Gunicorn application behind ``serve``; GUNICORN_CMD_ARGS wins over the configuration file."""

    def __init__(self, settings: Settings) -> None:
        self.settings = with_inherited_address(settings, os.environ)
        super().__init__(prog="yourl")

    def do_load_config(self) -> None:
        """Load the configuration; a fault is one line, not a traceback.

        :raises BadConfiguration: when Gunicorn refuses a value
        """
        try:
            self.load_default_config()
            self.load_config()
            self.cfg.validate()
        except Exception as error:
            raise BadConfiguration(one_line(error)) from error

    def load_config(self) -> None:
        """Apply ``gunicorn.conf.py``, then GUNICORN_CMD_ARGS as Gunicorn documents it."""
        name, source = configuration_source()
        namespace: dict[str, Any] = {"__name__": "__config__", "__file__": name, "settings": self.settings}
        # Gunicorn's own reader and the import system find no file of this name within an archive.
        exec(compile(source, name, "exec"), namespace)  # noqa: S102
        self._apply({key: value for key, value in namespace.items() if key in self.cfg.settings})
        parser = self.cfg.parser()
        parser.error = _refuse_arguments
        arguments = vars(parser.parse_args(self.cfg.get_cmd_args_from_env()))
        self._apply({k: v for k, v in arguments.items() if v is not None and k != "args"})

    def _apply(self, values: dict[str, Any]) -> None:
        for key, value in values.items():
            try:
                self.cfg.set(key.lower(), value)
            except Exception as error:
                raise BadConfiguration(f"Gunicorn's setting {key} may not be {value!r}: {error}") from error

    def load(self) -> Any:
        """The WSGI application; everything it needs is imported with it, before the first fork."""
        from yourl.app import create_app
        from yourl.drain import is_draining
        from yourl.storage import open_store

        return create_app(self.settings, is_draining, open_store(self.settings), complete=False)

    def run(self) -> None:
        """Serve until a signal ends it; leaves by ``SystemExit``.

        :raises CannotStart: when an address is taken or forbidden, or a limit of the system is too low
        """
        ensure_descriptors(self.cfg.workers)
        if not (sockets_are_inherited(os.environ) or self.cfg.reuse_port):
            for address in self.cfg.address:
                if isinstance(address, tuple):
                    ensure_free(*address)
        try:
            PreloadingArbiter(self).run()
        except RuntimeError as error:
            raise BadConfiguration(one_line(error)) from error


class PreloadingArbiter(Arbiter):  # type: ignore[misc]
    """A master that has every module in memory: the archive may be replaced while it runs."""

    def spawn_workers(self) -> None:
        """Start the missing workers first: the first request need not wait for the imports."""
        super().spawn_workers()
        load_for_all(self.app.callable)


def one_line(error: Exception) -> str:
    """The telling line of an error: Gunicorn packs whole tracebacks into some of its messages."""
    lines = [line for line in str(error).splitlines() if line.strip("[] ")]
    return lines[-1] if lines else type(error).__name__


def _refuse_arguments(message: str) -> NoReturn:
    raise BadConfiguration(f"GUNICORN_CMD_ARGS: {message}")
