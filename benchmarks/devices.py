"""Measure `yourl.devices` on labelled user agents, with its peers beside it.

    python benchmarks/devices.py FILE.jsonl [--worst] [--halves] [--errors CLASS] [--sample N]

FILE holds one JSON object a line: `device` (pc, phone, tablet, watch, tv, xr, car, bot or other),
`user_agent` and, where they were sent, `headers` (the client hints). Lines of class "other" (music
players, speakers, cameras, terminals) are shown but not counted, since no class of ours is right for them.

It prints, for `classify`: how many of each class were recognised, the confusion table, how many pcs,
phones and tablets were wrongly refused (given a class that the default guard does not let in) or called
a watch, how many bots were taken for a person's device; then the cost in microseconds, each user agent
being new to the process, of `classify`, of user-agents and, if it is installed, of device_detector.

- `--worst` also times crafted and random strings of 8 KB, for `classify` and for the names.
- `--errors CLASS` lists the mistakes made on lines of that class, with the evidence.
- `--halves` prints the shares for two halves of the lines too, divided by a hash of the model name (or of
  the user agent where it names no model), so that rules made for one half can be judged by the other.
- `--sample N` times only every Nth line (device_detector takes 25 ms each; default 20 for the peers).
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from yourl.devices import DEVICE_TYPES, USER_AGENT_CUT, Device, classify, warm_names, warm_rules
from yourl.devices.model_names import find_model_name

LET_IN = ("pc", "phone", "tablet")
A_PERSONS = ("pc", "phone", "tablet", "watch", "tv", "xr", "car")

Line = dict[str, Any]


def read(path: Path) -> list[Line]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def ours(line: Line) -> Device:
    return classify(line["user_agent"], line.get("headers", {}))


def share(part: int, whole: int) -> str:
    return f"{part:>6} of {whole:<6} {100 * part / whole:7.3f} %" if whole else "none"


def confusion(lines: list[Line]) -> Counter[tuple[str, str]]:
    return Counter((line["device"], ours(line).type) for line in lines)


def show_accuracy(lines: list[Line]) -> None:
    table = confusion(lines)
    classes = [kind for kind in (*DEVICE_TYPES, "other") if any(said == kind for said, _ in table)]
    print("Confusion (rows: what it is; columns: what classify said)")
    print(" " * 9 + "".join(f"{kind:>8}" for kind in DEVICE_TYPES) + "   right")
    for true in classes:
        row = [table[true, said] for said in DEVICE_TYPES]
        right = "" if true == "other" else f"{100 * table[true, true] / sum(row):7.2f} %"
        print(f"{true:<9}" + "".join(f"{count:>8}" for count in row) + right)
    print()
    for name, part, whole in shares(table):
        print(f"{name:<52}{share(part, whole)}")


def shares(table: Counter[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
    def count(true: Iterable[str], said: Iterable[str] = DEVICE_TYPES) -> int:
        return sum(table[a, b] for a in true for b in said)

    four = (*LET_IN, "watch")
    yield "pc, phone, tablet and watch right", sum(table[kind, kind] for kind in four), count(four)
    yield "watches recognised", table["watch", "watch"], count(["watch"])
    yield "wrongly blocked: pc, phone, tablet called watch", count(LET_IN, ["watch"]), count(LET_IN)
    refused = [kind for kind in DEVICE_TYPES if kind not in LET_IN]
    yield "wrongly refused: pc, phone, tablet not let in", count(LET_IN, refused), count(LET_IN)
    yield "tv and xr not called pc, phone or tablet", count(("tv", "xr"), refused), count(("tv", "xr"))
    yield "bots not called a person's device", count(["bot"], ("bot", "unknown")), count(["bot"])


def half_of(line: Line) -> int:
    """0 or 1; lines of one model are in the same half."""
    text = line["user_agent"].lower()
    return zlib.crc32((find_model_name(text).name or text).encode("utf-8", "replace")) & 1


def show_halves(lines: list[Line]) -> None:
    for half in (0, 1):
        print(f"\nHalf {half} by hash of the model name")
        for name, part, whole in shares(confusion([line for line in lines if half_of(line) == half])):
            print(f"{name:<52}{share(part, whole)}")


def show_errors(lines: list[Line], kind: str) -> None:
    for line in lines:
        device = ours(line)
        if line["device"] == kind and device.type != kind:
            print(f"{device.type:<8} {line['user_agent']}\n         {'; '.join(device.evidence)}")


def microseconds(call: Callable[[Any], object], argument: object) -> float:
    start = time.perf_counter_ns()
    call(argument)
    return (time.perf_counter_ns() - start) / 1000


def show_cost(name: str, call: Callable[[Any], object], arguments: Iterable[object]) -> None:
    times = sorted(microseconds(call, argument) for argument in arguments)
    if times:
        high = times[int(0.99 * (len(times) - 1))]
        print(f"{name:<24}{len(times):>7}{statistics.median(times):>11.1f}{high:>11.1f}{times[-1]:>11.1f}")


def distinct(lines: list[Line]) -> list[Line]:
    return list({line["user_agent"]: line for line in lines}.values())


def show_costs(lines: list[Line], every: int) -> None:
    print(f"\n{'microseconds':<24}{'new':>7}{'median':>11}{'99 %':>11}{'worst':>11}")
    every_line = distinct(lines)
    some = [line["user_agent"] for line in every_line[::every]]
    show_cost("classify", ours, every_line)
    show_cost("classify and names", lambda text: classify(text).browser, some)
    from user_agents import parse

    show_cost("user-agents", parse, [text + " " for text in some])
    try:
        from device_detector import DeviceDetector
    except ImportError:
        print("device_detector         not installed")
    else:
        show_cost("device_detector", lambda text: DeviceDetector(text).parse(), some)


def crafted(size: int = 8192) -> Iterator[tuple[str, str]]:
    """Strings meant to make patterns backtrack: random, repeated and half-right tokens."""
    chance = random.Random(7)
    yield "random bytes", "".join(chr(chance.randrange(256)) for _ in range(size))
    yield (
        "random letters",
        "".join(chance.choice("abcdefghijklmnopqrstuvwxyz ;/()._-0123456789") for _ in range(size)),
    )
    for token in (
        *("a", " ", ";", "(", "1", "@a", "@a-", "-", "/", "\x00", "\ud800", "İ", "1.", "v1", "; ; "),
        *("Android ", "Android 9; ", "Linux; U; ", "Build/", "Build/PT", "SM-", "SM-R", "Watch1,", "watch o"),
        *(
            "bot",
            "bo",
            "www.",
            "http:/",
            "yasearch",
            "safari/1",
            "chrome/1.",
            "windows nt 6.2; arm;",
            "tv",
            "_tv",
        ),
        *(
            "32LED",
            "55U",
            "h32",
            "t2c",
            "ubuntu mobil",
            "opera mini/1",
            "Android; en-us; ",
            "samsung ",
            "(Mobile; ",
        ),
    ):
        yield f"{token!r} repeated", (token * (size // len(token) + 1))[:size]
        yield f"Android and {token!r}", ("Mozilla/5.0 (Linux; Android 9; " + token * size)[:size]
    yield "all the tokens", "Mozilla/5.0 (Linux; Android 9; " + "SM-X b4 tv_ led5 watcho 7 3" * 400


def show_worst() -> None:
    print(f"\n8 KB strings (classify reads {USER_AGENT_CUT} characters)   classify      names   microseconds")
    costs = []
    for name, text in crafted():
        # A different first character each time, because classify keeps what it has just answered.
        best = min(microseconds(classify, f"{attempt}{text}") for attempt in range(3))
        costs.append((best, microseconds(lambda text: classify(text).browser, text), name))
    for best, names, name in sorted(costs, reverse=True)[:12]:
        print(f"{name[:46]:<48}{best:>10.0f} {names:>10.0f}")
    print(
        f"{'worst of ' + str(len(costs)):<48}{max(costs)[0]:>10.0f} {max(cost[1] for cost in costs):>10.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path)
    parser.add_argument("--worst", action="store_true")
    parser.add_argument("--halves", action="store_true")
    parser.add_argument("--errors", metavar="CLASS")
    parser.add_argument("--sample", type=int, default=20, metavar="N")
    options = parser.parse_args()
    lines = read(options.file)
    if options.errors:
        show_errors(lines, options.errors)
        return
    warm_names()
    warm_rules()
    show_accuracy(lines)
    if options.halves:
        show_halves(lines)
    show_costs(lines, options.sample)
    if options.worst:
        show_worst()


if __name__ == "__main__":
    main()
