"""The JSON Schema of the inspection, ``components.schemas.Inspection``: complete, explained, and true."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.devices import user_agents
from yourl.errors import Refusal
from yourl.guard import GuardPolicy
from yourl.http1.head import parse_head
from yourl.http1.limits import Limits
from yourl.http1.proxy_protocol import ProxyHeader
from yourl.inspection import device_of, inspect, verdict_of
from yourl.openapi import document
from yourl.openapi.example import HEAD, example
from yourl.proxies import Connection, TrustedProxies
from yourl.representation import inspection_document, to_json

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = document()
SCHEMA = {"$ref": "urn:openapi#/components/schemas/Inspection", "unevaluatedProperties": False}
RESOURCE = DRAFT202012.create_resource({**DOCUMENT, "$id": "urn:openapi"})
REGISTRY: Registry[Any] = Registry().with_resource("urn:openapi", RESOURCE)
VALIDATOR = Draft202012Validator(SCHEMA, registry=REGISTRY)
PEER = Connection("10.0.0.9", 43210, "10.0.0.2", 8080)
UNIX = Connection("", None, "", None)
BEHIND = Connection(
    "10.0.0.9", 1, "10.0.0.2", 8080, proxy_header=ProxyHeader(2, ("203.0.113.7", 5), ("192.0.2.1", 443), True)
)
UNKNOWN_SENDER = Connection("10.0.0.9", 1, "10.0.0.2", 8080, proxy_header=ProxyHeader(1, None, None, None))

MULTIPART = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n\r\nhello\r\n--b--\r\n'
REQUESTS = [
    pytest.param("GET / HTTP/1.0", "", b"", PEER, id="nothing but a request line"),
    pytest.param("GET http://a.example/x?y=1&y=2 HTTP/1.1", "Host: b.example", b"", PEER, id="absolute form"),
    pytest.param("OPTIONS * HTTP/1.1", "Host: a.example", b"", PEER, id="asterisk form"),
    pytest.param("GET /?" + "a&" * 1500 + " HTTP/1.1", "Host: a", b"", PEER, id="too many parameters"),
    pytest.param(
        "POST / HTTP/1.1", "Host: a\nContent-Type: application/json", b'{"a": [1, null]}', PEER, id="JSON"
    ),
    pytest.param("POST / HTTP/1.1", "Host: a\nContent-Type: application/json", b"{", PEER, id="broken JSON"),
    pytest.param(
        "POST / HTTP/1.1",
        "Host: a\nContent-Type: application/x-www-form-urlencoded",
        b"a=1&a=2&b",
        PEER,
        id="form",
    ),
    pytest.param(
        "POST / HTTP/1.1",
        "Host: a\nContent-Type: multipart/form-data; boundary=b",
        MULTIPART,
        PEER,
        id="files",
    ),
    pytest.param("POST / HTTP/1.1", "Host: a", b"\xff\x00", PEER, id="bytes"),
    pytest.param("GET / HTTP/1.1", f"Host: a\nUser-Agent: {user_agents.WATCH}", b"", PEER, id="watch"),
    pytest.param(
        "GET / HTTP/1.1",
        'Host: a\nSec-CH-UA-Mobile: ?1\nSec-CH-UA-Form-Factors: "Mobile"',
        b"",
        PEER,
        id="hints",
    ),
    pytest.param(
        "GET / HTTP/1.1", "Host: a:81\nX-Forwarded-For: unknown, [::1]:9, _p", b"", UNIX, id="Unix socket"
    ),
    pytest.param(
        "GET / HTTP/1.1",
        "Host: a\nForwarded: for=1.2.3.4;proto=https;host=b",
        b"",
        BEHIND,
        id="PROXY protocol",
    ),
    pytest.param("GET / HTTP/1.1", "Host: a", b"", UNKNOWN_SENDER, id="PROXY protocol without addresses"),
    pytest.param(
        "GET / HTTP/1.1",
        "Host: a\nX-Forwarded-Proto: http, https\nVia: 1.1 p\nX-Forwarded-Prefix: /x",
        b"",
        PEER,
        id="chain",
    ),
]


def inspected(
    head: bytes, body: bytes, connection: Connection, *, trusted: str = "private, unix", exact: bool = True
) -> dict[str, Any] | None:
    """The inspection of one request; None where the server refuses it."""
    parsed = parse_head(head, Limits())
    if isinstance(parsed, Refusal):
        return None
    verdict = verdict_of(parsed, connection, TrustedProxies.parse(trusted))
    device = device_of(parsed)
    trailers = (("Checked", "yes"),) if exact else None
    inspection = inspect(parsed, body, connection, verdict=verdict, device=device, trailers=trailers)
    decision = GuardPolicy().decide(device.type)
    return inspection_document(
        inspection, decision, session_id="s", organization="o", guard_enabled=True, machine="m"
    )


def faults(value: Any) -> list[str]:
    """Where the value is otherwise than the schema says."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(value)]


def properties(node: Any, path: str = "Inspection", seen: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every key of the inspection and of what it refers to, with its schema."""
    reference = node.get("$ref", "").rpartition("/")[2]
    if reference and reference not in seen:
        yield from properties(DOCUMENT["components"]["schemas"][reference], reference, (*seen, reference))
    for name, inner in node.get("properties", {}).items():
        yield f"{path}.{name}", inner
        yield from properties(inner, f"{path}.{name}", seen)
    for items in (node.get("items"), node.get("additionalProperties")):
        if isinstance(items, dict):
            yield from properties(items, f"{path}[]", seen)


@pytest.mark.parametrize("trusted", ["", "private, unix"], ids=["no trust", "trust"])
@pytest.mark.parametrize(("line", "fields", "body", "connection"), REQUESTS)
def test_inspections_are_as_the_schema_says(
    line: str, fields: str, body: bytes, connection: Connection, trusted: str
) -> None:
    """Requests of every kind, with and without a trusted proxy: no key is missing and none is unknown."""
    lines = [line, *fields.split("\n"), f"Content-Length: {len(body)}"]
    head = "\r\n".join([*filter(None, lines), "", ""]).encode()
    made = inspected(head, body, connection, trusted=trusted)
    assert made is not None
    assert [] == faults(made)


FIELDS = st.sampled_from(
    [
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "Forwarded",
        "Via",
        "X-Real-IP",
        "CF-Connecting-IP",
        "User-Agent",
        "Content-Type",
        "X",
    ]
)
WORDS = st.sampled_from(
    ["for=", "proto=https", "1.2.3.4", "[::1]:80", "unknown", "_h", "http", "/a", "443", ",", ";", '"']
)
VALUES = st.lists(WORDS, max_size=6).map("".join) | st.text('abc/;=,.:[]%"äÿ \t', max_size=30)
TARGETS = st.text("ab/%2f?&=.;+~:@", max_size=30).map(lambda text: f"/{text}")


@settings(deadline=None)
@given(
    st.sampled_from(["GET", "POST", "PURGE", "query"]),
    TARGETS,
    st.lists(st.tuples(FIELDS, VALUES), max_size=8),
    st.binary(max_size=60) | st.sampled_from([b'{"a": 1}', b"a=1&b=", MULTIPART]),
    st.sampled_from([PEER, UNIX, BEHIND]),
    st.booleans(),
)
def test_any_inspection_is_as_the_schema_says(
    method: str, target: str, fields: list[tuple[str, str]], body: bytes, connection: Connection, exact: bool
) -> None:
    """Whatever is sent, what is answered fits: read as JSON, as a client reads it."""
    lines = [
        f"{method} {target} HTTP/1.1",
        "Host: a.example",
        *(f"{name}: {value}" for name, value in fields),
    ]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    made = inspected(head, body, connection, exact=exact)
    if made is not None:
        assert [] == faults(made)
        assert to_json(made)


def test_an_unknown_key_needs_an_entry() -> None:
    """A key that is not described is a fault, at the top and in every object within."""
    places = [(), ("body",), ("connection",), ("proxy",), ("proxy", "client"), ("device",), ("guard",)]
    for place in [*places, ("findings", 0), ("proxy", "hops", 0)]:
        made = example()
        inner: Any = made
        for step in place:
            inner = inner[step]
        inner["new"] = 1
        assert faults(made) != [], place


def test_every_key_is_required() -> None:
    """No key of the inspection may be missing from an answer."""
    schema = DOCUMENT["components"]["schemas"]["Inspection"]
    assert list(schema["properties"]) == schema["required"] == list(example())


def test_every_key_is_explained() -> None:
    """Each key has a description, or refers to a schema that has one."""
    schemas = DOCUMENT["components"]["schemas"]
    found = dict(properties({"$ref": "#/components/schemas/Inspection"}))
    assert {"Body.json", "Hop.role", "Proxy.client.basis", "Finding.fix"} <= set(found)
    explained = {
        name: node.get("description") or schemas[node.get("$ref", "/").rpartition("/")[2]]["description"]
        for name, node in found.items()
    }
    assert all(explained.values())


def test_the_example_is_an_inspection() -> None:
    """The published example is valid, and has what makes an inspection worth reading."""
    (published,) = DOCUMENT["components"]["schemas"]["Inspection"]["examples"]
    assert [] == faults(published)
    assert example() == published
    assert "203.0.113.7" == published["remote_addr"]
    assert ["missing-proto"] == [finding["code"] for finding in published["findings"]]
    assert HEAD.startswith(f"{published['method']} {published['full_path']} HTTP/".encode())


def test_a_new_key_has_a_line_in_the_changelog() -> None:
    """What was released stays; what is new is in backticks there (docs/versioning.md, docs/release.md)."""
    released = set((Path(__file__).with_name("released_keys.txt")).read_text(encoding="utf-8").split())
    keys = {name for name, _ in properties({"$ref": "#/components/schemas/Inspection"})}
    assert set() == released - keys
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = changelog.partition("## [Unreleased]")[2].partition("\n## ")[0]
    assert [] == sorted(name for name in keys - released if f"`{name}`" not in unreleased)
