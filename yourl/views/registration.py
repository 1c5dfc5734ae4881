"""Every view and hook, registered with Flask. Imports all of them, so only ``Application.complete`` asks."""

from __future__ import annotations

from flask import Flask

from yourl.views import admission, echo, errors, headers, inboxes, openapi, probes, waiting
from yourl.views.live import routes as live

BLUEPRINTS = tuple(room.blueprint for room in (echo, probes, openapi, inboxes, waiting, live))


def register_views(app: Flask) -> None:
    """Register every view and hook."""
    app.url_map.merge_slashes = False  # what arrived is shown as it arrived
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.init_app(app)
    headers.init_app(app)
    admission.init_app(app)
    inboxes.init_app(app)


def paths_of(app: Flask) -> tuple[str, ...]:
    """The paths that are answered and that people can be pointed to."""
    rules = {
        rule.rule for rule in app.url_map.iter_rules() if not rule.arguments and "/live/" not in rule.rule
    }
    return tuple(sorted(rules - {"/api/", "/in", "/in/"}))
