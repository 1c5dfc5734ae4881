"""``app``, for ``gunicorn --config gunicorn.conf.py yourl.wsgi:app``."""

from __future__ import annotations

import os

from yourl.app import create_app
from yourl.drain import is_draining
from yourl.settings import load

app = create_app(load(os.environ), is_draining)
