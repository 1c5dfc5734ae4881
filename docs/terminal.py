"""Records the terminal session of the README as an animated SVG: docs/images/terminal.svg.

usage: python3 docs/terminal.py [FILE]

Runs the commands of ``SCENE`` in this repository, on a terminal of its own, and shortens the pauses. Needs
termtosvg (``pip install termtosvg 'setuptools<81'``), curl, and port 8080 to be free.
"""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS, ROWS = 112, 30
PROMPT = "\x1b[32m$\x1b[0m "
LONGEST_PAUSE = 0.7
"""Seconds; a longer one is shortened to this."""
PAUSE_AFTER = 2.2
"""Seconds to read what a command has printed."""
QUIET = 4.0
"""Seconds without output after which a server counts as started."""

SCENE = (
    "python3 build_zipapp.py",
    "python3 yourl.pyz --trusted-proxies loopback &",
    "curl -s localhost:8080/api -H 'X-Forwarded-For: 203.0.113.7' -H 'X-Forwarded-Proto: https' | head -8",
    "curl -s 'localhost:8080/api?expect=scheme:https' | head -9",
)


class Recording:
    """What a terminal showed and when, in asciicast's format (version 2)."""

    def __init__(self) -> None:
        self.events: list[tuple[float, str, str]] = []
        self.now = 0.0

    def show(self, text: str, after: float = 0.0) -> None:
        """Let text appear ``after`` seconds."""
        self.now += after
        self.events.append((round(self.now, 3), "o", text))

    def type(self, command: str) -> None:
        """Let a command be typed at the prompt."""
        self.show(PROMPT, 0.3)
        for word in re.findall(
            r"\S+\s*", command
        ):  # each change is a frame: letters would make four times as many
            self.show(word, 0.18)
        self.show("\r\n", 0.4)

    def save(self, path: Path) -> None:
        """Write the recording."""
        header = {"version": 2, "width": COLUMNS, "height": ROWS}
        path.write_text("\n".join(json.dumps(line) for line in (header, *self.events)) + "\n")


class Terminal:
    """A pseudo-terminal that runs commands and records what they print."""

    def __init__(self, recording: Recording, folder: str) -> None:
        self.recording = recording
        self.folder = folder
        self.ours, self.theirs = pty.openpty()
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.background: list[subprocess.Popen[bytes]] = []

    def run(self, command: str) -> None:
        """Type a command, run it, and wait until it has ended; until it is quiet where it ends in ``&``."""
        self.recording.type(command)
        stays = command.endswith(" &")
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command[:-2]}" if stays else command],
            stdin=subprocess.DEVNULL,
            stdout=self.theirs,
            stderr=self.theirs,
            cwd=self.folder,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONUNBUFFERED": "1"},
        )
        if stays:
            self.background.append(process)
        self._record_until(lambda: stays or process.poll() is not None, QUIET if stays else 0.3)
        self.recording.show("", PAUSE_AFTER)

    def _record_until(self, is_over: Callable[[], bool], quiet: float) -> None:
        """Record until ``is_over`` and nothing has come for ``quiet`` seconds."""
        last = time.monotonic()
        while True:
            readable, _, _ = select.select([self.ours], [], [], 0.05)
            now = time.monotonic()
            if readable:
                text = os.read(self.ours, 65536).decode("utf-8", "replace")
                text = text.replace(self.folder, "~/yourl")
                self.recording.show(text, min(now - last, LONGEST_PAUSE))
                last = now
            elif now - last > quiet and is_over():
                return

    def close(self) -> None:
        """Stop what is still running."""
        for process in self.background:
            process.terminate()
        for process in self.background:
            process.wait()


def main() -> int:
    """Record the scene and draw it."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "terminal.svg"
    recording = Recording()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), f"{folder}/yourl"], check=True)
        terminal = Terminal(recording, f"{folder}/yourl")
        try:
            for command in SCENE:
                terminal.run(command)
        finally:
            terminal.close()
        cast = Path(folder, "terminal.cast")
        recording.save(cast)
        drawing = [sys.executable, "-m", "termtosvg", "render", str(cast), str(output)]
        subprocess.run([*drawing, "--template", "window_frame", "--loop-delay", "6000"], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
