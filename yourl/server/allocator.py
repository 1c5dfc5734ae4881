"""Has the C library give large blocks of memory back at once, and keep one heap for all threads.

By default glibc keeps freed blocks of up to 32 MiB for later, in up to eight heaps per CPU: with 200 requests
of a megabyte five workers then hold more than 384 MiB, with these options 290 (mallopt(3)). Knows nothing of
Gunicorn.
"""

from __future__ import annotations

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # malloc.h
_OPTIONS = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, 128 * 1024), (_TRIM_THRESHOLD, 128 * 1024))


def return_memory_early() -> bool:
    """Set the options for this process and those forked from it; returns whether the C library has them."""
    try:
        import ctypes  # takes some milliseconds: not at the start

        mallopt = ctypes.CDLL(None).mallopt
    except (ImportError, OSError, AttributeError, TypeError):
        return False  # no glibc: musl, macOS, Windows
    outcomes = [int(mallopt(option, value)) for option, value in _OPTIONS]
    return outcomes == [1] * len(_OPTIONS)
