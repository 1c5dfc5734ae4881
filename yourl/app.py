"""The application factory: puts the rooms together. Knows nothing of Gunicorn."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from werkzeug.routing import MapAdapter

from yourl.answers import HTML, STATUS_LINES, Answer
from yourl.captures.deferred import open_deferred
from yourl.context import context_of
from yourl.settings import Settings
from yourl.settings.platform import machine_name
from yourl.views import Services, begin
from yourl.views.direct import answer, view_for
from yourl.views.headers import headers_of

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore


class Application(Flask):
    """Flask, but each request has a context, and its own target decides what it asks for."""

    services: Services
    answers_directly = True
    """Whether the most common requests are answered without Flask's routing (yourl/views/direct.py)."""

    def __init__(self) -> None:
        # Templates are rendered by yourl.pages and there is no static folder: both must work inside a zip.
        super().__init__("yourl", static_folder=None, template_folder=None)
        self._completing = threading.Lock()
        self.is_complete = False
        """Whether ``complete`` was called."""

    def complete(self) -> None:
        """Register every view and open the store. The probes that a start waits for are answered without."""
        with self._completing:
            if not self.is_complete:
                from yourl.views.registration import paths_of, register_views

                register_views(self)
                self.services = replace(self.services, paths=paths_of(self))
                open_deferred(self.services.store)
                self.is_complete = True

    def wsgi_app(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        seen = context_of(environ)
        seen.settings = self.services.settings
        head = seen.head
        if head.target.form == "absolute":
            # RFC 9112 section 3.2.2: the target's authority goes before Host, and no path means "/".
            environ["HTTP_HOST"] = head.host
            environ["PATH_INFO"] = environ.get("PATH_INFO") or "/"
        path = str(environ["PATH_INFO"])
        view = view_for(path, head.method) if self.answers_directly else None
        if view is None:
            self.complete()
        begin(self.services, seen, environ)
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
    *,
    complete: bool = True,
) -> Application:
    """A Flask application that answers by these settings.

    :param is_draining: asked by ``/ready``; true from the moment on when no new requests should come
    :param store: keeps what is sent to inboxes; without one nothing is kept
    :param complete: false where the server calls ``complete`` itself, beside the first answers
    """
    app = Application()
    kept_in = _no_store() if store is None else store
    app.services = Services(settings, is_draining, machine_name(), app.logger, (), kept_in)
    if complete:
        app.complete()
    return app


def _no_store() -> CaptureStore:
    from yourl.captures.store import NoStore

    return NoStore("No store was opened.")
