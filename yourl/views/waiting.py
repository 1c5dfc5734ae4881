"""Answers that come later: kept back by the server's loop where there is one, else in the thread, bounded.

Without our loop (another worker class, Flask's own server) a thread has to wait. Then few wait at a time and
none for long, so that the other threads go on answering; what cannot wait is answered at once.
"""

from __future__ import annotations

import threading
import time

from yourl.context import Wait
from yourl.views import context

LONGEST_SLEEP = 10.0
"""Seconds that a thread waits at the most."""
MOST_SLEEPERS = 4
"""Threads of one process that wait at a time."""

_may_sleep = threading.BoundedSemaphore(MOST_SLEEPERS)


def delay_answer(seconds: float) -> None:
    """Have the answer to this request given after so many seconds."""
    if seconds <= 0:
        return
    if context().can_wait:
        context().wait = Wait(seconds)
    elif _may_sleep.acquire(blocking=False):
        try:
            time.sleep(min(seconds, LONGEST_SLEEP))
        finally:
            _may_sleep.release()
