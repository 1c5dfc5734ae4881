"""From the start of the process to the first 200 on /health, and what the files weigh.

"first" means never run on this machine before: a fresh copy of the file under a new name, and an empty home
folder (the pages of the file may be in memory). "again" means run before. All files run under an environment
without packages, so that no hook of the host's own site-packages weighs on them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from pathlib import Path

from benchmarks import packages
from benchmarks.comparisons import Options
from benchmarks.environment import new_venv
from benchmarks.rounds import Bars, Curves, Result, Series, Target, interleaved, series_of
from benchmarks.servers import clean_environment, free_port, process

ARCHIVE, VENV, SHIV = "yourl.pyz, first", "warm venv", "shiv, first"
OWN, EVERY, NONE = "its own file", "file for all", "file of another Python"
_numbers = count()


def start(options: Options) -> Sequence[Result]:
    """Our file beside the same packages installed, and packed by others."""
    bin_folder = packages.installed()
    files = {
        "yourl.pyz": packages.archive("yourl.pyz", sys.executable),
        "shiv": packages.shiv(),
        "PEX": packages.pex(venv=False),
        "PEX --venv": packages.pex(venv=True),
        "zipapp": packages.stdlib_zipapp(),
    }
    with tempfile.TemporaryDirectory(prefix="yourl-start-") as work:
        bare = new_venv(Path(work) / "bare")
        rounds: dict[str, Callable[[], float]] = {
            f"{name}, first": partial(first, bare, file, Path(work)) for name, file in files.items()
        }
        again = {f"{name}, again": (bare, str(files[name])) for name in ("shiv", "PEX", "PEX --venv")}
        again[VENV] = (str(bin_folder / "python"), "-m", "yourl", "serve")
        rounds |= {name: partial(milliseconds, command, Path(work)) for name, command in again.items()}
        measured = interleaved(rounds, options.rounds)
    targets = (Target(ARCHIVE, VENV, 1.0, at_most=True), Target(ARCHIVE, SHIV, 0.33, at_most=True))
    series = series_of(measured, lambda each: each)
    return [Bars("Start", "ms to the first answer", series, VENV, targets), sizes(files, bin_folder.parent)]


def sizes(files: dict[str, Path], venv: Path) -> Bars:
    """What each way adds to an image with Python in it."""
    site = next(venv.glob("lib/python*/site-packages"))
    weighed = {name: packages.size_of(file) for name, file in files.items()}
    pythons = packages.supported_pythons()
    weighed["yourl.pyz for all Pythons"] = packages.size_of(file_for_all(pythons))
    weighed["installed packages, pip left out"] = packages.size_of(site) - sum(
        packages.size_of(path) for name in ("pip*", "setuptools*") for path in site.glob(name)
    )
    series = tuple(Series(name, (size,)) for name, size in weighed.items())
    note = f"For all Pythons: {', '.join(pythons)}."
    return Bars("Size of what is added to an image", "MB", series, "yourl.pyz", note=note)


def pythons(options: Options) -> Sequence[Result]:
    """Each Python here with the file that it built, the file for all, and a file built by another one."""
    found = packages.supported_pythons()
    own = {version: packages.archive(f"yourl-{version}.pyz", path) for version, path in found.items()}
    every = file_for_all(found)
    curves: dict[str, list[Series]] = {OWN: [], EVERY: [], NONE: []}
    weights: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="yourl-start-") as work:
        for version, path in found.items():
            other = next(file for name, file in own.items() if name != version)
            files = {OWN: own[version], EVERY: every, NONE: other}
            rounds = {
                name: partial(milliseconds, (path, str(file)), Path(work)) for name, file in files.items()
            }
            for series in series_of(interleaved(rounds, options.rounds), lambda each: each):
                curves[series.name].append(series)
            weights[f"built by Python {version}"] = packages.size_of(own[version])
    weights["for all"] = packages.size_of(every)
    size = tuple(Series(name, (weight,)) for name, weight in weights.items())
    points = {name: tuple(curve) for name, curve in curves.items()}
    return [
        Curves("Start on each Python", "ms to the first answer", "Python", tuple(found), points),
        Bars("Size by Pythons", "MB", size, size[0].name),
    ]


def file_for_all(found: dict[str, str]) -> Path:
    """yourl.pyz with the bytecode of every supported Python here."""
    builder, *others = found.values()
    return packages.archive("yourl-all.pyz", builder, *others)


def first(python: str, file: Path, work: Path) -> float:
    """Start a copy under a new name, in an empty home folder."""
    home = work / f"home-{next(_numbers)}"
    home.mkdir()
    copy = shutil.copy(file, home / f"{next(_numbers)}-{file.name}")
    took = milliseconds((python, str(copy)), home)
    shutil.rmtree(home)
    return took


def milliseconds(command: Sequence[str], home: Path) -> float:
    """Until the first 200."""
    port = free_port()
    own = {"HOME": str(home), "HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "2"}
    began = time.perf_counter()
    with process(command, clean_environment(own), port, "/health"):
        return (time.perf_counter() - began) * 1000
