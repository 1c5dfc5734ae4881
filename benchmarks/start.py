"""How long yourl takes from the start of its process to the first 200 on /health, beside its peers.

usage: python3 benchmarks/start.py [--rounds N] [--check]

Makes everything it needs in a temporary folder: yourl.pyz as build_zipapp.py builds it, a virtual environment
with the same locked packages, the same packages and package packed by plain shiv and by PEX. They take turns
in the rounds of one run, with the same Python and two workers, so that ratios hold on a noisy machine.

"first" means never run on this machine before: a fresh copy of the file under a new name, and an empty home
folder (the pages of the file may be in memory). "warm" means run before. ``--check`` exits with 1 where a
target is missed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.txt"
WORKERS = "2"
PATIENCE = 60.0  # seconds until a start counts as failed
PAUSE = 0.002  # seconds between two questions whether it answers

ARCHIVE = "yourl.pyz, first"
VENV = "Gunicorn from a warm venv"
SHIV = "plain shiv, first"
TARGETS = ((VENV, 1.25), (SHIV, 0.5))


@dataclass
class Candidate:
    """One way to start it; ``prepare(round)`` makes what a round needs: a command and its environment."""

    name: str
    prepare: Callable[[int], tuple[Sequence[str], Mapping[str, str]]]
    folder: Path | None = None
    seconds: list[float] = field(default_factory=list)


def main() -> int:
    """Make, measure, print."""
    parser = argparse.ArgumentParser(description="Measure the start of yourl.pyz beside its peers.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="exit with 1 where a target is missed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yourl-start-") as folder:
        candidates = make(Path(folder))
        for number in range(options.rounds + 1):
            for candidate in candidates:
                seconds = time_of_start(candidate, number)
                if number:  # the round before the first warms what counts as warm
                    candidate.seconds.append(seconds)
            show_progress(number, options.rounds)
    missed = report(candidates)
    return 1 if options.check and missed else 0


def make(work: Path) -> list[Candidate]:
    """Build all that is to be compared."""
    bare = new_venv(work / "bare")
    tools = new_venv(work / "tools")
    installed = new_venv(work / "installed")
    say("installing the locked packages, shiv and PEX")
    pip(installed, "--require-hashes", "--no-deps", "-r", str(LOCK))
    pip(tools, "shiv", "pex")
    checkout = copy_package(work / "checkout", ROOT / "gunicorn.conf.py")
    run([installed, "-m", "compileall", "-q", str(checkout)])
    packed = copy_package(work / "packed", None)
    shutil.copy(ROOT / "gunicorn.conf.py", packed / "yourl")

    say("building yourl.pyz")
    run([sys.executable, str(ROOT / "build_zipapp.py"), "--output", str(work / "yourl.pyz")])
    say("packing with shiv")
    shiv = [str(Path(tools).with_name("shiv")), "-e", "yourl.__main__:main", "--site-packages", str(packed)]
    run([*shiv, "-o", str(work / "shiv.pyz"), "--no-deps", "--require-hashes", "-r", str(LOCK)])
    say("packing with PEX")
    pex = [str(Path(tools).with_name("pex")), "-e", "yourl.__main__:main", "-D", str(packed)]
    run(
        [
            *pex,
            "-o",
            str(work / "app.pex"),
            "--intransitive",
            "-r",
            str(LOCK),
            "--pex-root",
            str(work / "pex"),
        ]
    )
    for name in ("yourl.pyz", "shiv.pyz", "app.pex"):
        say(f"{name}: {(work / name).stat().st_size / 1e6:.2f} MB")

    gunicorn = [str(Path(installed).with_name("gunicorn")), "--config", "gunicorn.conf.py", "yourl.wsgi:app"]
    return [
        Candidate(ARCHIVE, first(bare, work / "yourl.pyz")),
        Candidate(VENV, lambda number: (gunicorn, {"HOME": str(work)}), checkout),
        Candidate(SHIV, first(bare, work / "shiv.pyz")),
        Candidate("plain shiv, warm", warm(bare, work / "shiv.pyz")),
        Candidate("PEX, first", first(bare, work / "app.pex")),
        Candidate("PEX, warm", warm(bare, work / "app.pex")),
    ]


def copy_package(target: Path, configuration: Path | None) -> Path:
    """A folder with the package, and with Gunicorn's configuration beside it if given."""
    shutil.copytree(ROOT / "yourl", target / "yourl", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    if configuration:
        shutil.copy(configuration, target)
    return target


def first(python: str, file: Path) -> Callable[[int], tuple[Sequence[str], Mapping[str, str]]]:
    """A copy under a new name, started in an empty home folder."""

    def prepare(number: int) -> tuple[Sequence[str], Mapping[str, str]]:
        home = file.with_name(f"{file.name}-home-{number}")
        home.mkdir()
        copy = shutil.copy(file, home / f"{number}-{file.name}")
        return [python, str(copy)], {"HOME": str(home)}

    return prepare


def warm(python: str, file: Path) -> Callable[[int], tuple[Sequence[str], Mapping[str, str]]]:
    """The same file in the same home folder each time."""
    home = file.with_name(f"{file.name}-home")
    home.mkdir()
    return lambda number: ([python, str(file)], {"HOME": str(home)})


def time_of_start(candidate: Candidate, number: int) -> float:
    """Seconds until the first 200; the process is ended again."""
    command, extra = candidate.prepare(number)
    port = free_port()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WEB_CONCURRENCY": WORKERS,
        **extra,
    }
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=candidate.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                raise SystemExit(f"{candidate.name} did not start: {' '.join(command)}")
            time.sleep(PAUSE)
        return time.perf_counter() - started
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    """Whether /health says 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def report(candidates: Sequence[Candidate]) -> bool:
    """Print the table and the targets; whether one was missed."""
    medians = {candidate.name: statistics.median(candidate.seconds) for candidate in candidates}
    print(f"{'':28}{'median':>9}{'fastest':>9}{'of the venv':>13}")
    for candidate in candidates:
        median, fastest = medians[candidate.name], min(candidate.seconds)
        ratio = median / medians[VENV]
        print(f"{candidate.name:28}{median * 1000:6.0f} ms{fastest * 1000:6.0f} ms{ratio:12.2f} x")
    missed = False
    for name, target in TARGETS:
        ratio = medians[ARCHIVE] / medians[name]
        missed = missed or ratio > target
        print(f"{ARCHIVE} / {name}: {ratio:.2f} (at most {target}: {'met' if ratio <= target else 'MISSED'})")
    return missed


def new_venv(folder: Path) -> str:
    """A virtual environment of this Python; the path of its interpreter."""
    run([sys.executable, "-m", "venv", str(folder)])
    return str(folder / "bin" / "python")


def pip(python: str, *arguments: str) -> None:
    """Install something."""
    run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments])


def run(command: Sequence[str]) -> None:
    """Run a command that must succeed; what it says is shown only if it does not."""
    finished = subprocess.run(command, capture_output=True, text=True)
    if finished.returncode != 0:
        raise SystemExit(f"{' '.join(command)}\n{finished.stdout}{finished.stderr}")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr)


def show_progress(number: int, rounds: int) -> None:
    """Which round is over."""
    say(f"round {number} of {rounds}" if number else "warmed up")


if __name__ == "__main__":
    sys.exit(main())
