"""Runs other programs for the build, in an environment that changes nothing of what they make.

The standard library and nothing else, as for all of packing/ that the build uses.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence

# Settings of pip that say how to reach the package index; all others could change what it installs.
PIP_REACH = {
    "CACHE_DIR", "CERT", "CLIENT_CERT", "CONFIG_FILE", "DEFAULT_TIMEOUT", "EXTRA_INDEX_URL", "FIND_LINKS",
    "INDEX_URL", "KEYRING_PROVIDER", "NO_CACHE_DIR", "NO_INDEX", "PROXY", "RETRIES", "TIMEOUT",
    "TRUSTED_HOST",
}  # fmt: skip

# How pip says why it has no connection.
_CONNECTION_FAULT = re.compile(
    r"(?<=\] )[A-Z][A-Za-z ]{3,60}|Read timed out|Connect timed out|certificate verify failed"
)


class BuildError(Exception):
    """The build cannot go on; ``str(error)`` is one line for people."""


def finished(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, keeping what it says."""
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", errors="replace")


def bare_environment() -> dict[str, str]:
    """What a program needs in order to start, and nothing that changes what it does."""
    needed = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
    return {name: os.environ[name] for name in needed if name in os.environ}


def pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what steers Python, or chooses what pip installs."""
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("PYTHON") and (not name.startswith("PIP_") or name[4:] in PIP_REACH)
    }


def last_line(text: str, prefix: str = "") -> str:
    """The last line that says something, of those with ``prefix`` if there are any."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(prefix)] or lines or ["it gave no reason"]
    return telling[-1].removeprefix(prefix).strip()


def reason_of_pip(text: str) -> str:
    """Why pip failed; where it could not reach the index, its last line speaks of the package instead."""
    broken = [line for line in text.splitlines() if "connection broken by" in line]
    if not broken:
        return last_line(text, "ERROR:")
    known = _CONNECTION_FAULT.search(broken[-1])
    return "the package index cannot be reached" + (f" ({known[0]})" if known else "")
