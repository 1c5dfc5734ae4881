"""The application in Flask: its routing, the hooks before each view, and the errors that Flask raises.

The only room of the application that knows Flask and Werkzeug's routing. Imports every view, so it is
imported when the first request needs more than the probes of a start, or beside the first answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from flask import Flask, Request, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import BaseConverter, MapAdapter

from yourl.answers import HTML, STATUS_LINES, Answer
from yourl.errors import ERRORS, YourlError
from yourl.http1.head import METHODS, METHODS_NOT_OFFERED
from yourl.views import admission, context, echo, environ, inboxes, openapi, probes, services, waiting
from yourl.views.errors import answer_own_error, answer_unexpected_error, error_response
from yourl.views.headers import (
    headers_of,
    is_inbox,
    is_live,
    is_preflight,
    preflight_response,
    take_request_id,
)
from yourl.views.live import routes as live

ROUTES = [route for room in (echo, probes, openapi, inboxes, waiting, live) for route in room.ROUTES]


class AnyPath(BaseConverter):
    """Whatever follows; Werkzeug's ``path`` takes neither a slash in front (``/api//x``) nor a line end."""

    part_isolating = False
    regex = r"[\s\S]+"


class Undotted(BaseConverter):
    """A part of a path without a dot, so that what ends in one is another route."""

    regex = r"[^/.]+"


class FlaskApplication(Flask):
    """Finds the view for every path, and turns what it gives into Flask's response.

    :param application: the whole application, which asks ``wsgi_app`` for what it does not answer itself
    """

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        # Templates are rendered by yourl.pages and there is no static folder: both must work inside a zip.
        super().__init__("yourl", static_folder=None, template_folder=None)
        self._application = application
        self.url_map.merge_slashes = False  # what arrived is shown as it arrived
        self.url_map.converters |= {"any_path": AnyPath, "undotted": Undotted}
        _add_routes(self)
        _add_hooks(self)
        _add_error_handlers(self)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Have the whole application answer, also where Flask's test client asks."""
        return self._application(environ, start_response)

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths that are answered and that people can be pointed to."""
        rules = {
            rule.rule
            for rule in self.url_map.iter_rules()
            if not rule.arguments and "/live/" not in rule.rule
        }
        return tuple(sorted(rules - {"/api/", "/in", "/in/"}))

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


def _add_routes(app: Flask) -> None:
    for number, route in enumerate(ROUTES):
        endpoint = f"route_{number}"
        if route.methods is not None:
            app.add_url_rule(route.path, endpoint, route.view, methods=route.methods)
            continue
        # ``add_url_rule`` would need a list of methods.
        app.view_functions[endpoint] = route.view
        rule = app.url_rule_class(route.path, endpoint=endpoint, methods=None, strict_slashes=True)
        app.url_map.add(rule)


def _add_hooks(app: Flask) -> None:
    for hook in (
        take_request_id,
        admission.count_in_flight,
        refuse_methods,
        refuse_doubled_slashes,
        admission.refuse_hosts,
        admission.answer_server_wide_options,
        admission.answer_preflight,
    ):
        app.before_request(hook)
    app.teardown_request(admission.count_out)


def _add_error_handlers(app: Flask) -> None:
    app.register_error_handler(YourlError, answer_own_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(NotFound, answer_unknown_path)
    app.register_error_handler(Exception, answer_unexpected_error)


def refuse_methods() -> None:
    """Answer 405 to methods that no path offers.

    :raises MethodNotAllowed: for these
    """
    if context().head.method in METHODS_NOT_OFFERED:
        raise MethodNotAllowed(valid_methods=METHODS)


def refuse_doubled_slashes() -> None:
    """Answer 404 to ``//metrics``: Werkzeug takes it for ``/metrics``, a proxy's rule for that path does not.

    :raises NotFound: for a path that begins with more than one slash
    """
    if str(environ().get("PATH_INFO", "")).startswith("//"):
        raise NotFound


def answer_http_error(error: HTTPException) -> Answer:
    """An error by which Werkzeug or Flask ends a request: 404, 405 and their like."""
    status = error.code or 500
    headers = []
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        headers.append(("Allow", ", ".join(sorted(error.valid_methods))))
    location = error.get_response().headers.get("Location")
    if location:
        headers.append(("Location", location))
    paths = services().paths if isinstance(error, NotFound) else ()
    answer = error_response(status, code_of(status), message_for(error), paths=paths)
    return replace(answer, headers=tuple(headers))


def code_of(status: int) -> str:
    """The code for a status of the framework's: the table's, where a line of it has this very meaning."""
    name = HTTP_STATUS_CODES.get(status, "Error").lower().replace(" ", "_")
    return ERRORS[name].code if name in ERRORS else name


def message_for(error: HTTPException) -> str:
    """What went wrong, and what to ask for instead."""
    if isinstance(error, NotFound):
        *paths, last = services().paths
        known = f"Try {', '.join(paths)} or {last}."
        return (
            f"There is nothing at {request.path}. {known} Requests to /in/<name> are kept and shown on /live."
        )
    if isinstance(error, MethodNotAllowed):
        return f"{request.method} is not allowed at {request.path}. /api answers every method."
    return error.description or "The request could not be answered."


def answer_unknown_path(error: NotFound) -> Answer:
    """What is sent to a path that nothing else answers: kept in the catch-all inbox, or 404."""
    name = services().settings.catch_all
    path = request.path
    # A mistyped path below /live is nothing that somebody else has sent.
    if not name or is_inbox(path) or is_live(path):
        return answer_http_error(error)
    if is_preflight():
        context().inbox = name
        return preflight_response("*")
    try:
        return inboxes.receive_in(name)
    except YourlError as refusal:  # Flask handles no error of an error handler
        return answer_own_error(refusal)
