"""Gunicorn's server hooks: each event in the life of the server is one line in the error log.

``gunicorn.conf.py`` makes one ``Hooks`` of the settings and binds each method to the hook of its name; the
parameters are Gunicorn's.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys
from typing import Any, NoReturn

from yourl import metrics, storage
from yourl.server import heartbeat, shared_metrics
from yourl.server.balance import Balance
from yourl.server.drain import Drain
from yourl.server.logs.writer import flush_all
from yourl.server.preload import load_for_all, preload_in_background
from yourl.server.startup import gunicorn_summary, print_summary
from yourl.settings import Settings
from yourl.settings.platform import MADE_CODE


def leave() -> NoReturn:
    """End this process at once, once what is registered for its end is done.

    Python would free every object first, which copies the memory that a worker shares with its master. That
    takes 35 ms, and until then the master starts no other worker in its place.
    """
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):  # there is none, or nobody reads it
            stream.flush()
    os._exit(0)


class Hooks:
    """The hooks of a server that runs by these settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._balance = Balance()

    def on_starting(self, server: Any) -> None:
        """The master is about to start; from here on it needs no writable folder."""
        if hasattr(server.log, "set_project"):  # another logger class has no use for it
            server.log.set_project(self._settings.cloud_project)
        heartbeat.use_memory_if_no_folder(server.cfg.worker_tmp_dir)
        shared_metrics.make_folder()
        storage.prepare(self._settings)
        if metrics.FOLDER not in os.environ:
            server.log.warning("No folder for shared counts: each worker's /metrics has its own counts only")
        server.log.info("Starting: master %d", os.getpid())

    def when_ready(self, server: Any) -> None:
        """The sockets listen: tell people what runs and where."""
        Drain(server, self._settings.drain).install()
        print_summary(gunicorn_summary(server, self._settings), self._settings, server.log.error_log)
        server.log.info("Ready: listening, starting %d workers", server.num_workers)

    def pre_fork(self, server: Any, worker: Any) -> None:
        """Before each fork: from the second worker on, the slow imports are there to be shared.

        The first worker is forked without them, so that the first request need not wait for them, and hands
        over to another as soon as they are there.
        """
        worker.slot = shared_metrics.slot_for(worker.age)
        if hasattr(worker, "set_limits"):  # another worker class has its own
            worker.set_share(self._balance.share_of(worker.slot))
            worker.set_limits(self._settings.limits)
            worker.retires = worker.age == 1
            if self._settings.proxy_protocol:
                worker.set_load_balancers(self._settings.trusted_proxies)
        worker.counts_alone = not shared_metrics.has_room_for(worker.slot)
        if worker.counts_alone:
            server.log.warning(
                "No room for shared counts: the next worker's /metrics has its own counts only"
            )
        if worker.age > 1:
            load_for_all(server.app.callable)
            shared_metrics.count_workers()
        # A later collection writes into the header of each object that it looks at, and so takes away what is
        # shared: without this, every worker has 5 MB more of its own.
        gc.freeze()

    def post_fork(self, server: Any, worker: Any) -> None:
        """A worker has been forked."""
        metrics.take_slot(worker.slot)
        if worker.counts_alone:
            metrics.count_alone()
        server.log.info("Forked: worker %d", worker.pid)

    def post_worker_init(self, worker: Any) -> None:
        """A worker serves: preload the remaining modules in a background thread."""
        preload_in_background(worker.app.callable)

    def worker_int(self, worker: Any) -> None:
        """A worker was told to stop at once (SIGINT or SIGQUIT)."""
        worker.log.info("Interrupted: worker %d", worker.pid)

    def worker_abort(self, worker: Any) -> None:
        """A worker did not report to the master for ``timeout`` seconds and is aborted (SIGABRT)."""
        worker.log.error("Aborted: worker %d, no heartbeat in time", worker.pid)

    def worker_exit(self, server: Any, worker: Any) -> None:
        """A worker ends, in its own process; says why, as far as it knows."""
        if os.getpid() == worker.pid and os.getppid() != worker.ppid:
            shared_metrics.remove_folder(orphaned=True)  # the master was killed and cannot
        limit = worker.max_requests
        reason = f"max_requests reached ({limit})" if worker.nr >= limit else "told to stop"
        if getattr(worker, "has_retired", False):
            reason = "replaced by one that shares its memory"
        worker.log.info("Exiting: worker %d, %s", worker.pid, reason)
        if getattr(worker, "has_ended", False):
            leave()

    def child_exit(self, server: Any, worker: Any) -> None:
        """The master has seen a worker end."""
        self._balance.clear(worker.slot)
        shared_metrics.free_slot_of(worker.age)
        shared_metrics.count_workers()
        server.log.info("Ended: worker %d", worker.pid)

    def nworkers_changed(self, server: Any, new_value: int, old_value: int | None) -> None:
        """The number of workers was set or changed (TTIN, TTOU)."""
        if old_value is not None and old_value != new_value:
            server.log.info("Workers: %d, before %d", new_value, old_value)

    def pre_exec(self, server: Any) -> None:
        """A new master is about to replace this one (USR2)."""
        handed_on = server.cfg.env_orig
        handed_on["YOURL_SESSION_ID"] = self._settings.session_id  # one id for the whole run
        handed_on[MADE_CODE] = self._settings.made_code
        if storage.FOLDER in os.environ:
            handed_on[storage.FOLDER] = os.environ[storage.FOLDER]
        server.log.info("Re-executing: a new master follows %d", os.getppid())
        flush_all()

    def on_reload(self, server: Any) -> None:
        """The configuration was reloaded (HUP)."""
        server.log.info("Reloaded: new workers replace the old")

    def on_exit(self, server: Any) -> None:
        """The master ends."""
        shared_metrics.remove_folder()
        server.log.info("Stopped: master %d", os.getpid())
