"""Takes new connections from the listening sockets, unless there are too many. Knows no Gunicorn."""

from __future__ import annotations

import errno
import logging
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from functools import partial

_OUT_OF_RESOURCES = frozenset((errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM))

PAUSE = 0.5
"""Seconds without accepting after an error, rather than trying all the time."""
SILENCE = 60.0
"""Seconds between two log lines about it."""
YIELD = 0.002
"""Seconds, at most, for which a new connection is left to other workers; then this one takes it."""


class Acceptor:
    """Owns the listening sockets. ``take`` gets each new stream with its peer address.

    :param may_take: whether the next connection should be taken here, not by another worker
    """

    def __init__(
        self,
        listeners: Iterable[socket.socket],
        poller: selectors.BaseSelector,
        take: Callable[[socket.socket, object], None],
        may_take: Callable[[], bool],
        free_descriptors: Callable[[], None],
        log: logging.Logger,
    ) -> None:
        self.listeners = list(listeners)
        self._poller = poller
        self._take = take
        self._may_take = may_take
        self._free_descriptors = free_descriptors
        self._log = log
        self._is_closed = False
        self._resume_at = 0.0
        self._complain_at = 0.0
        self.is_accepting = False
        self.is_yielding = False
        """Whether other workers may take a new connection for a moment."""

    def resume(self) -> None:
        """Accept from now on."""
        if self.is_accepting or self._is_closed:
            return
        for listener in self.listeners:
            listener.setblocking(False)
            self._poller.register(listener, selectors.EVENT_READ, partial(self._accept_or_yield, listener))
        self.is_accepting = True

    def pause(self, until: float = 0.0) -> None:
        """Accept no more, until ``resume_if_due`` is called after ``until`` (monotonic clock)."""
        self._resume_at = until
        if self.is_accepting:
            for listener in self.listeners:
                self._poller.unregister(listener)
            self.is_accepting = False

    def resume_if_due(self, now: float) -> None:
        """End a pause whose time is over, and take what was left to others and is still there."""
        is_due = now >= self._resume_at or (self.is_yielding and self._may_take())
        if self.is_accepting or not is_due:
            return
        was_yielding, self.is_yielding = self.is_yielding, False
        self.resume()
        for listener in self.listeners if was_yielding else ():
            self.accept_one(listener)

    def _accept_or_yield(self, listener: socket.socket) -> None:
        if self._may_take():
            self.accept_one(listener)
        else:
            self.is_yielding = True
            self.pause(time.monotonic() + YIELD)

    def accept_one(self, listener: socket.socket) -> bool:
        """Accept one connection, if one is queued; returns whether another attempt makes sense."""
        try:
            stream, client = listener.accept()
        except (BlockingIOError, InterruptedError):
            return False
        except ConnectionAbortedError:
            return True
        except OSError as error:
            self._fail(error)
            return False
        stream.setblocking(False)
        self._take(stream, client)
        return True

    def _fail(self, error: OSError) -> None:
        now = time.monotonic()
        if now >= self._complain_at:
            self._log.warning("Cannot accept connections: %s", error)
            self._complain_at = now + SILENCE
        if error.errno in _OUT_OF_RESOURCES:
            self._free_descriptors()
        self.pause(now + PAUSE)

    def drain(self, has_room: Callable[[], bool]) -> None:
        """Accept what the kernel has queued: closing the listener would reset those connections."""
        for listener in self.listeners:
            while has_room() and self.accept_one(listener):
                pass

    def close(self) -> None:
        """Close the listening sockets: the kernel refuses new connections from here on."""
        self.pause()
        self.is_yielding = False
        self._is_closed = True
        for listener in self.listeners:
            listener.close()
