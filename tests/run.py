"""Sets up and passes the tests: ``python3 tests/run.py [--no-lint] [arguments of pytest]``.

Needs Python 3.10 or newer with ``venv``, and nothing else: what the tests need goes, hash-checked, into
``.venv`` beside this checkout, made anew whenever a lock or the Python has changed. Never touches the
system's Python. Every step runs even after one has failed; the exit code is that of the first failure.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-test.txt")
FOLDER = ROOT / ".venv"
STAMP = FOLDER / "made-from"
OLDEST = (3, 10)
# These would reach into the environment that is made here, or keep pip from filling it.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "PYTHONUSERBASE", "PIP_CONSTRAINT", "PIP_PREFIX", "PIP_TARGET")


class CannotRun(Exception):
    """What is missing, in one line for people."""


def main(arguments: list[str]) -> int:
    """Run every step; the exit code of the first that failed, else 0."""
    lint = "--no-lint" not in arguments
    for_pytest = [argument for argument in arguments if argument != "--no-lint"]
    try:
        python = environment()
    except CannotRun as error:
        say(f"cannot run the tests: {error}")
        return 2
    steps = [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]]
    failed: list[tuple[str, int]] = []
    for step in [*(steps if lint else []), ["pytest", *for_pytest]]:
        code = run([str(python), "-m", *step])
        if code != 0:
            failed.append((" ".join(step), code))
    for name, code in failed:
        say(f"{name} failed with exit code {code}")
    return failed[0][1] if failed else 0


def environment() -> Path:
    """The Python of ``.venv``, which holds what the locks say; made, or made anew, where it does not.

    :raises CannotRun: where this Python cannot make one, or pip cannot fill it
    """
    if sys.version_info < OLDEST:
        raise CannotRun(f"needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {sys.version.split()[0]}")
    python = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if is_current(python):
        return python
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        raise CannotRun(f"this Python {version} has no venv; on Debian: apt install python3-venv") from None
    say(f"making {FOLDER.name} with Python {version}")
    if FOLDER.exists():
        shutil.rmtree(FOLDER)
    try:
        venv.create(FOLDER, with_pip=True, symlinks=os.name != "nt")
    except (OSError, subprocess.CalledProcessError) as error:
        raise CannotRun(f"cannot make {FOLDER}: {error}") from None
    install = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    locks = [word for lock in LOCKS for word in ("--requirement", lock)]
    run_pip([*install, "--progress-bar", "off", "--require-hashes", *locks])
    STAMP.write_text(fingerprint(), encoding="ascii")
    return python


def is_current(python: Path) -> bool:
    """Whether ``.venv`` was finished, from these locks and this very Python, and still starts."""
    try:
        if STAMP.read_text(encoding="ascii") != fingerprint():
            return False
        return subprocess.run([str(python), "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def fingerprint() -> str:
    """A hash of all that decides what is in ``.venv``."""
    digest = hashlib.sha256()
    for part in (sys.version, sys.base_prefix, str(FOLDER)):
        digest.update(part.encode() + b"\0")
    for lock in LOCKS:
        digest.update((ROOT / lock).read_bytes() + b"\0")
    return digest.hexdigest()


def run(command: list[str]) -> int:
    """Run one step in the checkout, shown before it starts; its exit code, 128 + n for signal n."""
    words = command[2:] if command[1] == "-m" else command
    say(" ".join(word if " " not in word else repr(word) for word in words))
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    code = subprocess.run(command, cwd=ROOT, env=kept).returncode
    return code if code >= 0 else 128 - code


def run_pip(command: list[str]) -> None:
    """Run pip, counting the packages that it collects.

    :raises CannotRun: where it fails; an index that cannot be reached is called that
    """
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "encoding": "utf-8", "errors": "replace"}
    collected = 0
    is_cut_off = False
    with subprocess.Popen(command, cwd=ROOT, env=kept, **piped) as pip:  # type: ignore[call-overload]
        for line in pip.stdout:
            collected += line.startswith("Collecting ")
            is_cut_off = is_cut_off or "connection broken by" in line
            if line.startswith("Collecting ") and collected % 10 == 0:
                say(f"{collected} packages collected")
            elif line.startswith("Installing "):
                say("installing them")
            elif line.startswith(("ERROR", "WARNING")):
                sys.stdout.write(line)
    if pip.returncode != 0:
        reason = "the package index cannot be reached" if is_cut_off else "its message is above"
        raise CannotRun(f"pip could not install what the tests need: {reason}")


def say(text: str) -> None:
    """One line on what happens, between the lines of those that do it."""
    print(f"==> {text}", flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
