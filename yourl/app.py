"""The application factory: puts the rooms together. Knows nothing of Gunicorn."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from yourl.inspection import machine_name
from yourl.settings import Settings
from yourl.views import Services, echo, errors, gate, headers, openapi, probes


def create_app(settings: Settings, is_draining: Callable[[], bool] = lambda: False) -> Flask:
    """A Flask application that answers by these settings.

    :param is_draining: asked by ``/ready``; true from the moment on when no new requests should come
    """
    # Templates are rendered by yourl.pages and there is no static folder: both must work inside a zip.
    app = Flask("yourl", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # what arrived is shown as it arrived
    app.extensions["yourl"] = Services(settings, is_draining, machine_name())
    app.register_blueprint(echo.blueprint)
    app.register_blueprint(probes.blueprint)
    app.register_blueprint(openapi.blueprint)
    errors.init_app(app)
    headers.init_app(app)
    gate.init_app(app)
    return app
