"""The live routes of the description: ``live.json``, with what follows for all of them by rule.

By rule come: operation ids, tag, security, the refusals of those who may not ask, and the header fields that
every answer has. May not know Flask, the settings or a request.
"""

from __future__ import annotations

import json
import pkgutil
from typing import Any

from yourl.captures.signatures.schemes import SCHEMES

Node = dict[str, Any]

_DATA = pkgutil.get_data("yourl.openapi", "live.json") or b"{}"

SECURITY: list[Node] = [{"access_code": []}, {"session": []}]
_FIELDS = ("Cache-Control", "X-Content-Type-Options", "Content-Security-Policy", "X-Request-ID", "Vary")
_CHANGING = ("post", "put", "delete")
_ANSWERS_WITH_PAGES = "application/json"


def add_to(description: Node) -> None:
    """Add the live routes to a description that has the others."""
    data: Node = json.loads(_DATA)
    for path, item in data["paths"].items():
        description["paths"][path] = {
            method: _operation(path, method, operation) for method, operation in item.items()
        }
    components = description["components"]
    components["parameters"].update(data["parameters"])
    components["schemas"].update(data["schemas"])
    signature = components["schemas"]["InboxRulesToSet"]["properties"]["signature"]
    signature["properties"]["scheme"]["enum"] = list(SCHEMES)
    for name, response in data["responses"].items():
        components["responses"][name] = _response(response)


def _operation(path: str, method: str, operation: Node) -> Node:
    refusals = {"401": "NoAccess", "429": "TooManyWrongCodes"} if operation.get("security", SECURITY) else {}
    answers = {**operation["responses"], **refusals, "403": "NotAllowed"}
    parameters = [*operation.get("parameters", ()), *(["X-Change-Token"] if method in _CHANGING else [])]
    return {
        "tags": ["live"],
        "security": SECURITY,
        **operation,
        "operationId": f"{_name(path)}_{method}",
        "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in parameters],
        "responses": {
            status: {"$ref": f"#/components/responses/{name}"} for status, name in sorted(answers.items())
        },
    }


def _name(path: str) -> str:
    """``live_requests_id_har`` for ``/live/requests/{id}.har``."""
    for sign in "/.{}-":
        path = path.replace(sign, " ")
    return "_".join(path.split())


def _response(response: Node) -> Node:
    fields = {name: {"$ref": f"#/components/headers/{name}"} for name in _FIELDS}
    whole = {**response, "headers": {**fields, **response.get("headers", {})}}
    if _ANSWERS_WITH_PAGES in response.get("content", {}):
        page = {"schema": {"type": "string", "description": "The same as a page, for browsers."}}
        whole["content"] = {**response["content"], "text/html": page}
    return whole
