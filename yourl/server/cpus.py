"""How many CPUs this process may really use.

``os.cpu_count()`` answers for the host. A container's share is set by the affinity mask and by the
cgroup's quota (v2 ``cpu.max``, v1 ``cpu.cfs_quota_us``), of every group from ours up to the root.
Knows nothing of Gunicorn; the file system's root is a parameter.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path


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
            yield from _quotas_up(root / "sys/fs/cgroup", group, _quota_v2)
        elif "cpu" in controllers.split(","):
            yield from _quotas_up(root / "sys/fs/cgroup/cpu", group, _quota_v1)
            yield from _quotas_up(root / "sys/fs/cgroup/cpu,cpuacct", group, _quota_v1)


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


def _quotas_up(mount: Path, group: str, read: Callable[[Path], float | None]) -> Iterator[float]:
    # Inside a container the path may name a group that is mounted as the root: climb to it anyway.
    parts = [part for part in group.split("/") if part not in ("", "..")]
    for depth in range(len(parts), -1, -1):
        quota = read(mount.joinpath(*parts[:depth]))
        if quota is not None:
            yield quota


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
