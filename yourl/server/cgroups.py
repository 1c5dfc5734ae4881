"""How many CPUs and how much memory this process may really use.

``os.cpu_count()`` answers for the host. A container's share is set by the affinity mask and by the limits of
its control group (v2 ``cpu.max`` and ``memory.max``, v1 ``cpu.cfs_quota_us`` and ``memory.limit_in_bytes``),
of every group from ours up to the root. Knows nothing of Gunicorn; the file system's root is a parameter.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

Number = TypeVar("Number", int, float)
_NO_LIMIT = 1 << 60  # version 1 writes about 2 ** 63 where there is none


def usable_cpus(root: Path = Path("/")) -> int:
    """Whole CPUs that this process may keep busy, at least 1; part of a CPU counts as one."""
    quotas = [math.ceil(quota) for quota in cgroup_quotas(root)]
    return max(1, min([cpus_by_affinity(), *quotas]))


def cpus_by_affinity() -> int:
    """CPUs in the affinity mask, or all of the host's where the system has no such mask."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cgroup_quotas(root: Path) -> Iterator[float]:
    """Each quota, in CPUs, that a control group of ours or one above it sets."""
    for controllers, group in control_groups(root):
        if controllers == "":
            yield from _limits_up(root / "sys/fs/cgroup", group, _quota_v2)
        elif "cpu" in controllers.split(","):
            yield from _limits_up(root / "sys/fs/cgroup/cpu", group, _quota_v1)
            yield from _limits_up(root / "sys/fs/cgroup/cpu,cpuacct", group, _quota_v1)


def memory_limit(root: Path = Path("/")) -> int | None:
    """Bytes of memory that this process and its children may use together; None without a limit."""
    return min(memory_limits(root), default=None)


def memory_limits(root: Path) -> Iterator[int]:
    """Each limit, in bytes, that a control group of ours or one above it sets."""
    for controllers, group in control_groups(root):
        if controllers == "":
            yield from _limits_up(root / "sys/fs/cgroup", group, _bytes_in("memory.max"))
        elif "memory" in controllers.split(","):
            yield from _limits_up(root / "sys/fs/cgroup/memory", group, _bytes_in("memory.limit_in_bytes"))


def control_groups(root: Path) -> Iterator[tuple[str, str]]:
    """``(controllers, path)`` of each line of /proc/self/cgroup; v2 has no controllers named."""
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        yield controllers, group


def _limits_up(mount: Path, group: str, read: Callable[[Path], Number | None]) -> Iterator[Number]:
    # Inside a container the path may name a group that is mounted as the root: climb to it anyway.
    parts = [part for part in group.split("/") if part not in ("", "..")]
    for depth in range(len(parts), -1, -1):
        limit = read(mount.joinpath(*parts[:depth]))
        if limit is not None:
            yield limit


def _bytes_in(name: str) -> Callable[[Path], int | None]:
    def read(group: Path) -> int | None:
        try:
            number = int((group / name).read_text())
        except (OSError, ValueError):
            return None  # "max" in version 2
        return number if 0 < number < _NO_LIMIT else None

    return read


def _quota_v2(group: Path) -> float | None:
    try:
        quota, period = (group / "cpu.max").read_text().split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _quota_v1(group: Path) -> float | None:
    try:
        quota = int((group / "cpu.cfs_quota_us").read_text())
        period = int((group / "cpu.cfs_period_us").read_text())
        return quota / period if quota > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None
