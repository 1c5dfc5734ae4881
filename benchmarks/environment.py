"""The environment that comparisons run in: the locked contenders, in a folder made once for each lock."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "benchmarks" / "requirements.txt"
KEPT = ROOT / ".benchmarks"


def is_ours() -> bool:
    """Whether this process runs in such an environment."""
    return Path(sys.prefix).parent == KEPT


def made() -> str:
    """The interpreter of the environment, which is made if it is not there."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = KEPT / f"python{sys.version_info[0]}.{sys.version_info[1]}-{digest}"
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if not ready.exists():
        show_progress("making the environment")
        shutil.rmtree(folder, ignore_errors=True)
        install(new_venv(folder), "--require-hashes", "--no-deps", "-r", str(LOCK))
        ready.touch()
    return str(python)


def new_venv(folder: Path) -> str:
    """A virtual environment of this Python; the path of its interpreter."""
    run([sys.executable, "-m", "venv", str(folder)])
    return str(folder / "bin" / "python")


def install(python: str, *arguments: str) -> None:
    """Install something with an environment's pip."""
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def run(command: Sequence[str]) -> None:
    """Run a command that must succeed; its output is shown only if it does not."""
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{finished.stdout}{finished.stderr}")


def show_progress(text: str) -> None:
    """One line on stderr."""
    print(f"benchmarks: {text}", file=sys.stderr, flush=True)
