"""The Gunicorn configuration of yourl: used by ``gunicorn --config gunicorn.conf.py yourl.wsgi:app``
in a checkout, and packed into yourl.pyz, which starts from this very file.

Every value may be changed by GUNICORN_CMD_ARGS, as Gunicorn documents it.
"""

import os
import sys

from yourl.errors import SettingsError
from yourl.server.cgroups import usable_cpus
from yourl.server.hooks import Hooks

if (
    "settings" not in globals()
):  # `yourl` hands its settings over; plain Gunicorn leaves them to the application
    try:
        from yourl.wsgi import settings
    except SettingsError as error:
        print(error, file=sys.stderr)
        sys.exit(2)

wsgi_app = "yourl.wsgi:app"
proc_name = "yourl"
bind = [f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"]

workers = settings.workers or usable_cpus() * 2 + 1
threads = settings.threads
worker_class = settings.worker_class
worker_connections = 1000
max_requests = 1000
max_requests_jitter = 50
timeout = 30
graceful_timeout = 8  # Cloud Run and most orchestrators kill after 10 s
keepalive = settings.keepalive
limit_request_line = settings.limits.request_line_size
limit_request_fields = settings.limits.field_count
limit_request_field_size = settings.limits.field_size
preload_app = True

# Heartbeats must not lie on a slow disk. Where no folder is writable, see yourl/server/heartbeat.py.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None  # noqa: S108

# The verdict about proxies is ours. Were Gunicorn to believe these headers, the truth would be lost.
forwarded_allow_ips = "127.0.0.1"
secure_scheme_headers = {}
forwarder_headers = ""
header_map = "drop"
proxy_protocol = False

# The control socket wants a writable HOME; nothing of ours uses it.
control_socket_disable = True

accesslog = "-"
errorlog = "-"
loglevel = "info"
capture_output = False
logger_class = "yourl.server.logs.gunicorn_logger." + (
    "JsonLogger" if settings.log_format == "json" else "TextLogger"
)

hooks = Hooks(settings)
on_starting = hooks.on_starting
when_ready = hooks.when_ready
pre_fork = hooks.pre_fork
post_fork = hooks.post_fork
post_worker_init = hooks.post_worker_init
worker_int = hooks.worker_int
worker_abort = hooks.worker_abort
worker_exit = hooks.worker_exit
child_exit = hooks.child_exit
nworkers_changed = hooks.nworkers_changed
pre_exec = hooks.pre_exec
on_reload = hooks.on_reload
on_exit = hooks.on_exit
