"""``yourl serve``: the command with all its options."""

from __future__ import annotations

import os

import click

from yourl.cli.options import SettingsCommand, overridden, setting_options
from yourl.cli.serving import serve_by


@click.command(cls=SettingsCommand)
@setting_options()
@click.option("--qr", is_flag=True, help="show a QR code of the live page's link at the start, for a phone")
def serve(qr: bool, **options: str | None) -> int:
    """Serve until Ctrl-C or SIGTERM; this is what runs without a command."""
    return serve_by(overridden(os.environ, options), show_qr=qr)
