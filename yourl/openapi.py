"""The OpenAPI 3.1 description of what this server answers, as a plain dict.

Says what comes, not how: may not know Flask, the settings or a request, only the names that other
rooms publish. The objects are closed (no key comes that is not described), so that a test can hold
every real answer against them; a later version may add keys, and then describes them here.

Of a status each operation has all that can come: from the views, and from the server in front of them,
which refuses what breaks HTTP before any view is asked.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from yourl import __version__
from yourl.devices import DEVICE_TYPES, HINT_NAMES
from yourl.expectations import MAX_EXPECTATIONS

Node = dict[str, Any]
"""Any object of the description: a schema, a response, a header, an operation …"""

TEXT: Node = {"type": "string"}
FLAG: Node = {"type": "boolean"}
COUNT: Node = {"type": "integer", "minimum": 0}
PORT: Node = {"type": "integer", "minimum": 0, "maximum": 65535}
MOMENT: Node = {
    "type": "string",
    "format": "date-time",
    "description": "UTC, ISO 8601 with microseconds and offset.",
}
DEVICE_TYPE: Node = {"type": "string", "enum": list(DEVICE_TYPES), "description": "The device class."}
SERVER: Node = {
    "type": "string",
    "description": "What really serves this request: gunicorn, flask, or what the server calls itself.",
}


def document(prefix: str = "") -> Node:
    """The whole description.

    :param prefix: the path under which clients find ``/`` (``""`` or ``/x``), as decided for the request
    """
    return {**_document(), "servers": [{"url": prefix or "/"}]}


@cache
def _document() -> Node:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "yourl",
            "version": __version__,
            "summary": "What really arrived, and why the server believes it.",
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "security": [],  # nothing here asks who you are
        "tags": [
            {"name": "inspection", "description": "What arrived in this very request."},
            {"name": "probes", "description": "For load balancers, dashboards and the curious."},
        ],
        "paths": _paths(),
        "x-path-items": _path_items(),
        "components": {
            "schemas": _schemas(),
            "headers": HEADERS,
            "parameters": PARAMETERS,
            "responses": _shared_responses(),
        },
    }


ABOUT = """\
One file that answers any HTTP request with what the server received: the URL that the client asked for, who
asked, through which proxies, from which class of device, and why it believes each of those.

Whoever prefers `text/html` to JSON by `Accept`, as browsers do, gets pages, also for errors; everybody else
gets JSON. `/api` and every path below it, however deep, answer **every** method, registered or not, except
CONNECT and TRACE, which get 405 everywhere. On the other paths a method that is not listed gets 405 with
`Allow`, and a path that is not listed gets 404, each as an `Error`. A request that breaks HTTP is refused
with an `Error` and the connection is closed.
"""


# Schemas


def _object(properties: Node, description: str = "", *, optional: tuple[str, ...] = ()) -> Node:
    """An object with exactly these keys, all of them required but the ``optional`` ones."""
    return {**_open_object(properties, description, optional=optional), "additionalProperties": False}


def _open_object(properties: Node, description: str = "", *, optional: tuple[str, ...] = ()) -> Node:
    """The same, for being put together with others; whoever does closes it."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", **_says(description), "properties": properties, "required": required}


def _says(description: str) -> Node:
    return {"description": description} if description else {}


def _told(schema: Node, description: str) -> Node:
    return {**schema, "description": description}


def _or_null(schema: Node, description: str = "") -> Node:
    return {**schema, "type": [schema["type"], "null"], **_says(description or schema.get("description", ""))}


def _list_of(items: Node, description: str = "") -> Node:
    return {"type": "array", "items": items, **_says(description)}


def _map_of(values: Node, description: str = "") -> Node:
    return {"type": "object", "additionalProperties": values, **_says(description)}


def _just(value: Any, description: str = "") -> Node:
    return {"const": value, **_says(description)}


def _one_of(*values: str) -> Node:
    return {"type": "string", "enum": list(values)}


def _ref(name: str, kind: str = "schemas") -> Node:
    return {"$ref": f"#/components/{kind}/{name}"}


def _closed(*names: str) -> Node:
    """All keys of these schemas together, and no other."""
    together = _ref(names[0]) if len(names) == 1 else {"allOf": [_ref(name) for name in names]}
    return {**together, "unevaluatedProperties": False}


def _schemas() -> Node:
    return {
        "Error": ERROR,
        "Inspection": _inspection(),
        "Expectations": EXPECTATIONS,
        "Body": BODY,
        "UploadedFile": UPLOADED_FILE,
        "Connection": CONNECTION,
        "Proxy": PROXY,
        "Hop": HOP,
        "Finding": FINDING,
        "Device": DEVICE,
        "Decision": DECISION,
        "Ruleset": RULESET,
        "Health": HEALTH,
        "Readiness": READINESS,
        "Status": STATUS,
        "Guard": GUARD,
    }


ERROR = _open_object(
    {
        "error": _told(
            {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
            "A name for programs, such as not_found or body_too_large.",
        ),
        "message": _told(TEXT, "What went wrong, in a sentence for people."),
        "url": _or_null(TEXT, "What was asked for; null where the request was too broken to tell."),
        "timestamp": MOMENT,
    },
    "The one shape of every error.",
)

EXPECTATIONS = _open_object(
    {
        "expectations": _list_of(
            _object(
                {
                    "expect": _told(TEXT, "The expectation as it was sent."),
                    "met": FLAG,
                    "actual": {
                        "description": "What the inspection holds under that name, cut where it is long."
                    },
                    "why": TEXT,
                }
            ),
            "Each expectation of the query, in order, and how it went.",
        )
    },
    "What became of the expectations in the query.",
)

UPLOADED_FILE = _object(
    {
        "field": TEXT,
        "filename": TEXT,
        "content_type": _or_null(TEXT),
        "size": _told(COUNT, "Bytes."),
    },
    "A part of multipart/form-data that carries a file name.",
)

BODY = _object(
    {
        "size": _told(COUNT, "Bytes."),
        "content_type": _or_null(TEXT, "As it was sent."),
        "text": _or_null(TEXT, "The content in its declared charset, UTF-8 if none; null if it is no text."),
        "base64": _or_null({"type": "string", "contentEncoding": "base64"}, "The content if it is no text."),
        "json": {"description": "The value, where the content type says JSON and the content is."},
        "form": {
            "type": ["object", "null"],
            "additionalProperties": _list_of(TEXT),
            "description": "Each field's values in order, where the content type says form.",
        },
        "files": _list_of(_ref("UploadedFile")),
        "truncated": _told(FLAG, "Whether some of the content is missing here."),
        "note": _or_null(TEXT, "Why something that the content type promises is missing."),
    },
    "The content of the request.",
)

CONNECTION = _object(
    {
        "peer": _told(TEXT, "Address of the TCP peer; empty for a Unix socket."),
        "peer_port": _or_null(PORT),
        "server": _told(TEXT, "Local address of the socket that accepted the connection."),
        "server_port": _or_null(PORT),
        "scheme": _told(_one_of("http", "https"), "https only where this process itself ended TLS."),
    },
    "What the socket saw: the one thing that no client can make up.",
)

HOP = _object(
    {
        "address": _or_null(TEXT),
        "port": _or_null(PORT),
        "identifier": _told(TEXT, "The name as it arrived: an address, unknown, _hidden, 1.1 proxy …"),
        "source": _told(TEXT, "connection, or a header and a position in it, counted from 0 at the left."),
        "trusted": _told(FLAG, "Whether this machine may speak for others."),
        "why": TEXT,
        "role": _told(_one_of("client", "proxy", "claim"), "A claim is what no trusted proxy confirms."),
        "also": _list_of(TEXT, "What else names this hop."),
    },
    "One machine on the way.",
)


def _decided(*types: str, description: str) -> Node:
    return _object(
        {
            "value": {"type": list(types)},
            "source": _told(TEXT, "Where the value comes from."),
            "basis": _told(
                _one_of("socket", "client", "proxy", "default"),
                "Our own socket, what the client sent, the statement of a trusted proxy, or a default.",
            ),
            "trusted": _told(FLAG, "Whether a trusted proxy states it: the basis is proxy."),
            "why": _told(TEXT, "Why it is believed."),
        },
        description,
    )


PROXY = _object(
    {
        "trusted": _told(FLAG, "Whether the peer of our socket may speak for others."),
        "hops": _list_of(_ref("Hop"), "Outermost first, the peer of our socket last."),
        "client": _decided("string", "null", description="Address of the client."),
        "scheme": _decided("string", description="http or https, as the client used it."),
        "host": _decided("string", "null", description="The host that the client asked, without port."),
        "port": _decided("integer", "null", description="The port that the client asked."),
        "prefix": _decided("string", description="What a proxy cut off the front of the path: empty, or /x."),
    },
    "The chain of proxies and what was decided from it.",
)

FINDING = _object(
    {
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "severity": _one_of("info", "warning", "error"),
        "message": TEXT,
        "evidence": _told(TEXT, "What in the request shows it."),
        "fix": _told(TEXT, "Text to paste: a proxy's configuration or a setting of this server."),
        "more": _told(TEXT, "Where the documentation explains it."),
    },
    "Something about the way to us that a person should know.",
)

DEVICE = _object(
    {
        "type": DEVICE_TYPE,
        "browser": TEXT,
        "os": TEXT,
        "family": TEXT,
        "hints": _map_of(TEXT, "The client hints that had a say."),
        "evidence": _list_of(TEXT, "Why it is this class."),
    },
    "The device, as far as it tells.",
)

DECISION = _object(
    {"allowed": FLAG, "rule": _told(TEXT, "Such as allow:pc, block:watch, deny-by-default."), "why": TEXT},
    "Whether a device of this class may see the page.",
)

RULESET = _object(
    {
        "enabled": FLAG,
        "allow": _list_of(DEVICE_TYPE),
        "block": _list_of(DEVICE_TYPE, "Wins over the other list."),
        "default": _told(_one_of("allow", "deny"), "What holds for a class in neither list."),
        "worth": TEXT,
    },
    "The Friends and Family Guard.",
)

HEALTH = _object(
    {
        "status": _just("healthy"),
        "timestamp": MOMENT,
        "service": _just("url-api"),
        "version": TEXT,
        "friends_family_guard": _told(FLAG, "Whether the guard is on."),
        "cloud_run_support": _just(True),
        "wsgi_server": SERVER,
        "production_mode": _just(True, "There is no other mode."),
        "port": PORT,
    },
    "Alive, and which server this is.",
)

READINESS = _object(
    {"status": _one_of("ready", "draining"), "timestamp": MOMENT},
    "Whether new requests should be sent here.",
)

STATUS = _object(
    {
        "service": _just("URL API with Visual Inspection"),
        "version": TEXT,
        "status": _just("running"),
        "port": PORT,
        "host": _told(TEXT, "The address that the server listens on."),
        "timestamp": MOMENT,
        "session_id": _told(TEXT, "One for the whole run, the same from every worker."),
        "organization": TEXT,
        "friends_family_guard": _told(FLAG, "Whether the guard is on."),
        "visual_inspection": _object(
            {"pc_allowed": FLAG, "phone_allowed": FLAG, "watch_blocked": FLAG, "tablet_allowed": FLAG}
        ),
        "cloud_run_support": _just(True),
        "demo_mode": _told(FLAG, "True until an access code has been set."),
        "wsgi_server": SERVER,
        "production_mode": _just(True, "There is no other mode."),
        "usage": {
            "enum": ["personal", "work", None],
            "description": "What whoever runs it says it is for.",
        },
    },
    "What runs here, for whom and under which policy.",
)

GUARD = _object(
    {
        "ruleset": _ref("Ruleset"),
        "timestamp": MOMENT,
        "user_agent": _told(TEXT, "The one that was asked about."),
        "device": _ref("Device"),
        "decision": _ref("Decision"),
    },
    "The ruleset, and what it says of the device that was asked about.",
    optional=("user_agent", "device", "decision"),
)


def _inspection() -> Node:
    line = {"type": "array", "prefixItems": [TEXT, TEXT], "items": False, "minItems": 2}
    return _open_object(
        {
            "url": _told(TEXT, "The URL that the client asked for, as decided."),
            "base_url": _told(TEXT, "The same without the query."),
            "full_path": _told(TEXT, "Path and query as they were sent, still percent-encoded."),
            "method": TEXT,
            "http_version": {"type": "string", "pattern": "^[0-9](\\.[0-9])?$"},
            "remote_addr": _or_null(TEXT, "Address of the client, as decided."),
            "user_agent": _told(TEXT, "Empty where none was sent."),
            "device_type": DEVICE_TYPE,
            "visual_inspection_allowed": _told(FLAG, "Whether this device may see the page."),
            "hostname": _or_null(TEXT, "The host of the URL, as decided."),
            "timestamp": MOMENT,
            "headers": _map_of(TEXT, "Under their usual names; repeated ones joined by commas."),
            "headers_as_received": {
                "type": ["array", "null"],
                "items": line,
                "description": "Name and value of each line, in order; null where the server hides that.",
            },
            "trailers": {
                "type": ["array", "null"],
                "items": line,
                "description": "Fields after a chunked body; null where the server drops them.",
            },
            "query": _map_of({**_list_of(TEXT), "minItems": 1}, "Each parameter's values in order."),
            "query_note": _or_null(TEXT, "Why the query is not listed, where it is not."),
            "body": _ref("Body"),
            "connection": _ref("Connection"),
            "proxy": _ref("Proxy"),
            "findings": _list_of(_ref("Finding")),
            "device": _ref("Device"),
            "guard": _ref("Decision"),
            "fidelity": _list_of(TEXT, "What the server cannot know, in sentences."),
            "session_id": _told(TEXT, "One for the whole run, the same from every worker."),
            "organization": TEXT,
            "friends_family_guard": _told(FLAG, "Whether the guard is on."),
            "served_by": _told(TEXT, "The machine or container that answered."),
        },
        "What arrived, and what is made of it.",
    )


# Headers and parameters


def _header(description: str, schema: Node, *, always: bool = True) -> Node:
    return {"description": description, "required": always, "schema": schema}


HEADERS: Node = {
    "Cache-Control": _header("An answer is about one request.", _just("no-store")),
    "X-Content-Type-Options": _header("Reflected text is no markup.", _just("nosniff")),
    "Content-Security-Policy": _header("Nothing is loaded from elsewhere.", TEXT),
    "X-Request-ID": _header(
        "The id of the request in every log: the one that was sent, where it is valid, else a new one.",
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:=+/@-]{0,127}$"},
    ),
    "Vary": _header("The request fields that the answer depends on.", TEXT),
    "Allow": _header("The methods that are answered.", TEXT),
    "Access-Control-Allow-Origin": _header("Scripts of any origin may read it.", _just("*")),
    "Access-Control-Allow-Methods": _header("What such scripts may ask by.", _just("GET, POST")),
    "Access-Control-Allow-Headers": _header("Which fields such scripts may send.", _just("*")),
    "Retry-After": _header("Seconds.", {"type": "integer", "minimum": 0}, always=False),
}
FROM_ANYBODY = ("Cache-Control", "X-Content-Type-Options", "Content-Security-Policy")
FROM_VIEWS = (*FROM_ANYBODY, "X-Request-ID", "Vary")
FROM_API = (*FROM_VIEWS, "Access-Control-Allow-Origin")


def _headers(names: tuple[str, ...]) -> Node:
    return {name: _ref(name, "headers") for name in names}


def _parameter(name: str, place: str, description: str, **more: Any) -> Node:
    return {"name": name, "in": place, "description": description, "schema": TEXT, **more}


# No operation lists this one: a well-formed expectation that is not met gets 417, and whatever reads the
# list takes any well-formed value for one that is answered with success. The operations tell of it in words.
EXPECT: Node = {
    "name": "expect",
    "in": "query",
    "description": (
        "`NAME:VALUE`, or `!NAME:VALUE` for what must not be. NAME is client, scheme, host, port, prefix or "
        "device; hops, where VALUE is a number, an address or a network; finding, where VALUE is a code, or "
        "none; header-absent, where VALUE is a field's name; any top-level key of the inspection; or a path "
        f"of keys such as `body.size`. client takes networks, too. At most {MAX_EXPECTATIONS} are checked."
    ),
    "schema": {"type": "array", "items": {"type": "string", "pattern": "^!?[^!:][^:]*:"}},
    "examples": {"a proxy set-up": {"value": ["scheme:https", "client:203.0.113.7", "!finding:port-lost"]}},
}
OF_INSPECTIONS_IN_WORDS = """\
Takes any query, and shows it. `expect=NAME:VALUE`, any number of times, makes a test of it: 200 where every
expectation is met, else 417, each with the checks (see `#/components/parameters/expect`).
"""
PARAMETERS: Node = {
    "expect": EXPECT,
    "user_agent": _parameter(
        "user_agent", "query", "The User-Agent of a device to be judged.", example="Watch6,1"
    ),
    **{
        name: _parameter(name, "header", description)
        for name, description in (
            ("User-Agent", "Decides the device class, together with the client hints."),
            *((name, "A client hint that the device class is read from.") for name in HINT_NAMES),
            ("Forwarded", "RFC 7239. Believed only where it comes from a trusted proxy."),
            ("X-Forwarded-For", "The client and the proxies on the way, as each proxy adds them."),
            ("X-Forwarded-Proto", "The scheme that the client used."),
            ("X-Forwarded-Host", "The host that the client asked."),
            ("X-Forwarded-Port", "The port that the client asked."),
            ("X-Forwarded-Prefix", "The path that a proxy cut off."),
            ("X-Request-ID", "An id for the request; kept where it is valid, else replaced."),
        )
    },
}
PROXY_FIELDS = tuple(name for name in PARAMETERS if name.startswith(("Forwarded", "X-Forwarded-")))
OF_ANY_REQUEST = ("X-Request-ID",)
OF_INSPECTIONS = ("User-Agent", *HINT_NAMES, *PROXY_FIELDS)


# Responses


def _json(schema: Node) -> Node:
    return {"application/json": {"schema": schema}}


HTML: Node = {"text/html": {"schema": _told(TEXT, "The same as a page, for browsers.")}}


def _response(description: str, headers: tuple[str, ...], content: Node) -> Node:
    return {"description": description, "headers": _headers(headers), "content": content}


def _without_content(response: Node) -> Node:
    """What HEAD gets: the same head, no content, and so nothing to follow."""
    return {name: part for name, part in response.items() if name not in ("content", "links")}


WITH_FINDINGS: Node = {
    "$ref": "#/components/schemas/Error",
    "properties": {"findings": _list_of(_ref("Finding"), "Why the host is not answered.")},
    "unevaluatedProperties": False,
}
# What the server in front of the views may say of any request, whatever it asks for (RFC 9110 section 15).
REFUSALS: dict[str, tuple[str, str, Node]] = {
    "400": ("BadRequest", "The request breaks HTTP, or its host is not answered here.", WITH_FINDINGS),
    "408": ("Timeout", "The head or the body did not arrive in time.", _closed("Error")),
    "413": ("BodyTooLarge", "The body is longer than this server accepts.", _closed("Error")),
    "414": ("TargetTooLong", "The request line is longer than this server accepts.", _closed("Error")),
    "417": ("ExpectationFailed", "The Expect field wants more than 100-continue.", _closed("Error")),
    "431": ("HeadTooLarge", "The header fields are too many or too long.", _closed("Error")),
    "500": ("InternalError", "A defect of this server; it is logged.", _closed("Error")),
    "501": ("NotImplemented", "An unknown method or transfer coding.", _closed("Error")),
    "503": ("Unavailable", "Overloaded, or about to stop; try again.", _closed("Error")),
    "505": ("VersionNotSupported", "This server speaks HTTP/1.1 and HTTP/1.0.", _closed("Error")),
}
HEAD_SUFFIX = "ToHead"


def _shared_responses() -> Node:
    found: Node = {}
    for name, description, schema in REFUSALS.values():
        headers = (*FROM_ANYBODY, "Retry-After") if name == "Unavailable" else FROM_ANYBODY
        response = _response(description, headers, {**_json(schema), **HTML})
        found[name] = response
        found[name + HEAD_SUFFIX] = _without_content(response)
    return found


def _refusals(suffix: str = "") -> Node:
    return {status: _ref(name + suffix, "responses") for status, (name, _, _) in REFUSALS.items()}


# Paths


def _paths() -> Node:
    return {
        "/": _root(),
        "/api": _ref_to_path_item("api"),
        BELOW_API: _ref_to_path_item("below_api"),
        "/health": _probe("health", "Whether the process is alive.", _json(_ref("Health"))),
        "/ready": _probe("ready", "Whether new requests should come.", _json(_ref("Readiness")), READY),
        "/status": _probe("status", "What runs here, for whom.", _json(_ref("Status"))),
        "/guard": _probe("guard", "The device policy.", _json(_ref("Guard")), parameters=("user_agent",)),
        "/metrics": _probe("metrics", "Counts of all workers, for Prometheus.", PROMETHEUS),
        "/openapi.json": _probe("openapi", "This description.", _json(DESCRIPTION)),
    }


# A parameter of a path ends at a slash (OpenAPI 3.1, "Path Templating"), so no template says "and all below".
# One that says less would also be read as the address of a thing that DELETE makes vanish.
BELOW_API = "/api/and/all/below"


def _path_items() -> Node:
    """What ``/api`` answers, in an extension: QUERY has a place in OpenAPI 3.2, but none in a 3.1 path item.

    Who knows the method finds it by the reference; a validator of 3.1 looks at the reference alone.
    """
    return {
        "api": _any_method("api", "What arrived in this very request."),
        "below_api": _any_method("below_api", "Stands for every path below /api, which all answer the same."),
    }


def _ref_to_path_item(name: str) -> Node:
    return {"$ref": f"#/x-path-items/{name}"}


READY: Node = {
    "503": _response(
        "The server is draining, overloaded or about to stop: send new requests elsewhere.",
        (*FROM_ANYBODY, "Retry-After"),
        {**_json({"oneOf": [_ref("Readiness"), _closed("Error")]}), **HTML},
    )
}
PROMETHEUS: Node = {"text/plain": {"schema": TEXT}}
DESCRIPTION: Node = {
    "type": "object",
    "properties": {"openapi": TEXT, "info": {"type": "object"}, "paths": {"type": "object"}},
    "required": ["openapi", "info", "paths"],
}
# What the guard says of the very device that asked.
JUDGE_THE_DEVICE: Node = {
    "the guard on this device": {
        "operationId": "guard_get",
        "parameters": {"user_agent": "$response.body#/user_agent"},
    }
}


def _inspected(headers: tuple[str, ...]) -> Node:
    """What comes of an inspection, by status."""
    unmet = _closed("Error", "Inspection", "Expectations")
    checked = {
        "$ref": "#/components/schemas/Inspection",
        "properties": EXPECTATIONS["properties"],
        "unevaluatedProperties": False,
    }
    ok = _response("What arrived, with the checks where something was expected.", headers, _json(checked))
    return {
        "200": {**ok, "content": {**ok["content"], **HTML}, "links": JUDGE_THE_DEVICE},
        "403": _response(
            "The page was asked for, and the guard does not show it to this device: why, and the facts.",
            headers,
            _json(_closed("Error", "Inspection")),
        ),
        "417": _response(
            "Something expected in the query is not so: what, and the facts. Or the Expect field wants more "
            "than 100-continue.",
            FROM_ANYBODY,
            {**_json({"oneOf": [_closed("Error"), unmet]}), **HTML},
        ),
    }


def _operation(name: str, method: str, summary: str, parameters: tuple[str, ...], answers: Node) -> Node:
    inspects = parameters == OF_INSPECTIONS
    return {
        "operationId": f"{name}_{method}",
        "tags": ["inspection" if inspects else "probes"],
        "summary": summary,
        **_says(OF_INSPECTIONS_IN_WORDS if inspects else ""),
        "parameters": [_ref(parameter, "parameters") for parameter in (*parameters, *OF_ANY_REQUEST)],
        "responses": {**_refusals(HEAD_SUFFIX if method == "head" else ""), **answers},
    }


def _reading(name: str, summary: str, parameters: tuple[str, ...], answers: Node) -> Node:
    """GET, and HEAD, which gets the same without content."""
    heads = {status: _without_content(answer) for status, answer in answers.items()}
    return {
        "get": _operation(name, "get", summary, parameters, answers),
        "head": _operation(name, "head", summary, parameters, heads),
    }


def _options(name: str) -> Node:
    answer = {"description": "The methods, in Allow.", "headers": _headers((*FROM_VIEWS, "Allow"))}
    return {"options": _operation(name, "options", "Which methods are answered.", (), {"200": answer})}


def _root() -> Node:
    reading = _reading("root", "What arrived in this very request.", OF_INSPECTIONS, _inspected(FROM_VIEWS))
    return {**reading, **_options("root")}


def _probe(
    name: str, summary: str, content: Node, more: Node | None = None, *, parameters: tuple[str, ...] = ()
) -> Node:
    answers = {"200": _response(summary, FROM_VIEWS, content), **(more or {})}
    return {**_reading(name, summary, parameters, answers), **_options(name)}


MEDIA_TYPES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "text/plain",
    "application/octet-stream",
    "*/*",
)
ANY_CONTENT: Node = {
    "description": "Anything; JSON and forms are read as their content type says.",
    "required": False,
    "content": {media_type: {"schema": {}} for media_type in MEDIA_TYPES},
}
PREFLIGHT: Node = {
    "204": {
        "description": "The answer to a browser that asks whether a script of another origin may ask.",
        "headers": _headers((*FROM_API, "Access-Control-Allow-Methods", "Access-Control-Allow-Headers")),
    }
}


def _any_method(name: str, summary: str) -> Node:
    answers = _inspected(FROM_API)
    operations = _reading(name, summary, OF_INSPECTIONS, answers)
    for method in ("post", "put", "patch", "query"):
        operation = _operation(name, method, summary, OF_INSPECTIONS, answers)
        operations[method] = {**operation, "requestBody": ANY_CONTENT}
    operations["delete"] = _operation(name, "delete", summary, OF_INSPECTIONS, answers)
    operations["options"] = _operation(name, "options", summary, OF_INSPECTIONS, {**answers, **PREFLIGHT})
    return operations
