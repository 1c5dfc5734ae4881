"""A store that is opened when it is first used: until then nothing of it is imported, and no file made."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore


class DeferredStore:
    """A ``CaptureStore``. Shared by threads; after a fork each process opens it, unless it was open before.

    :param name: of the store that will be opened
    :param opener: opens it; never raises
    """

    def __init__(self, name: str, opener: Callable[[], CaptureStore]) -> None:
        self._name = name
        self._open = opener
        self._opening = threading.Lock()
        self._opened: CaptureStore | None = None

    @property
    def name(self) -> str:
        """The name of the store; ``off`` where it could not be opened."""
        return self._name if self._opened is None else self._opened.name

    def opened(self) -> CaptureStore:
        """The store, opened now if it was not yet."""
        if self._opened is None:
            with self._opening:
                if self._opened is None:
                    self._opened = self._open()
        return self._opened

    def close(self) -> None:
        """Close what this process has opened, if anything."""
        if self._opened is not None:
            self._opened.close()

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.opened(), attribute)


def open_deferred(store: CaptureStore) -> None:
    """Open a store now whose opening was put off."""
    if isinstance(store, DeferredStore):
        store.opened()
