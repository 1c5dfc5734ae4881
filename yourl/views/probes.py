"""``/health``, ``/ready``, ``/metrics``, ``/status``, ``/guard``: for probes, dashboards and people.

A start waits for the answer to a probe, so what only the others need is imported when they are asked.
"""

from __future__ import annotations

from typing import Any

from yourl import __version__, metrics
from yourl.answers import Answer
from yourl.representation import decision_document, device_document, policy_document, timestamp
from yourl.views import context, environ, json_response, page_or_json, services
from yourl.views.route import Route


def health() -> Answer:
    """Alive, and which server this is."""
    settings = services().settings
    return json_response(
        {
            "status": "healthy",
            "timestamp": timestamp(),
            "service": "url-api",
            "version": __version__,
            "friends_family_guard": settings.guard.enabled,
            "cloud_run_support": True,
            "wsgi_server": wsgi_server(),
            "production_mode": True,
            "port": listening_port(),
        }
    )


def ready() -> Answer:
    """Whether new requests should be sent here: not while draining.

    A store that is away is no reason: every instance shares it, so another one would be no better.
    """
    is_draining = services().is_draining()
    document = {
        "status": "draining" if is_draining else "ready",
        "timestamp": timestamp(),
        "captures": services().store.status().state,
    }
    return json_response(document, 503 if is_draining else 200)


def prometheus() -> Answer:
    """Counts of all workers, in Prometheus' text format."""
    return _refused_if_private("metrics") or _counts()


def _counts() -> Answer:
    status = services().store.status()
    store = metrics.StoreNumbers(status.state, status.count, status.size, status.evicted)
    return Answer(200, metrics.exposition(store), metrics.CONTENT_TYPE)


def status() -> Answer:
    """What runs here, for whom and under which policy."""
    return _refused_if_private("status") or _status()


def _refused_if_private(name: str) -> Answer | None:
    if name not in services().settings.private:
        return None
    from yourl.views.bearer import refuse_without_code

    return refuse_without_code()


def _status() -> Answer:
    settings = services().settings
    guard = settings.guard
    return page_or_json(
        "Status",
        {
            "service": "URL API with Visual Inspection",
            "version": __version__,
            "status": "running",
            "port": listening_port(),
            "host": listening_host(),
            "timestamp": timestamp(),
            "session_id": settings.session_id,
            "organization": settings.organization,
            "friends_family_guard": guard.enabled,
            "visual_inspection": {
                "pc_allowed": guard.allows("pc"),
                "phone_allowed": guard.allows("phone"),
                "watch_blocked": not guard.allows("watch"),
                "tablet_allowed": guard.allows("tablet"),
            },
            "cloud_run_support": True,
            "demo_mode": settings.demo_mode,
            "wsgi_server": wsgi_server(),
            "production_mode": True,
            "usage": settings.usage,
        },
    )


def guard() -> Answer:
    """The ruleset; with ``?user_agent=…`` what it says of that device, and on which evidence."""
    from yourl.devices import classify
    from yourl.inspection import query_of

    policy = services().settings.guard
    document: dict[str, Any] = {"ruleset": policy_document(policy), "timestamp": timestamp()}
    user_agent = next(iter(query_of(context().head)[0].get("user_agent", ())), None)
    if user_agent is not None:
        device = classify(user_agent)
        document["user_agent"] = user_agent
        document["device"] = device_document(device)
        document["decision"] = decision_document(policy.decide(device.type))
    return page_or_json("Guard", document, "Add ?user_agent=… to the address to have a device judged.")


def wsgi_server() -> str:
    """The server that serves this very request, by what it says of itself in the environ."""
    software = str(environ().get("SERVER_SOFTWARE", ""))
    for name, prefix in (("gunicorn", "gunicorn"), ("flask", "Werkzeug")):
        if software.startswith(prefix):
            return name
    return software.partition("/")[0].lower() or "unknown"


def listening_port() -> int:
    """The port of the socket that this request came in by, or the configured one where it has none."""
    return context().connection.server_port or services().settings.port


def listening_host() -> str:
    """The address that the server listens on, or the configured one where it says none (Unix sockets)."""
    if context().connection.server_port is None:
        return services().settings.host
    return str(environ().get("SERVER_NAME") or services().settings.host)


ROUTES = (
    Route("/health", health),
    Route("/ready", ready),
    Route("/metrics", prometheus),
    Route("/status", status),
    Route("/guard", guard),
)
