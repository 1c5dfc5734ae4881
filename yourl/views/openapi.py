"""``/openapi.json``: what this server answers, for programs that read such descriptions."""

from __future__ import annotations

from yourl.answers import Answer
from yourl.openapi import document
from yourl.views import context, json_response
from yourl.views.route import Route


def description() -> Answer:
    """The description, with the server where this client finds it."""
    return json_response(document(prefix=context().prefix))


ROUTES = (Route("/openapi.json", description),)
