"""Tells a loop in which inboxes something was stored, by whichever process. Knows no Gunicorn.

The loop only drains a descriptor; the store is asked by a thread, since it may be on another machine. Nothing
is watched while no request waits: then a process that stores something has nobody to wake.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from yourl.captures.errors import StoreUnavailable

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore, Watcher

PAUSE = 0.25
"""Seconds between two looks at least, however much is stored."""
LOOK_ANYWAY = 3.0
"""Seconds after which the store is asked without a wake-up: one can be lost when a process is killed."""
EVERY_INBOX = "inbox:*"


def channel_of(inbox: str) -> str:
    """The channel of one inbox, for ``yourl.context.Wait``; all of them where ``inbox`` is empty."""
    return f"inbox:{inbox}" if inbox else EVERY_INBOX


class WatchingLoop(Protocol):
    """What is asked of the loop. All of it but ``call_soon`` on the loop's thread only."""

    @property
    def has_subscribers(self) -> bool:
        """Whether a request waits on any channel."""

    def notify(self, channel: str) -> None:
        """Something has happened on a channel."""

    def call_soon(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have the loop call ``function``; from any thread."""

    def watch_descriptor(self, descriptor: int, is_readable: Callable[[], object]) -> None:
        """Call ``is_readable`` whenever there is something to read."""

    def ignore_descriptor(self, descriptor: int) -> None:
        """No longer."""


class CaptureWatch:
    """Watches one store for one loop. Make it after the fork.

    :param run: runs a function on a thread
    """

    def __init__(
        self, store: CaptureStore, loop: WatchingLoop, run: Callable[[Callable[[], object]], None]
    ) -> None:
        self._store = store
        self._loop = loop
        self._run = run
        self._watcher: Watcher | None = None
        self._is_registered = False
        self._is_busy = False
        """Whether a thread opens the watcher or asks the store."""
        self._was_woken = False
        self._looked_at = 0.0
        self._seen: Mapping[str, str] = {}

    def tick(self) -> None:
        """Look where it is time to. The loop calls this several times a second."""
        if not self._loop.has_subscribers:
            self._ignore()
            return
        now = time.monotonic()
        if self._is_busy or now - self._looked_at < PAUSE:
            return
        if self._was_woken or not self._is_registered or now - self._looked_at > LOOK_ANYWAY:
            self._look(now)

    def _look(self, now: float) -> None:
        self._looked_at = now
        self._is_busy = True
        self._was_woken = False
        if self._watcher is not None:
            self._watcher.arm()  # before the store is asked: what is stored later wakes us again
            self._register()
        self._run(self._ask)

    def _register(self) -> None:
        if self._watcher is not None and not self._is_registered:
            self._loop.watch_descriptor(self._watcher.fileno(), self._wake)
            self._is_registered = True

    def _ignore(self) -> None:
        if self._watcher is not None and self._is_registered:
            self._loop.ignore_descriptor(self._watcher.fileno())
            self._is_registered = False

    def _wake(self) -> None:
        """Something was stored. The descriptor stays readable until ``arm``, so it is ignored until then."""
        self._ignore()
        self._was_woken = True
        self.tick()

    def _ask(self) -> None:
        """On a thread: which inboxes have something new; opens the watcher first."""
        watcher, newest = self._watcher, None
        try:
            if watcher is None:
                watcher = self._store.watch()
            newest = self._store.last_ids()
        except StoreUnavailable:
            pass  # looked for again soon
        except Exception:
            logging.getLogger(__name__).exception("The store could not be asked for what is new")
        self._loop.call_soon(self._take, watcher, newest)

    def _take(self, watcher: Watcher | None, newest: Mapping[str, str] | None) -> None:
        """On the loop's thread: what the thread has found."""
        self._is_busy = False
        if newest is not None:
            changed = [inbox for inbox, last in newest.items() if self._seen.get(inbox) != last]
            self._seen = newest
            for channel in [*map(channel_of, changed), *([EVERY_INBOX] if changed else [])]:
                self._loop.notify(channel)
        if self._watcher is None and watcher is not None:
            self._watcher = watcher
            self._was_woken = True  # armed at the next tick, and asked again then

    def close(self) -> None:
        """Stop watching."""
        self._ignore()
        if self._watcher is not None:
            self._watcher.close()
