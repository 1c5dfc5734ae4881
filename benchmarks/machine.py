"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path

NAMED = ("flask", "werkzeug", "gunicorn", "httpbin", "gevent", "waitress", "shiv", "pex")


def description() -> str:
    """Processor, system, versions and date, as a Markdown list."""
    cpus = len(os.sched_getaffinity(0))
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in NAMED)
    return "\n".join(
        [
            f"- Date: {datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
            f"- Machine: {processor()}, {cpus} CPUs, {memory()}, Linux {platform.release()}",
            f"- {platform.python_implementation()} {platform.python_version()}, {versions}",
            "",
        ]
    )


def processor() -> str:
    """The name of the processor, or of its kind."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def memory() -> str:
    """The memory of the machine."""
    kilobytes = int(Path("/proc/meminfo").read_text().split()[1])
    return f"{kilobytes / 1024**2:.0f} GiB"
