"""Every error has one shape: JSON for programs, a small page for browsers, never a traceback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES

from yourl.answers import Answer, error_answer
from yourl.errors import ERRORS, Refusal, YourlError
from yourl.views import accept, context, services


def init_app(app: Flask) -> None:
    """Answer each family of errors in the one shape."""
    app.register_error_handler(YourlError, answer_own_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_unexpected_error)


def answer_own_error(error: YourlError) -> Answer:
    """An error that yourl raised on purpose."""
    return refused(error.refusal)


def refused(refusal: Refusal, **more: Any) -> Answer:
    """The answer to a request that is refused; the URL is the decided one.

    :param more: further keys of the JSON
    """
    headers = refusal.headers
    if refusal.status in (400, 413):
        # What is left of the body was not read: the connection cannot be used again (RFC 9112 section 9.3).
        headers = (*headers, ("Connection", "close"))
    return replace(error_response(refusal.status, refusal.code, refusal.message, more), headers=headers)


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


def answer_unexpected_error(error: Exception) -> Answer:
    """A defect of ours: logged with its traceback, answered without."""
    services().log.error("Unhandled exception", exc_info=error)
    message = "The server met an unhandled error; it is logged."
    # The defect may well be in the verdict, so that is not asked for the URL.
    return _response(500, "internal_error", message, context().head.target.origin_form)


def error_response(
    status: int, code: str, message: str, more: dict[str, Any] | None = None, paths: Sequence[str] = ()
) -> Answer:
    """An error as JSON, or as a page for a browser; the URL is decided as for any other request.

    :param more: further keys of the JSON
    :param paths: paths to link to
    """
    seen = context()
    return _response(status, code, message, seen.url, prefix=seen.prefix, more=more, paths=paths)


def _response(status: int, code: str, message: str, url: str, **options: Any) -> Answer:
    return error_answer(status, code, message, url, accept=accept(), **options)
