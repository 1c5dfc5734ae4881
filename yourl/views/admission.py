"""What is refused or answered before any view is asked, whichever server is in front.

Under Gunicorn the worker has refused what breaks HTTP already (yourl/http1/head.py).
"""

from __future__ import annotations

from yourl import metrics
from yourl.answers import Answer
from yourl.context import PROBE_PATHS
from yourl.errors import Refusal
from yourl.hosts import host_is_allowed
from yourl.http1.head import METHODS
from yourl.representation import finding_document
from yourl.views import context, environ, services
from yourl.views.errors import refused
from yourl.views.headers import is_api, is_inbox, is_preflight, no_content, preflight_response


def count_in_flight() -> None:
    """One more request is being answered."""
    context().is_counted = True
    metrics.started()


def count_out(error: BaseException | None) -> None:
    """One less is."""
    seen = context()
    if seen.is_counted:
        seen.is_counted = False
        metrics.finished()


def refuse_hosts() -> Answer | None:
    """400 for a host that YOURL_ALLOWED_HOSTS does not name, with the finding that says what helps."""
    allowed = services().settings.allowed_hosts
    if not allowed or environ().get("PATH_INFO") in PROBE_PATHS:
        return None
    verdict = context().verdict
    if host_is_allowed(str(verdict.host.value or ""), allowed):
        return None
    findings = [finding_document(finding) for finding in verdict.findings]
    message = f"This server does not answer for the host {verdict.host.value}."
    return refused(Refusal("host_not_allowed", message), findings=findings)


def answer_server_wide_options() -> Answer | None:
    """``OPTIONS *`` asks about the server, not about a resource (RFC 9110 section 9.3.7)."""
    if context().head.method != "OPTIONS" or context().head.target.form != "asterisk":
        return None
    return no_content(("Allow", ", ".join(METHODS)))


def answer_preflight() -> Answer | None:
    """The browser's question whether a script of another origin may ask /api or send to an inbox."""
    if not is_preflight():
        return None
    path = str(environ()["PATH_INFO"])
    if is_api(path):
        return preflight_response()
    return preflight_response("*") if is_inbox(path) else None
