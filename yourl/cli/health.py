"""``yourl health``: ask a running server whether it is healthy."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import click

from yourl.cli.terminal import say
from yourl.settings import Settings, load


@click.command()
@click.option(
    "--url", metavar="URL", help="what to ask; /health on HOST and PORT of the settings if not given"
)
@click.option("--timeout", type=click.FloatRange(0.1, 300), default=3.0, show_default=True, help="seconds")
def health(url: str | None, timeout: float) -> int:
    """Ask a running server whether it is healthy: exit code 0 if so, else 1."""
    target = url or own_health_url(load(os.environ))
    problem = why_unhealthy(target, timeout)
    if problem is None:
        click.echo(f"healthy: {target}")
        return 0
    say(f"not healthy: {target}: {problem}")
    return 1


def own_health_url(settings: Settings) -> str:
    """Where a server started with the same settings answers /health on this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/health"


def why_unhealthy(url: str, timeout: float) -> str | None:
    """One phrase, or None where the URL answers 200. Proxy settings of the environment are not used."""
    import http.client  # not for every start of a server

    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return "that is no http or https URL"
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=timeout)
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
        connection.close()
    except (OSError, ValueError, http.client.HTTPException) as error:
        return str(error) or type(error).__name__
    return None if status == 200 else f"it answered {status}"
