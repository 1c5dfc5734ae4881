"""``python -m benchmarks``: the comparisons, in an environment of their own.

    python -m benchmarks LIST
    python -m benchmarks [--quick] [--rounds N] NAME...
    python -m benchmarks [--quick] --write docs/benchmarks.md docs/images [NAME...]
    python -m benchmarks --profile "yourl /api"

Without names all comparisons run. Exits with 1 where a target was missed and ``--check`` was given.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import environment
from benchmarks.comparisons import NAMES, QUICK, Options, comparison
from benchmarks.document import Measured, written
from benchmarks.machine import description
from benchmarks.markdown import file_name, section
from benchmarks.rounds import missed_targets
from benchmarks.svg import plot


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for, in the right environment; the exit code."""
    options = parse(arguments)
    if options.names == ["LIST"]:
        for name, what in NAMES.items():
            print(f"{name:14}{what}")
        return 0
    if not environment.is_ours():
        os.chdir(environment.ROOT)
        python = environment.made()
        os.execv(python, [python, "-m", "benchmarks", *arguments])
    if options.profile:
        from benchmarks.comparisons.in_process import profile

        profile(options.profile)
        return 0
    measured = measure(options)
    if options.write:
        write(measured, *options.write)
    missed = missed_targets([result for each in measured for result in each.results])
    print("\n".join(["", *missed] if missed else ["", "Every target was met."]))
    return 1 if missed and options.check else 0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options; names of comparisons are checked."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__, formatter_class=formatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="LIST shows them; all if none is given")
    parser.add_argument("--quick", action="store_true", help="few and short rounds: 10 minutes for all")
    parser.add_argument("--rounds", type=int, help="rounds that count")
    parser.add_argument("--seconds", type=int, help="length of a round of load")
    parser.add_argument("--requests", type=int, help="requests for the comparison of memory")
    parser.add_argument(
        "--write", nargs=2, type=Path, metavar=("DOCUMENT", "IMAGES"), help="write the report"
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 where a target was missed")
    parser.add_argument("--profile", metavar="APPLICATION", help="profile one of the in-process comparison")
    options = parser.parse_args(arguments)
    if options.names != ["LIST"]:
        unknown = [name for name in options.names if name not in NAMES]
        if unknown:
            parser.error(f"no comparison is called {', '.join(unknown)}; LIST shows them")
    return options


def measure(given: argparse.Namespace) -> list[Measured]:
    """Run the comparisons one after the other and print each result when it is there."""
    options = QUICK if given.quick else Options()
    changed = {
        name: getattr(given, name) for name in ("rounds", "seconds", "requests") if getattr(given, name)
    }
    options = replace(options, **changed)
    measured = []
    for name in given.names or NAMES:
        environment.show_progress(f"{name}: {NAMES[name]}")
        began = time.monotonic()
        results = comparison(name)(options)
        measured.append(Measured(name, tuple(results)))
        print("\n".join(section(result) for result in results), flush=True)
        environment.show_progress(f"{name} took {time.monotonic() - began:.0f} s")
    return measured


def write(measured: Sequence[Measured], document: Path, images: Path) -> None:
    """Write the plots, and put the figures into the document."""
    images.mkdir(parents=True, exist_ok=True)
    for result in (result for each in measured for result in each.results):
        (images / file_name(result.title)).write_text(plot(result), encoding="utf-8")
    beside = os.path.relpath(images, document.parent)
    text = document.read_text(encoding="utf-8")
    document.write_text(written(text, measured, beside, description()), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
