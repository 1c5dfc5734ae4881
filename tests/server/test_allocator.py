"""Large blocks of memory go back to the system when they are freed."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import os
from yourl.server.allocator import return_memory_early
assert return_memory_early()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
before = resident()
for _ in range(20):
    blocks = [bytes(size << 20) + b"x" for size in range(1, 16)]
    del blocks
print(resident() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="mallopt is glibc's")
def test_large_blocks_are_given_back() -> None:
    """After many blocks of 1 to 15 MiB have come and gone, less than one of them is still held."""
    asked = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(asked.stdout) < 1 << 20
