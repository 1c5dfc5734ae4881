"""Two instances behind HAProxy, replaced one after the other under load: how many requests fail.

    python benchmarks/rolling.py [--rounds 2] [--clients 6] [--archive yourl.pyz]

HAProxy asks ``/ready`` four times a second. Each instance in turn gets SIGTERM, drains for two seconds
(``/ready`` says 503, requests are still served), ends, and is started again; clients ask all the while, half
on kept connections and half on new ones, and note the fate of every request. Prints fates and latencies; exit
code 1 when a request failed. Needs haproxy and an environment with the packages of requirements-test.txt.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.functional.harness import free_port, wait_until
from tests.functional.load import Fate, Load
from tests.functional.rolling import balanced, instance, replace

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run it and print what became of the requests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2, help="how often each instance is replaced")
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--archive", type=Path, help="built if not given")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = options.archive or build(Path(folder))
        load = rolled(archive, Path(folder), options.rounds, options.clients)
    failed = load.others_than(Fate.ANSWERED)
    seconds = sorted(request.seconds for request in load.requests)
    print(f"{len(load.requests)} requests, {len(failed)} failed")
    for fate, count in load.fates.items():
        print(f"{count:7} {fate.value}")
    print(f"median {statistics.median(seconds) * 1000:.1f} ms, slowest {seconds[-1] * 1000:.1f} ms")
    return 1 if failed else 0


def build(folder: Path) -> Path:
    """An archive of this checkout."""
    output = folder / "yourl.pyz"
    command = [sys.executable, str(ROOT / "build_zipapp.py"), "--output", str(output)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return output


def rolled(archive: Path, folder: Path, rounds: int, clients: int) -> Load:
    """The load that asked while both instances were replaced ``rounds`` times."""
    ports = [free_port(), free_port()]
    instances = [instance(archive, port).wait_ready() for port in ports]
    try:
        with balanced(ports, folder) as entry:
            wait_until(lambda: entry.both_up(), "both instances up")
            with Load(entry.port, kept=clients // 2, new=clients - clients // 2) as load:
                for _ in range(rounds):
                    for number in (0, 1):
                        instances[number] = replace(instances[number], archive, entry)
                        load.await_answers(100)
            return load
    finally:
        for started in instances:
            started.__exit__()


if __name__ == "__main__":
    sys.exit(main())
