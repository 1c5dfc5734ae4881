"""Listening sockets that a parent process hands over: systemd's socket activation, Gunicorn's re-execution.

The protocol is that of sd_listen_fds(3): ``LISTEN_FDS`` sockets from descriptor 3 on, for the process
``LISTEN_PID``. Gunicorn takes the sockets over; this module says only where they listen. Knows no Gunicorn.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import replace

from yourl.settings import Settings

FIRST_DESCRIPTOR = 3


def sockets_are_inherited(environ: Mapping[str, str]) -> bool:
    """Whether this process need not listen by itself."""
    return "GUNICORN_FD" in environ or inherited_count(environ) > 0


def inherited_count(environ: Mapping[str, str]) -> int:
    """How many sockets systemd hands to this very process; 0 where they are meant for another."""
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return 0
    count = environ.get("LISTEN_FDS", "")
    return int(count) if count.isascii() and count.isdigit() else 0


def inherited_address(environ: Mapping[str, str]) -> tuple[str, int] | None:
    """Host and port of the first TCP socket that systemd hands over; None for none."""
    for descriptor in range(FIRST_DESCRIPTOR, FIRST_DESCRIPTOR + inherited_count(environ)):
        try:
            with socket.socket(fileno=os.dup(descriptor)) as inherited:
                if inherited.family in (socket.AF_INET, socket.AF_INET6):
                    host, port = inherited.getsockname()[:2]
                    return str(host), int(port)
        except OSError:  # not open, or no socket
            continue
    return None


def with_inherited_address(settings: Settings, environ: Mapping[str, str]) -> Settings:
    """The settings with the address that is really listened on, so that answers and logs name it."""
    address = inherited_address(environ)
    return settings if address is None else replace(settings, host=address[0], port=address[1])
