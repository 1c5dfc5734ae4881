"""The application factory: puts the rooms together. Knows nothing of Gunicorn."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.routing import MapAdapter

from yourl.answers import HTML, STATUS_LINES, Answer
from yourl.captures.access import Limiter
from yourl.captures.store import CaptureStore, NoStore
from yourl.context import context_of
from yourl.inspection import machine_name
from yourl.settings import Settings
from yourl.views import Services, admission, begin, echo, errors, headers, inboxes, openapi, probes, waiting
from yourl.views.direct import answer, view_for
from yourl.views.headers import headers_of


class Application(Flask):
    """Flask, but each request has a context, and its own target decides what it asks for."""

    services: Services
    answers_directly = True
    """Whether the most common requests are answered without Flask's routing (yourl/views/direct.py)."""

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        seen = context_of(environ)
        seen.settings = self.services.settings
        head = seen.head
        if head.target.form == "absolute":
            # RFC 9112 section 3.2.2: the target's authority goes before Host, and no path means "/".
            environ["HTTP_HOST"] = head.host
            environ["PATH_INFO"] = environ.get("PATH_INFO") or "/"
        begin(self.services, seen, environ)
        path = str(environ["PATH_INFO"])
        view = view_for(path, head.method) if self.answers_directly else None
        if view is not None:
            return answer(view, path, start_response)
        return super().wsgi_app(environ, start_response)

    def make_response(self, rv: Any) -> Response:
        """Flask's response for what a view or a hook has given."""
        if not isinstance(rv, Answer):
            return super().make_response(rv)
        headers = headers_of(rv, request.path, is_known=request.url_rule is not None)
        return Response(rv.content, STATUS_LINES[rv.status], headers=headers)

    def make_default_options_response(self) -> Response:
        """Flask's own answer to OPTIONS, with the headers of every answer."""
        allow = super().make_default_options_response().headers["Allow"]
        return self.make_response(Answer(200, b"", HTML, headers=(("Allow", allow),)))

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """What matches paths to views; Werkzeug's own would answer 400, as no rule is for WebSocket."""
        adapter = super().create_url_adapter(request)
        if adapter is not None:
            adapter.websocket = False
        return adapter


def create_app(
    settings: Settings,
    is_draining: Callable[[], bool] = lambda: False,
    store: CaptureStore | None = None,
) -> Flask:
    """A Flask application that answers by these settings.

    :param is_draining: asked by ``/ready``; true from the moment on when no new requests should come
    :param store: keeps what is sent to inboxes; without one nothing is kept
    """
    # Templates are rendered by yourl.pages and there is no static folder: both must work inside a zip.
    app = Application("yourl", static_folder=None, template_folder=None)
    app.url_map.merge_slashes = False  # what arrived is shown as it arrived
    app.register_blueprint(echo.blueprint)
    app.register_blueprint(probes.blueprint)
    app.register_blueprint(openapi.blueprint)
    app.register_blueprint(inboxes.blueprint)
    app.register_blueprint(waiting.blueprint)
    kept_in = NoStore("No store was opened.") if store is None else store
    app.services = Services(
        settings, is_draining, machine_name(), app.logger, _paths(app), kept_in, Limiter(kept_in)
    )
    errors.init_app(app)
    headers.init_app(app)
    admission.init_app(app)
    inboxes.init_app(app)
    return app


def _paths(app: Flask) -> tuple[str, ...]:
    rules = {rule.rule for rule in app.url_map.iter_rules() if not rule.arguments}
    return tuple(sorted(rules - {"/api/", "/in", "/in/"}))
