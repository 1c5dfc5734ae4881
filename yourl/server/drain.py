"""Stopping with a drain: on SIGTERM readiness goes first, some seconds later the requests, then the process.

An orchestrator takes a moment to stop sending requests here; until then they are answered. Works with
Gunicorn's own master, by taking SIGTERM before it does, so any way to start Gunicorn with our
``gunicorn.conf.py`` drains.

Relies on these of ``gunicorn.arbiter.Arbiter``: ``signal`` (the handler that queues a signal), ``SIGQUIT``
ends at once, also while it waits for the workers; ``LISTENERS``, ``reexec_pid`` and ``master_pid`` (0 unless
another master shares the sockets), ``systemd`` and ``log``.
"""

from __future__ import annotations

import array
import contextlib
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any

from yourl.drain import start_draining

HANDSHAKE = 0.1
"""Seconds for handshakes that have begun to end, before the workers take what is queued and close."""

_SO_ATTACH_FILTER = 26  # asm-generic/socket.h; the socket module has no name for it

# Classic BPF (linux/filter.h): code, jump if true, jump if false, operand. The filter of a TCP socket sees
# segments from the TCP header on. Accepted connections inherit it, so all but a SYN must pass.
_INSTRUCTIONS = (
    (0x30, 0, 0, 13),  # load the byte with the flags (RFC 9293 section 3.1)
    (0x54, 0, 0, 0x12),  # keep SYN and ACK
    (0x15, 0, 1, 0x02),  # a SYN that acknowledges nothing begins a handshake
    (0x06, 0, 0, 0),  # drop the segment
    (0x06, 0, 0, 0xFFFFFFFF),  # let it pass
)


class Drain:
    """Takes SIGTERM for a Gunicorn master and passes it on when the drain is over.

    Uses the process's interval timer (SIGALRM): the master sleeps in a queue, and a thread of ours would be
    in the way of its forks.
    """

    def __init__(self, master: Any, seconds: float) -> None:
        self._master = master
        self._seconds = seconds
        self._pid = os.getpid()
        self._begun = False
        self._closing = False

    def install(self) -> None:
        """Take SIGTERM from now on; call it when the master has set its own handlers."""
        signal.signal(signal.SIGTERM, self._terminate)
        signal.signal(signal.SIGALRM, self._time_is_up)

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._pid:  # a worker that has not set its own handlers yet
            self._master.signal(number, frame)
        elif self._begun:
            self._master.log.info("Second SIGTERM: stopping at once")
            self._master.signal(signal.SIGQUIT, frame)
        else:
            self._begun = True
            self._begin(frame)

    def _begin(self, frame: FrameType | None) -> None:
        if another_master_serves(self._master):
            # It has our port, too: no reason to send requests elsewhere.
            self._master.signal(signal.SIGTERM, frame)
            return
        start_draining()
        if self._seconds:
            seconds = self._seconds
            self._master.log.info("Draining for %g s: /ready answers 503, requests are still served", seconds)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        else:
            self._time_is_up(signal.SIGALRM, frame)

    def _time_is_up(self, number: int, frame: FrameType | None) -> None:
        """The drain is over, then the time for the last handshakes: pass SIGTERM on."""
        master = self._master
        sockets_outlive_us = master.systemd or another_master_serves(master)
        if not (self._closing or sockets_outlive_us) and drop_new_connections(master.LISTENERS):
            self._closing = True
            signal.setitimer(signal.ITIMER_REAL, HANDSHAKE)
        else:
            master.signal(signal.SIGTERM, frame)


def another_master_serves(master: Any) -> bool:
    """Whether, after USR2, the successor or the predecessor accepts from the same sockets."""
    return bool(master.reexec_pid or (master.master_pid and master.master_pid == os.getppid()))


def drop_new_connections(listeners: Iterable[socket.socket]) -> bool:
    """Drop every SYN from now on, for all processes that share these sockets; False where this is not Linux.

    The kernel completes handshakes by itself. A connection that it completes between a worker's last
    ``accept`` and ``close`` is reset, together with the request that its client has sent by then
    (tests/server/test_drain.py shows it). A client whose SYN is dropped repeats it a second later, and is
    refused or finds another server. Handshakes that have begun are completed, and queued connections can be
    accepted as before.
    """
    if sys.platform != "linux":
        return False
    program = array.array("B", b"".join(struct.pack("HBBI", *step) for step in _INSTRUCTIONS))
    address, _ = program.buffer_info()
    pointer = struct.pack("HP", len(_INSTRUCTIONS), address)
    done = False
    for listener in listeners:
        if listener.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):
                listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, pointer)
                done = True
    return done
