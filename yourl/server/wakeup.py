"""Calls that threads hand to the loop, and the descriptor that wakes the loop for them."""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable
from typing import Any

Call = tuple[Callable[..., object], tuple[Any, ...]]


class CallQueue:
    """Any thread may ``put``; the loop waits for ``fileno`` to be readable and then calls ``run``."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque()
        self._is_signalled = False
        self._read_end, self._write_end = os.pipe()
        os.set_blocking(self._read_end, False)
        os.set_blocking(self._write_end, False)

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._read_end

    def put(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have the loop call ``function``; safe in threads and signal handlers."""
        self._calls.append((function, arguments))
        if not self._is_signalled:
            # One byte wakes the loop, however many calls wait. A full pipe wakes it as well.
            self._is_signalled = True
            with contextlib.suppress(OSError):
                os.write(self._write_end, b"\0")

    def run(self) -> None:
        """Make the calls that wait now; later ones come with the next turn of the loop."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._read_end, 4096)
        self._is_signalled = False  # before looking: a put after this line signals again
        for _ in range(len(self._calls)):
            function, arguments = self._calls.popleft()
            function(*arguments)

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self._read_end)
        os.close(self._write_end)
