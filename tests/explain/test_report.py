"""What ``explain`` prints."""

from __future__ import annotations

from yourl.cli.explain import explained
from yourl.explain import read_request, terminal_text
from yourl.proxies import Connection
from yourl.settings import load


def test_a_terminal_is_not_steered() -> None:
    """Escape sequences are spelt out."""
    written = read_request(b"GET /\x1b[2J HTTP/1.1\n")
    text = terminal_text(explained(written, Connection("192.0.2.9", None, "", None), load({})))
    assert "\x1b" not in text
    assert "/\\x1b[2J" in text
