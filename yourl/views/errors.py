"""Every error has one shape: JSON for programs, a small page for browsers, never a traceback."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.http import HTTP_STATUS_CODES

from yourl.errors import BodyTooLarge, YourlError
from yourl.inspection import target_of, verdict_of
from yourl.pages import error_page
from yourl.proxies import url_of
from yourl.representation import error_document, prefers_html
from yourl.views import json_response, services


def init_app(app: Flask) -> None:
    """Answer each family of errors in the one shape."""
    app.register_error_handler(YourlError, answer_own_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_unforeseen_error)


def answer_own_error(error: YourlError) -> Response:
    """An error that yourl raised on purpose, with the status that it hints at."""
    response = error_response(error.status, error.code, str(error))
    if isinstance(error, BodyTooLarge) or error.status == 400:
        # What is left of the body was not read: the connection cannot be used again (RFC 9112 section 9.3).
        response.headers["Connection"] = "close"
    return response


def answer_http_error(error: HTTPException) -> Response:
    """An error by which Werkzeug or Flask ends a request: 404, 405 and their like."""
    status = error.code or 500
    name = HTTP_STATUS_CODES.get(status, "Error").lower().replace(" ", "_")
    response = error_response(status, name, message_for(error))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    location = error.get_response().headers.get("Location")
    if location:
        response.headers["Location"] = location
    return response


def message_for(error: HTTPException) -> str:
    """What went wrong, and what to ask for instead."""
    if isinstance(error, NotFound):
        paths = "/, /api, /health, /ready, /status, /guard or /openapi.json"
        return f"There is nothing at {request.path}. Try {paths}."
    if isinstance(error, MethodNotAllowed):
        return f"{request.method} is not allowed at {request.path}. /api answers every method."
    return error.description or "The request could not be answered."


def answer_unforeseen_error(error: Exception) -> Response:
    """A defect of ours: logged with its traceback, answered without."""
    current_app.logger.error("A request failed for a reason that nobody foresaw.", exc_info=error)
    message = "The server met an unforeseen error; it is logged."
    # The defect may well be in the verdict, so that is not asked again for the URL.
    return _response(500, error_document("internal_error", message, target_of(request.environ)), prefix="")


def error_response(status: int, code: str, message: str, **more: Any) -> Response:
    """The error as JSON, or as a page for a browser; the URL is decided as for any other request."""
    verdict = verdict_of(request.environ, services().settings.trusted_proxies)
    request.environ["yourl.client"] = verdict.client.value
    url = url_of(verdict, target_of(request.environ))
    document = {**error_document(code, message, url), **more}
    return _response(status, document, prefix=str(verdict.prefix.value or ""))


def _response(status: int, document: dict[str, Any], *, prefix: str) -> Response:
    if not prefers_html(request.headers.get("Accept", "")):
        return json_response(document, status)
    page = error_page({**document, "prefix": prefix}, status, HTTP_STATUS_CODES.get(status, "Error"))
    response = Response(page.html, status, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = page.content_security_policy
    return response
