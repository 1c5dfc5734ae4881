"""Gunicorn's master with a drain: on SIGTERM readiness goes first, then the requests, then the process.

Relies on these of ``gunicorn.arbiter.Arbiter``: ``signal``, ``handle_term``, ``wait_for_signals``,
``handle_chld``, ``murder_workers``, ``manage_workers``, ``spawn_workers``, ``stop`` (which ends at once when
it finds SIGQUIT in the queue), ``LISTENERS``, ``reexec_pid`` and ``master_pid`` (0 unless another master
shares the sockets), ``systemd`` and ``log``; the loop ends by ``StopIteration``.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from gunicorn.arbiter import Arbiter

from yourl.drain import start_draining
from yourl.server import warm
from yourl.server.backlog import begin_no_handshakes

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)

HANDSHAKE = 0.1
"""Seconds for handshakes that have begun to end, before the workers take what is queued and close."""


class DrainingArbiter(Arbiter):  # type: ignore[misc]
    """Serves on for ``drain`` seconds after SIGTERM while ``/ready`` says 503.

    An orchestrator takes a moment to stop sending requests here; until then they are answered.
    """

    drain = 0.0
    is_stopping = False

    def signal(self, sig: int, frame: Any) -> None:
        """Queue a signal; a second SIGTERM counts as SIGQUIT, by which Gunicorn stops at once."""
        super().signal(signal.SIGQUIT if sig == signal.SIGTERM and self.is_stopping else sig, frame)

    def handle_term(self) -> None:
        """Drain, then stop; a second signal ends at once.

        :raises StopIteration: always, which ends Gunicorn's main loop gracefully
        """
        self.is_stopping = True
        if self.another_master_serves:
            raise StopIteration  # it has our port, too: no reason to send requests elsewhere
        start_draining()
        if self.drain:
            self.log.info("Draining for %g s: /ready answers 503, requests are still served.", self.drain)
            self._serve_until(time.monotonic() + self.drain)
        raise StopIteration

    def spawn_workers(self) -> None:
        """Start the missing workers, then have everything in memory: the archive may be replaced later."""
        super().spawn_workers()
        warm.import_what_comes_late()

    @property
    def another_master_serves(self) -> bool:
        """Whether, after USR2, the successor or the predecessor accepts from the same sockets."""
        return bool(self.reexec_pid or (self.master_pid and self.master_pid == os.getppid()))

    def stop(self, graceful: bool = True) -> None:
        """Stop the workers; no connection is reset for having come at the last moment.

        Sockets that outlive this master, another master's or systemd's, must go on accepting.
        """
        are_ours = not (self.another_master_serves or self.systemd)
        if graceful and are_ours and begin_no_handshakes(self.LISTENERS):
            time.sleep(HANDSHAKE)
        super().stop(graceful)

    def _serve_until(self, deadline: float) -> None:
        while (left := deadline - time.monotonic()) > 0:
            for number in self.wait_for_signals(timeout=min(1.0, left)):
                if number in _ENDING:
                    self.log.info("A second signal: stopping at once.")
                    self.stop(False)
                    raise StopIteration
                if number == signal.SIGCHLD:
                    self.handle_chld()
            self.murder_workers()
            self.manage_workers()
