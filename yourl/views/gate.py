"""What is refused before any view is asked, whichever server is in front: methods and hosts.

Under Gunicorn the worker has refused what breaks HTTP already (yourl/server/gate.py).
"""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed

from yourl import metrics
from yourl.inspection import target_of, verdict_of
from yourl.proxies import host_is_allowed
from yourl.representation import finding_document
from yourl.views import services
from yourl.views.errors import error_response
from yourl.views.headers import is_api, is_preflight, preflight_response

# Kubernetes and load balancers ask these by address, not by name.
ASKED_BY_ADDRESS = frozenset({"/health", "/ready"})


def init_app(app: Flask) -> None:
    """Ask each question of each request."""
    app.before_request(count_in_flight)
    app.before_request(refuse_methods)
    app.before_request(refuse_hosts)
    app.before_request(answer_server_wide_options)
    app.before_request(answer_preflight)
    app.teardown_request(count_out)


def count_in_flight() -> None:
    """One more is being answered."""
    request.environ["yourl.counted"] = True
    metrics.started()


def count_out(error: BaseException | None) -> None:
    """One less is."""
    if request.environ.pop("yourl.counted", False):
        metrics.finished()


def refuse_methods() -> None:
    """TRACE hands a browser's cookies to its scripts and CONNECT asks for a tunnel: neither is offered.

    :raises MethodNotAllowed: for these two
    """
    if request.method in ("TRACE", "CONNECT"):
        raise MethodNotAllowed(valid_methods=["GET", "HEAD", "POST", "OPTIONS"])


def refuse_hosts() -> Response | None:
    """400 for a host that YOURL_ALLOWED_HOSTS does not name, with the finding that says what helps."""
    settings = services().settings
    if not settings.allowed_hosts or request.path in ASKED_BY_ADDRESS:
        return None
    verdict = verdict_of(request.environ, settings.trusted_proxies, settings.allowed_hosts)
    if host_is_allowed(str(verdict.host.value or ""), settings.allowed_hosts):
        return None
    findings = [finding_document(finding) for finding in verdict.findings]
    message = f"This server does not answer for the host {verdict.host.value}."
    return error_response(400, "host_not_allowed", message, findings=findings)


def answer_server_wide_options() -> Response | None:
    """``OPTIONS *`` asks about the server, not about a resource (RFC 9110 section 9.3.7)."""
    if request.method != "OPTIONS" or target_of(request.environ) != "*":
        return None
    return Response(status=204, headers={"Allow": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"})


def answer_preflight() -> Response | None:
    """The browser's question whether a script of another origin may ask /api."""
    return preflight_response() if is_api(request.path) and is_preflight() else None
