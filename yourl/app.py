"""The application factory: puts the rooms together. Knows nothing of Gunicorn."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Request
from werkzeug.routing import MapAdapter

from yourl.inspection import machine_name
from yourl.settings import Settings
from yourl.views import Services, echo, errors, gate, headers, openapi, probes


class Application(Flask):
    """Flask, but a WebSocket handshake finds its view as any other GET."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What matches paths to views; Werkzeug's own would answer 400, as no rule is for WebSocket."""
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            adapter.websocket = False
        return adapter


def create_app(settings: Settings, is_draining: Callable[[], bool] = lambda: False) -> Flask:
    """A Flask application that answers by these settings.

    :param is_draining: asked by ``/ready``; true from the moment on when no new requests should come
    """
    # Templates are rendered by yourl.pages and there is no static folder: both must work inside a zip.
    app = Application("yourl", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # what arrived is shown as it arrived
    app.extensions["yourl"] = Services(settings, is_draining, machine_name())
    app.register_blueprint(echo.blueprint)
    app.register_blueprint(probes.blueprint)
    app.register_blueprint(openapi.blueprint)
    errors.init_app(app)
    headers.init_app(app)
    gate.init_app(app)
    return app
