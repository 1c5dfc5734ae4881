"""What the platform tells about where this runs, mostly by its own variables."""

from __future__ import annotations

import secrets
import socket
import uuid
from collections.abc import Mapping
from typing import IO, Any

from yourl.proxies import TrustedProxies

CLOUD_RUN = "cloud-run"
MADE_CODE = "_YOURL_MADE_CODE"
"""Hands a made access code to the master that replaces this one, so that its links stay valid."""


def platform_of(environ: Mapping[str, str]) -> str | None:
    """``"cloud-run"`` where K_SERVICE is set, as Cloud Run's container contract says; else None."""
    return CLOUD_RUN if environ.get("K_SERVICE") else None


def cloud_project_of(environ: Mapping[str, str]) -> str:
    """The Google Cloud project whose traces log lines refer to; empty where it is not known."""
    return environ.get("GOOGLE_CLOUD_PROJECT", "")


def wants_colour(stream: IO[Any], environ: Mapping[str, str]) -> bool:
    """Whether the stream is a terminal that shows colours, and NO_COLOR (https://no-color.org) is not set."""
    return stream.isatty() and not environ.get("NO_COLOR") and environ.get("TERM", "") != "dumb"


def machine_name() -> str:
    """The name of the machine or container that answers."""
    return socket.gethostname()


def trusted_front_end(environ: Mapping[str, str]) -> TrustedProxies:
    """The proxies that are trusted where no list is given: those of the platform, if any."""
    return TrustedProxies.parse("", platform=platform_of(environ))


def usual_log_format(environ: Mapping[str, str]) -> str:
    """The log format that the platform reads."""
    return "json" if platform_of(environ) == CLOUD_RUN else "text"


def new_session_id(environ: Mapping[str, str]) -> str:
    """An id for a run that was given none."""
    return str(uuid.uuid4())


def new_access_code(environ: Mapping[str, str] | None = None) -> str:
    """The access code of a run that was given none: 128 random bits."""
    return (environ or {}).get(MADE_CODE) or secrets.token_urlsafe(16)
