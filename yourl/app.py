"""The application factory: puts the rooms together. Knows nothing of Gunicorn, and of Flask only when needed.

Importing Flask takes a third of a start, so the probes that a start waits for are answered without it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from yourl.captures.deferred import open_deferred
from yourl.context import context_of
from yourl.settings import Settings
from yourl.settings.platform import machine_name
from yourl.views import Services, begin
from yourl.views.direct import answer, view_for

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore
    from yourl.views.framework import FlaskApplication


class Application:
    """A WSGI application (PEP 3333): each request has a context, and its own target decides what it asks for.

    What is asked all day is answered directly (yourl/views/direct.py), the rest by Flask.
    """

    answers_directly = True
    """Whether the most common requests are answered without Flask's routing."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._completing = threading.Lock()
        self._flask: FlaskApplication | None = None

    @property
    def is_complete(self) -> bool:
        """Whether ``complete`` was called."""
        return self._flask is not None

    def complete(self) -> FlaskApplication:
        """Import Flask and every view, and open the store, once."""
        with self._completing:
            if self._flask is None:
                from yourl.views.framework import FlaskApplication

                made = FlaskApplication(self)
                self.services = replace(self.services, paths=made.paths)
                open_deferred(self.services.store)
                self._flask = made
            return self._flask

    @property
    def flask(self) -> FlaskApplication:
        """The Flask application that finds the view for a path."""
        return self._flask or self.complete()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        seen = context_of(environ)
        seen.settings = self.services.settings
        head = seen.head
        if head.target.form == "absolute":
            # RFC 9112 section 3.2.2: the target's authority goes before Host, and no path means "/".
            environ["HTTP_HOST"] = head.host
            environ["PATH_INFO"] = environ.get("PATH_INFO") or "/"
        path = str(environ["PATH_INFO"])
        view = view_for(path, head.method) if self.answers_directly else None
        if view is not None:
            begin(self.services, seen, environ)
            return answer(view, path, start_response)
        flask = self.flask
        begin(self.services, seen, environ)
        return flask.wsgi_app(environ, start_response)


def create_app(
    settings: Settings,
    is_draining: Callable[[], bool] = lambda: False,
    store: CaptureStore | None = None,
    *,
    complete: bool = True,
) -> Application:
    """An application that answers by these settings.

    :param is_draining: asked by ``/ready``; true from the moment on when no new requests should come
    :param store: keeps what is sent to inboxes; without one nothing is kept
    :param complete: false where the server calls ``complete`` itself, beside the first answers
    """
    kept_in = _no_store() if store is None else store
    log = logging.getLogger("yourl")
    app = Application(Services(settings, is_draining, machine_name(), log, (), kept_in))
    if complete:
        app.complete()
    return app


def _no_store() -> CaptureStore:
    from yourl.captures.store import NoStore

    return NoStore("No store was opened.")
