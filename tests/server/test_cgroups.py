"""CPUs by affinity and quota, and memory, by every kind of control group."""

from __future__ import annotations

from pathlib import Path

import pytest

from yourl.server.cgroups import cgroup_quotas, cpus_by_affinity, memory_limit, usable_cpus

CASES = [
    pytest.param("0::/\n", {"sys/fs/cgroup/cpu.max": "max 100000"}, [], id="v2-no-quota"),
    pytest.param("0::/\n", {"sys/fs/cgroup/cpu.max": "50000 100000"}, [0.5], id="v2-half"),
    pytest.param(
        "0::/a/b\n",
        {"sys/fs/cgroup/a/b/cpu.max": "300000 100000", "sys/fs/cgroup/a/cpu.max": "150000 100000"},
        [3.0, 1.5],
        id="v2-nested",
    ),
    pytest.param("0::/gone/here\n", {"sys/fs/cgroup/cpu.max": "200000 100000"}, [2.0], id="v2-namespaced"),
    pytest.param(
        "0::/../x\n", {"sys/fs/cgroup/cpu.max": "200000 100000"}, [2.0], id="v2-outside-the-namespace"
    ),
    pytest.param(
        "4:cpu,cpuacct:/docker/1\n",
        {
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000",
            "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000",
        },
        [2.5],
        id="v1",
    ),
    pytest.param(
        "4:cpu:/\n",
        {"sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1", "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000"},
        [],
        id="v1-no-quota",
    ),
    pytest.param("0::/\n", {"sys/fs/cgroup/cpu.max": "what"}, [], id="nonsense"),
    pytest.param("0::/\n", {"sys/fs/cgroup/cpu.max": "1 0"}, [], id="period-zero"),
]


@pytest.mark.parametrize(("groups", "files", "expected"), CASES)
def test_reads_quotas(tmp_path: Path, groups: str, files: dict[str, str], expected: list[float]) -> None:
    """Every quota from our group up to the root is found, in CPUs."""
    for name, text in {**files, "proc/self/cgroup": groups}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert expected == list(cgroup_quotas(tmp_path))


def test_part_of_a_cpu_counts_as_one(tmp_path: Path) -> None:
    """A quota of a tenth still leaves one."""
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text("0::/\n")
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/cpu.max").write_text("10000 100000")
    assert usable_cpus(tmp_path) == 1


def test_without_cgroups_the_affinity_counts(tmp_path: Path) -> None:
    """Where nothing limits us, every CPU of the mask may be used."""
    assert cpus_by_affinity() == usable_cpus(tmp_path)


@pytest.mark.parametrize(
    ("groups", "files", "expected"),
    [
        pytest.param("0::/\n", {"sys/fs/cgroup/memory.max": "max"}, None, id="v2-no-limit"),
        pytest.param("0::/a\n", {"sys/fs/cgroup/a/memory.max": "402653184"}, 402653184, id="v2"),
        pytest.param(
            "0::/a/b\n",
            {"sys/fs/cgroup/a/b/memory.max": "500000000", "sys/fs/cgroup/a/memory.max": "400000000"},
            400000000,
            id="v2-nested",
        ),
        pytest.param(
            "9:memory:/x\n", {"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "402653184"}, 402653184, id="v1"
        ),
        pytest.param(
            "9:memory:/\n",
            {"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"},
            None,
            id="v1-no-limit",
        ),
        pytest.param("0::/\n", {"sys/fs/cgroup/memory.max": "what"}, None, id="nonsense"),
    ],
)
def test_reads_the_memory_limit(
    tmp_path: Path, groups: str, files: dict[str, str], expected: int | None
) -> None:
    """The smallest limit from our group up to the root, in bytes."""
    for name, text in {**files, "proc/self/cgroup": groups}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert memory_limit(tmp_path) == expected
