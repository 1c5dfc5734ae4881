"""One flag, shared by the master and every worker: no new requests should be sent here.

The master sets it before it stops; each worker's ``/ready`` reads it. It lives in an anonymous shared
mapping made before the first fork, so it needs no file, no lock and no message.
"""

from __future__ import annotations

import mmap

_flag = mmap.mmap(-1, 1)


def start_draining() -> None:
    """Make ``/ready`` answer 503 in every worker that was forked from this process."""
    _flag[0] = 1


def is_draining() -> bool:
    """Whether the drain has begun."""
    return _flag[0] == 1
