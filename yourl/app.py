"""The application factory: puts the rooms together. Knows nothing of Gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request
from werkzeug.routing import MapAdapter

from yourl.context import context_of
from yourl.inspection import machine_name
from yourl.settings import Settings
from yourl.views import Services, admission, echo, errors, headers, openapi, probes


class Application(Flask):
    """Flask, but each request has a context, and its own target decides what it asks for."""

    services: Services

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        seen = context_of(environ)
        seen.settings = self.services.settings
        target = seen.head.target
        if target.form == "absolute":
            # RFC 9112 section 3.2.2: the target's authority goes before Host, and no path means "/".
            environ["HTTP_HOST"] = seen.head.host
            environ["PATH_INFO"] = environ.get("PATH_INFO") or "/"
        return super().wsgi_app(environ, start_response)

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
    app.register_blueprint(echo.blueprint)
    app.register_blueprint(probes.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.services = Services(settings, is_draining, machine_name(), _paths(app))
    app.extensions["yourl"] = app.services
    errors.init_app(app)
    headers.init_app(app)
    admission.init_app(app)
    return app


def _paths(app: Flask) -> tuple[str, ...]:
    return tuple(
        sorted(rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and rule.rule != "/api/")
    )
