"""Does memory stay flat while workers are recycled: the sum over all processes, slice by slice.

    python benchmarks/memory.py [--requests 1000000] [--slices 20] [--archive yourl.pyz]

wrk asks ``/api`` until the number of requests is reached, in slices; after each slice the proportional set
size (PSS) of master and workers is summed. The first slice warms up; exit code 1 when the mean of the last
quarter is more than a tenth above that of the second quarter. Needs wrk, Linux, and an environment with the
packages of requirements-test.txt.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.functional.harness import Server, require_program, running

ROOT = Path(__file__).resolve().parents[1]
ALLOWED_GROWTH = 1.10


def main() -> int:
    """Run it and print a line for each slice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--slices", type=int, default=20)
    parser.add_argument("--archive", type=Path, help="built if not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = options.archive or build(Path(folder))
        with running([sys.executable, str(archive)]) as server:
            sizes = measured(server, options.requests, options.slices)
    quarter = max(1, len(sizes) // 4)
    early, late = statistics.mean(sizes[quarter : 2 * quarter]), statistics.mean(sizes[-quarter:])
    print(f"second quarter {early:.1f} MB, last quarter {late:.1f} MB: {late / early:.3f} x")
    return 1 if late > early * ALLOWED_GROWTH else 0


def build(folder: Path) -> Path:
    """An archive of this checkout."""
    output = folder / "yourl.pyz"
    command = [sys.executable, str(ROOT / "build_zipapp.py"), "--output", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return output


def measured(server: Server, requests: int, slices: int) -> list[float]:
    """Megabytes of PSS after each slice; prints them as they come."""
    sizes: list[float] = []
    asked = errors = 0
    while asked < requests:
        until = min(requests, (len(sizes) + 1) * requests // slices)
        while asked < until:
            done, failed = wrk(server.port)
            asked, errors = asked + done, errors + failed
        sizes.append(pss({server.process.pid} | server.children()))
        print(f"{asked:9} requests, {errors} errors, {sizes[-1]:7.1f} MB", flush=True)
    return sizes


def wrk(port: int, seconds: int = 5) -> tuple[int, int]:
    """Requests answered and failed in a few seconds of load on ``/api``."""
    command = [require_program("wrk"), "-t1", "-c16", f"-d{seconds}s", f"http://127.0.0.1:{port}/api"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    failed = sum(int(number) for line in told.splitlines() if "errors" in line or "Non-2xx" in line
                 for number in re.findall(r"\d+", line.partition(":")[2]))  # fmt: skip
    return int(re.findall(r"(\d+) requests in", told)[0]), failed


def pss(pids: set[int]) -> float:
    """Proportional set size of all processes together, in megabytes; one that has just ended counts none."""
    total = 0
    for pid in pids:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += int(re.findall(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[0])
    return total / 1024


if __name__ == "__main__":
    sys.exit(main())
