"""The threads that run the application: a fixed number, fed from one queue.

Stands in for ``concurrent.futures.ThreadPoolExecutor`` in a worker's loop. Nothing waits for the results,
so there are no futures to pay for; and the interpreter, when it ends, does not wait for a request that
never ends.
Knows nothing of Gunicorn, sockets or requests.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

Task = tuple[Callable[..., object], tuple[Any, ...]]

_log = logging.getLogger(__name__)


class Threads:
    """``count`` threads that run what is submitted, in order; started at once, so create after forking."""

    def __init__(self, count: int) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._busy: set[int] = set()
        self._threads = [
            threading.Thread(target=self._run, args=(number,), name=f"request-{number}", daemon=True)
            for number in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have ``function`` called by the next free thread."""
        self._tasks.put((function, arguments))

    @property
    def have_one_task(self) -> bool:
        """Whether there is no task but one that is being run, for the task itself to ask."""
        return len(self._busy) == 1 and self._tasks.empty()

    def shutdown(self, wait: bool = True, timeout: float | None = None) -> None:
        """End each thread after its task; wait for them for ``timeout`` seconds each, None for ever."""
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join(timeout)

    def _run(self, number: int) -> None:
        while (task := self._tasks.get()) is not None:
            function, arguments = task
            self._busy.add(number)
            try:
                function(*arguments)
            except BaseException:  # a SystemExit would otherwise cost us the thread
                _log.exception("A task failed that should have caught its own errors")
            self._busy.discard(number)
