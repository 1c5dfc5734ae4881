"""``app``, for ``gunicorn --config gunicorn.conf.py yourl.wsgi:app`` and every other WSGI server.

The environment is read here, once; ``gunicorn.conf.py`` takes the settings from here.
"""

from __future__ import annotations

import os
from typing import Any

from yourl.app import create_app
from yourl.drain import is_draining
from yourl.settings import load
from yourl.storage import open_store

settings = load(os.environ)
app = create_app(settings, is_draining, open_store(settings), complete=False)


def __getattr__(name: str) -> Any:
    """``application``: as a Flask object, which ``flask --app yourl.wsgi run`` asks for (PEP 562)."""
    if name == "application":
        return app.flask
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
