"""The OpenAPI 3.1 description of what this server answers, as a plain dict.

The description itself is data: ``description.json``, and ``live.json`` for what is kept. It holds each
response and each GET once; what follows from them by rule is added here: the other methods, the refusals that
any request can meet, the version and the names that other rooms publish.
May not know Flask, the settings or a request.

The objects are closed (an answer has no key that is not described), so that a test can hold every real
answer against them; a later version may add keys, and then describes them.
"""

from __future__ import annotations

import json
import pkgutil
from functools import cache
from typing import Any

from yourl import __version__
from yourl.devices import DEVICE_TYPES, HINT_NAMES
from yourl.expectations import MAX_EXPECTATIONS
from yourl.openapi import live
from yourl.openapi.example import example

Node = dict[str, Any]
"""Any object of the description: a schema, a response, a header, an operation …"""

# Read with the module: the archive may be replaced while the server runs.
_DATA = pkgutil.get_data("yourl.openapi", "description.json") or b"{}"

# A path parameter ends at a slash (OpenAPI 3.1, "Path Templating"), so no template means "and all below".
BELOW_API = "/api/and/all/below"

REFUSALS = {
    "400": "BadRequest",
    "408": "Timeout",
    "413": "BodyTooLarge",
    "414": "TargetTooLong",
    "417": "ExpectationFailed",
    "431": "HeadTooLarge",
    "500": "InternalError",
    "501": "NotImplemented",
    "503": "Unavailable",
    "505": "VersionNotSupported",
}
"""Status -> response: what any request can get before a view is asked (RFC 9110 section 15)."""

PATH_PARAMETERS = ("inbox", "id", "token")

_TO_HEAD = "ToHead"  # ends the name of a response that has no content
_WITH_BODY = ("post", "put", "patch", "query")


def document(prefix: str = "") -> Node:
    """The whole description.

    :param prefix: the path under which clients find ``/`` (``""`` or ``/x``), as decided for the request
    """
    return {**_document(), "servers": [{"url": prefix or "/"}]}


@cache
def _document() -> Node:
    description: Node = json.loads(_DATA)
    description["info"]["version"] = __version__
    live.add_to(description)
    components = description["components"]
    components["schemas"]["DeviceType"]["enum"] = list(DEVICE_TYPES)
    components["schemas"]["Inspection"]["examples"] = [example()]
    _fill_parameters(components["parameters"])
    for item in _items(description):
        _describe(item, description["tags"])
    # QUERY has a place in OpenAPI 3.2, but none in a path item of 3.1: hence the extension, and references.
    for item in description["x-path-items"].values():
        item.update(_any_method(item["get"]))
    for item in description["paths"].values():
        if "$ref" not in item:
            item.update(_listed_methods(item))
    used = {response for item in _items(description) for response in _responses_to_head(item)}
    answers = components["responses"]
    answers.update({name: _without_content(answers[name.removesuffix(_TO_HEAD)]) for name in sorted(used)})
    return description


def _fill_parameters(parameters: Node) -> None:
    expect = parameters["expect"]
    expect["description"] = expect["description"].format(max_expectations=MAX_EXPECTATIONS)
    for name in HINT_NAMES:
        description = "A client hint that the device class is read from."
        parameters[name] = {
            "name": name,
            "in": "header",
            "description": description,
            "schema": {"type": "string"},
        }


def _describe(item: Node, tags: list[Node]) -> None:
    """Give operations without words of their own those of their tag: they all answer the same."""
    words = {tag["name"]: tag["description"] for tag in tags if tag["name"] in ("inspection", "inboxes")}
    for tag in item.get("get", {}).get("tags", ()):
        if tag in words:
            item["get"].setdefault("description", words[tag])


def _items(description: Node) -> list[Node]:
    return [*description["x-path-items"].values(), *description["paths"].values()]


def _responses_to_head(item: Node) -> list[str]:
    answers = item["head"]["responses"].values() if "head" in item else ()
    return [answer["$ref"].rpartition("/")[2] for answer in answers]


def _without_content(response: Node) -> Node:
    """What HEAD gets: the same head, no content, and so nothing to follow."""
    return {name: part for name, part in response.items() if name not in ("content", "links")}


# Operations


def _listed_methods(item: Node) -> Node:
    """Those of the data, HEAD, which gets what GET gets without content, and OPTIONS."""
    any_of_them = next(iter(item.values()))
    options = {
        "operationId": any_of_them["operationId"],
        "tags": ["probes"],
        "summary": "Which methods are answered.",
        "parameters": [*map(_any_text, filter(_is_in_path, any_of_them.get("parameters", ())))],
    }
    methods = {method: _operation(operation, method) for method, operation in item.items()}
    if "get" in item:
        methods["head"] = _operation(item["get"], "head", _TO_HEAD)
    methods["options"] = _operation(options, "options", only=_ref("Methods"))
    if options["parameters"]:
        methods["options"]["responses"]["404"] = _ref("NoSuchRequest")
    return methods


def _is_in_path(parameter: Node) -> bool:
    return _name_of(parameter) in PATH_PARAMETERS


def _any_text(parameter: Node) -> Node:
    """A part of a path that is not looked at."""
    return {"name": _name_of(parameter), "in": "path", "required": True, "schema": {"type": "string"}}


def _name_of(reference: Node) -> str:
    return str(reference["$ref"].rpartition("/")[2])


def _any_method(get: Node) -> Node:
    """Every method, for a path where each gets what GET gets."""
    with_body = {**get, "requestBody": {"$ref": "#/components/requestBodies/Any"}}
    preflight = {**get, "responses": {**get["responses"], "204": _ref("Preflight")}}
    return {
        "get": _operation(get, "get"),
        "head": _operation(get, "head", _TO_HEAD),
        **{method: _operation(with_body, method) for method in _WITH_BODY},
        "delete": _operation(get, "delete"),
        "options": _operation(preflight, "options"),
    }


def _operation(get: Node, method: str, suffix: str = "", *, only: Node | None = None) -> Node:
    """The operation of a method, from what the data says of GET.

    :param suffix: ends the names of its responses
    :param only: the one response with status 200, in place of those of GET
    """
    own = {"200": only} if only else get["responses"]
    answers = {**{status: _ref(name) for status, name in REFUSALS.items()}, **own}
    parameters = [*get.get("parameters", ()), *([] if only else _inspected_fields(get))]
    return {
        **get,
        "operationId": f"{get['operationId'].rpartition('_')[0]}_{method}",
        "parameters": [*parameters, _ref("X-Request-ID", "parameters")],
        "responses": {status: {"$ref": answer["$ref"] + suffix} for status, answer in answers.items()},
    }


def _inspected_fields(get: Node) -> list[Node]:
    """The fields that an inspection reads most from."""
    if not {"inspection", "inboxes"} & set(get["tags"]):
        return []
    forwarded = [f"X-Forwarded-{name}" for name in ("For", "Proto", "Host", "Port", "Prefix")]
    return [_ref(name, "parameters") for name in ("User-Agent", *HINT_NAMES, "Forwarded", *forwarded)]


def _ref(name: str, kind: str = "responses") -> Node:
    return {"$ref": f"#/components/{kind}/{name}"}
