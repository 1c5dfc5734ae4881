"""The description is valid OpenAPI 3.1, has every route and no other, and every answer is as it says."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from schemathesis.specs.openapi.definitions import OPENAPI_31
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.test import TestResponse

from tests.devices import user_agents
from yourl.app import create_app
from yourl.errors import ERRORS, Refusal
from yourl.http1.head import partial_head
from yourl.openapi import BELOW_API, REFUSALS, document
from yourl.server.refusals import to_bytes
from yourl.settings import load
from yourl.storage import open_store

DOCUMENT = document()
ADDRESS = "urn:openapi"
REGISTRY: Registry[Any] = Registry().with_resource(ADDRESS, DRAFT202012.create_resource(DOCUMENT))
METHODS = ("get", "head", "post", "put", "patch", "delete", "options", "query")
PAGE = {"Accept": user_agents.BROWSER_ACCEPT}


def items() -> Iterator[tuple[str, Any]]:
    """Each path with what it answers by method."""
    for path, item in DOCUMENT["paths"].items():
        yield path, resolved(item)


def resolved(node: Any) -> Any:
    """What a reference means, and anything else itself."""
    if "$ref" not in node:
        return node
    found: Any = DOCUMENT
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name.replace("~1", "/").replace("~0", "~")]
    return found


def operations() -> Iterator[tuple[str, str, Any]]:
    """(path, method, operation) of each."""
    for path, item in items():
        for method, operation in item.items():
            yield path, method, operation


def objects(node: Any) -> Iterator[Any]:
    """Every object inside ``node``, and itself."""
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from objects(inner)


def described(path: str, method: str, status: int) -> Any:
    """The response that the description has for an answer."""
    known = dict(items())
    item = known.get(path) or known[template_of(path)]
    answers = item[method.lower()]["responses"]
    return resolved(answers.get(str(status)) or answers["default"])


def template_of(path: str) -> str:
    """The path of the description that stands for others."""
    templates = {"/api/": BELOW_API, "/in/": "/in/{inbox}"}
    return next((template for start, template in templates.items() if path.startswith(start)), path)


def filled(path: str) -> str:
    """A path of the description with its parameters given, and such as make it answer at once."""
    return "/live/wait?timeout=0" if path == "/live/wait" else path.replace("{inbox}", "orders")


def is_about_kept_requests(path: str) -> bool:
    """Whether something must be kept for the path to answer; tests/openapi/test_live.py asks for these."""
    return path.startswith("/live") and path != "/live/wait"


def faults(response: Any, answer: TestResponse) -> list[str]:
    """What is otherwise in the answer than the response says."""
    missing = [name for name in response["headers"] if always_comes(response, name)]
    found = [f"no {name}" for name in missing if name not in answer.headers]
    for name in set(response["headers"]) & set(answer.headers):
        found += errors(resolved(response["headers"][name])["schema"], answer.headers[name])
    if "content" not in response:
        return found + ([f"content: {answer.text}"] if answer.data else [])
    media_type = response["content"].get(answer.mimetype) or response["content"].get("*/*")
    if media_type is None:
        return [*found, f"{answer.mimetype} is none of {list(response['content'])}"]
    return found + errors(
        media_type["schema"], answer.json if answer.is_json else answer.data.decode(errors="replace")
    )


def always_comes(response: Any, header: str) -> bool:
    return bool(resolved(response["headers"][header])["required"])


def errors(schema: Any, value: Any) -> list[str]:
    """Why the value is not as the schema says."""
    validator = Draft202012Validator(absolute(schema), registry=REGISTRY)
    return [error.message for error in validator.iter_errors(value)]


def absolute(node: Any) -> Any:
    """The schema with its references leading into the whole description."""
    if isinstance(node, dict):
        return {k: f"{ADDRESS}{v}" if k == "$ref" else absolute(v) for k, v in node.items()}
    return [absolute(inner) for inner in node] if isinstance(node, list) else node


def test_it_is_openapi_3_1() -> None:
    """The official schema of OpenAPI 3.1, which schemathesis carries, has no objection."""
    validator = Draft202012Validator(OPENAPI_31)
    assert [] == [f"{error.json_path}: {error.message}" for error in validator.iter_errors(DOCUMENT)]
    assert "3.1.0" == DOCUMENT["openapi"]


def test_its_schemas_are_schemas() -> None:
    """Every schema in it is one of Draft 2020-12, the dialect of OpenAPI 3.1."""
    for node in objects(DOCUMENT):
        if "schema" in node:
            Draft202012Validator.check_schema(node["schema"])
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    """No reference is broken, and nothing is kept that nobody refers to, but what only words refer to."""
    referred = {node["$ref"] for node in objects(DOCUMENT) if "$ref" in node}
    for reference in referred:
        assert resolved({"$ref": reference})
    schemes = {name for node in objects(DOCUMENT) for need in node.get("security", ()) for name in need}
    referred |= {f"#/components/securitySchemes/{name}" for name in schemes}
    kept = {f"#/components/{kind}/{name}" for kind, named in DOCUMENT["components"].items() for name in named}
    in_words = {"expect", "one_off_status", "one_off_delay"}
    assert {f"#/components/parameters/{name}" for name in in_words} == kept - referred


def test_every_operation_says_what_it_is() -> None:
    """An id of its own and a summary for each; links name ids that exist."""
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert sorted(set(ids)) == sorted(ids)
    assert [] == [operation for _, _, operation in operations() if not operation["summary"]]
    linked = {node["operationId"] for node in objects(DOCUMENT) if "operationId" in node}
    assert linked == set(ids)


def test_every_route_is_described(client: FlaskClient) -> None:
    """Each rule of the application is met by a path of the description, each of these meets a rule."""
    adapter = client.application.url_map.bind("localhost")
    met = {adapter.match(path, next(iter(item)).upper(), return_rule=True)[0].rule for path, item in items()}
    # /api/ is /api with nothing below it, /in names no inbox.
    assert {rule.rule for rule in client.application.url_map.iter_rules()} - {"/api/", "/in", "/in/"} == met


@pytest.mark.parametrize("path", [path for path, _ in items()])
def test_every_method_is_described(client: FlaskClient, path: str) -> None:
    """The methods of a path are those that its rule takes."""
    adapter = client.application.url_map.bind("localhost")

    def is_taken(method: str) -> bool:
        try:
            adapter.match(path, method=method.upper())
        except MethodNotAllowed:
            return False
        return True

    assert {method for method in METHODS if is_taken(method)} == set(dict(items())[path])


def client_of(settings: dict[str, str] | None = None, *, draining: bool = False) -> FlaskClient:
    """A client of an application with these settings."""
    chosen = load(settings or {})
    return create_app(chosen, lambda: draining, open_store(chosen)).flask.test_client()


PROXIED = {
    "X-Forwarded-For": "198.51.100.9:80, unknown, 10.0.0.1",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "shop.example:8443",
    "X-Forwarded-Prefix": "/x",
    "Via": "1.1 p",
    "Forwarded": "for=",
    "Sec-CH-UA-Mobile": "?1",
    "User-Agent": user_agents.PHONE,
}
PREFLIGHT = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
PC = {**PAGE, "User-Agent": user_agents.PC}
WATCH = {**PAGE, "User-Agent": user_agents.WATCH}
BAD_JSON = {"data": "{", "content_type": "application/json"}
SMALL = {"YOURL_BODY_LIMIT": "2"}
HOSTS = {"YOURL_ALLOWED_HOSTS": "shop.example"}

CODE = "correct-horse"
BEARER = {"Authorization": f"Bearer {CODE}"}
PLAIN = [
    pytest.param(
        method, filled(path), {"headers": BEARER}, {}, (200, 204) if "wait" in path else (200,),
        id=f"{method}-{path}",
    )
    for path, method, _ in operations()
    if not is_about_kept_requests(path)
]  # fmt: skip
SPECIAL = [
    pytest.param("get", "/", {"headers": PC}, {}, 200, id="page"),
    pytest.param("get", "/", {"headers": WATCH}, {}, 403, id="no-page"),
    pytest.param("get", "/api/", {}, {}, 200, id="api-and-nothing-below"),
    pytest.param("get", "/api//a%0Ab/%FF?x=1&x=&y", {}, {}, 200, id="odd-path"),
    pytest.param("post", "/api", {"json": {"a": [1, None]}}, {}, 200, id="json"),
    pytest.param("post", "/api", BAD_JSON, {}, 200, id="bad-json"),
    pytest.param("post", "/api", {"data": b"\xff\x00"}, {}, 200, id="bytes"),
    pytest.param("put", "/api/x", {"data": {"a": ["1", "2"]}}, {}, 200, id="form"),
    pytest.param("post", "/api", {"data": {"f": (BytesIO(b"x"), "f")}}, {}, 200, id="file"),
    pytest.param(
        "get", "/api", {"headers": PROXIED}, {"YOURL_TRUSTED_PROXIES": "loopback"}, 200, id="proxies"
    ),
    pytest.param("get", "/api?expect=scheme:http&expect=body.size:0", {}, {}, 200, id="expected"),
    pytest.param("get", "/api/x?expect=scheme:https&expect=no", {}, {}, 417, id="not-expected"),
    pytest.param("head", "/?expect=scheme:https", {}, {}, 417, id="not-expected-by-head"),
    pytest.param("options", "/api/x", {"headers": PREFLIGHT}, {}, 204, id="preflight"),
    pytest.param("get", "/api?status=418&delay=0", {}, {}, 418, id="one-off"),
    pytest.param("get", "/in/UPPER", {}, {}, 404, id="no-inbox"),
    pytest.param("get", "/in/other", {}, {"YOURL_INBOXES": "orders"}, 404, id="other-inbox"),
    pytest.param("post", "/in/orders/x?status=418", {"data": b"\xff"}, {}, 418, id="inbox-one-off"),
    pytest.param("get", "/in/orders", {"headers": PC}, {}, 200, id="inbox-page"),
    pytest.param("get", "/in/orders", {"headers": WATCH}, {}, 403, id="inbox-no-page"),
    pytest.param("put", "/in/orders", {"data": b"123"}, SMALL, 413, id="inbox-too-large"),
    pytest.param("options", "/in/orders", {"headers": PREFLIGHT}, {}, 204, id="inbox-preflight"),
    pytest.param("get", "/live/wait", {}, {}, 401, id="no-code"),
    pytest.param("get", "/status", {}, {"YOURL_PRIVATE": "status"}, 401, id="private-status"),
    pytest.param("head", "/metrics", {}, {"YOURL_PRIVATE": "metrics"}, 401, id="private-metrics"),
    pytest.param("get", "/metrics", {"headers": BEARER}, {"YOURL_PRIVATE": "metrics"}, 200, id="opened"),
    pytest.param("get", "/live/wait", {"headers": {"Authorization": "Bearer x"}}, {}, 401, id="wrong-code"),
    pytest.param("get", "/live/wait?timeout=61", {"headers": BEARER}, {}, 400, id="bad-timeout"),
    pytest.param("post", "/api", {"data": b"123"}, SMALL, 413, id="too-large"),
    pytest.param("post", "/api", {"data": b"123", "headers": PAGE}, SMALL, 413, id="error-page"),
    pytest.param("get", "/status", {}, HOSTS, 400, id="host"),
    pytest.param("head", "/api", {}, HOSTS, 400, id="host-by-head"),
    pytest.param("get", "/status", {}, {"YOURL_GUARD": "off", "YOURL_USAGE": "work"}, 200, id="guard-off"),
    pytest.param("get", "/guard", {"query_string": {"user_agent": "Watch6,1"}}, {}, 200, id="judged"),
]


@pytest.mark.parametrize(("method", "target", "more", "settings", "status"), [*PLAIN, *SPECIAL])
def test_answers_are_as_described(
    method: str,
    target: str,
    more: dict[str, Any],
    settings: dict[str, str],
    status: int | tuple[int, ...],
) -> None:
    """Status, media type, headers and content of each kind of answer are in the description."""
    client = client_of({"YOURL_ACCESS_CODE": CODE, **settings})
    answer = client.open(target, method=method.upper(), **more)
    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    assert [] == faults(described(target.partition("?")[0], method, answer.status_code), answer)


def test_draining_is_as_described() -> None:
    """/ready says with 503 that no new requests should come."""
    answer = client_of(draining=True).get("/ready")
    assert [] == faults(described("/ready", "get", answer.status_code), answer)
    assert 503 == answer.status_code


def test_an_unforeseen_error_is_as_described(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the answer to a defect of ours."""
    monkeypatch.setattr("yourl.views.probes.timestamp", lambda: 1 / 0)
    answer = client_of().get("/health")
    assert 500 == answer.status_code
    assert [] == faults(described("/health", "get", 500), answer)


# 405 answers CONNECT and TRACE, which no operation has; the others come from views or end the start.
OF_THE_SERVER = {
    code: str(kind.status) for code, kind in ERRORS.items()
    if kind.status not in (401, 403, 404, 405, 409, 429) and code != "bad_settings"
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), OF_THE_SERVER.items())
def test_refusals_are_as_described(code: str, status: str) -> None:
    """What the server answers before any view does is described too, also where it could read no URL."""
    name = REFUSALS[status]
    for start in (b"\x16\x03", b"GET /x HTTP/1.1\r\nHost: a.example\r\n\r\n"):
        raw = to_bytes(Refusal(code), partial_head(start))
        head, _, content = raw.partition(b"\r\n\r\n")
        fields = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")[1:]]
        answer = TestResponse([content], f"{status} ?", fields, None)  # type: ignore[arg-type]
        assert [] == faults(described("/health", "get", int(status)), answer)
        assert name in DOCUMENT["components"]["responses"]


def test_no_refusal_is_missing() -> None:
    """Each status that the server can refuse with is described for every operation."""
    for _, _, operation in operations():
        assert set(OF_THE_SERVER.values()) <= set(operation["responses"])


@pytest.mark.parametrize("change", [{"one_more": 1}, {"url": None}, {"body": {}}])
def test_a_key_that_changes_is_noticed(client: FlaskClient, change: dict[str, Any]) -> None:
    """The objects are closed and typed: the tests above would see what this changes."""
    schema = described("/api", "get", 200)["content"]["application/json"]["schema"]
    answer = client.get("/api").get_json()
    assert [] == errors(schema, answer)
    assert [] != errors(schema, {**answer, **change})


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, "/", id="none"),
        pytest.param({"X-Forwarded-Prefix": "/tools"}, "/tools", id="prefix"),
    ],
)
def test_the_server_is_where_the_client_finds_it(headers: dict[str, str], expected: str) -> None:
    """Behind a trusted proxy that cuts a prefix off, the paths are below that prefix."""
    client = client_of({"YOURL_TRUSTED_PROXIES": "loopback"})
    assert [{"url": expected}] == client.get("/openapi.json", headers=headers).get_json()["servers"]


def test_a_prefix_is_not_taken_from_anybody(client: FlaskClient) -> None:
    """Nobody is trusted by default."""
    answer = client.get("/openapi.json", headers={"X-Forwarded-Prefix": "/evil"}).get_json()
    assert [{"url": "/"}] == answer["servers"]
