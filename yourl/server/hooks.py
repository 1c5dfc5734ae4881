"""Gunicorn's server hooks: each event in the life of the server is one line in the error log.

``gunicorn.conf.py`` binds each function to the hook of its name; the parameters are Gunicorn's.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import Any

from yourl import metrics
from yourl import settings as yourl_settings
from yourl.server import counting, heartbeat, warm
from yourl.server.summary import gunicorn_summary


def on_starting(server: Any) -> None:
    """The master is about to start; from here on nothing of it needs a writable folder."""
    heartbeat.keep_in_memory()
    counting.make_folder()
    if metrics.FOLDER not in os.environ:
        server.log.warning("No folder has room to count together: each worker tells only its own /metrics.")
    if hasattr(server.worker_class, "limits"):
        server.worker_class.limits = yourl_settings.load(os.environ).limits
    server.log.info("Starting: master %d.", os.getpid())


def when_ready(server: Any) -> None:
    """The sockets listen: tell people what runs and where."""
    settings = yourl_settings.load(os.environ)
    summary = gunicorn_summary(server, settings)
    if settings.log_format == "json":
        server.log.info(" ".join(summary))
    else:
        with contextlib.suppress(OSError):  # nobody reads: no reason not to serve
            sys.stderr.write("".join(f"{line}\n" for line in summary))
            sys.stderr.flush()
    server.log.info("Ready: listening, %d workers follow.", server.num_workers)


def pre_fork(server: Any, worker: Any) -> None:
    """Before each fork: from the second worker on, the slow imports are there to be shared.

    The first worker is forked without them, so that the first request need not wait for them.
    """
    worker.slot = counting.slot_for(worker.age)
    worker.counts_alone = not counting.has_room_for(worker.slot)
    if worker.counts_alone:
        server.log.warning("No room left to count together: the next worker tells only its own /metrics.")
    if worker.age > 1:
        warm.import_what_comes_late()
        counting.tell_number_of_workers()


def post_fork(server: Any, worker: Any) -> None:
    """A worker has been forked."""
    metrics.take_slot(worker.slot)
    if worker.counts_alone:
        metrics.count_alone()
    server.log.info("Forked: worker %d.", worker.pid)


def post_worker_init(worker: Any) -> None:
    """A worker serves. What it does not share yet it imports beside its first requests."""
    if not warm.is_done():
        threading.Thread(target=warm.import_what_comes_late, name="warm", daemon=True).start()


def worker_int(worker: Any) -> None:
    """A worker was told to stop at once (SIGINT or SIGQUIT)."""
    worker.log.info("Worker %d was interrupted.", worker.pid)


def worker_abort(worker: Any) -> None:
    """A worker did not report to the master for ``timeout`` seconds and is aborted (SIGABRT)."""
    worker.log.error("Worker %d is aborted: it did not answer the master in time.", worker.pid)


def worker_exit(server: Any, worker: Any) -> None:
    """A worker ends, in its own process; says why, as far as it knows."""
    if os.getpid() == worker.pid and os.getppid() != worker.ppid:
        counting.remove_folder(orphaned=True)  # the master was killed: nobody else will
    limit = worker.max_requests
    reason = f"it has served its {limit} requests" if worker.nr >= limit else "it was told to"
    worker.log.info("Worker %d ends: %s.", worker.pid, reason)


def child_exit(server: Any, worker: Any) -> None:
    """The master has seen a worker end."""
    counting.ended(worker.age)
    counting.tell_number_of_workers()
    server.log.info("Ended: worker %d.", worker.pid)


def nworkers_changed(server: Any, new_value: int, old_value: int | None) -> None:
    """The number of workers was set or changed (TTIN, TTOU)."""
    if old_value is not None and old_value != new_value:
        server.log.info("Workers: %d instead of %d.", new_value, old_value)


def pre_exec(server: Any) -> None:
    """A new master is about to replace this one (USR2)."""
    server.log.info("Re-executing: a new master follows %d.", os.getppid())


def on_reload(server: Any) -> None:
    """The configuration was reloaded (HUP)."""
    server.log.info("Reloaded: new workers replace the old.")


def on_exit(server: Any) -> None:
    """The master ends."""
    counting.remove_folder()
    server.log.info("Stopped: master %d.", os.getpid())
