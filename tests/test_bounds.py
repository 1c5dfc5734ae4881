"""No request costs more than its share: each step is linear, and the answer is bounded by what was sent."""

from __future__ import annotations

import importlib.util
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

import yourl
from tests.growth import LIMIT, growth
from yourl.app import create_app
from yourl.content import TooManyFields, decode_body, parse_query
from yourl.context import ENVIRON_KEY, RequestContext
from yourl.devices import classify
from yourl.errors import Refusal, TooManyExpectations
from yourl.expectations import check_all
from yourl.http1.environ import joined_fields
from yourl.http1.head import Head, parse_head
from yourl.http1.limits import Limits
from yourl.json_text import json_bytes
from yourl.proxies import Connection, TrustedProxies, evaluate
from yourl.redaction import redacted_target
from yourl.representation import body_document, prefers_html, wants_compact
from yourl.server.logs.access import AccessRecord, text_line
from yourl.settings import load
from yourl.text import excerpt, json_size, percent_decoded, printable

LIMITLESS = Limits(head_size=10**9, field_size=10**9, field_count=10**9, request_line_size=10**9)
TRUSTED = TrustedProxies.parse("10.0.0.0/8,1.1.1.1")
CONNECTION = Connection("10.0.0.1", 50000, "10.0.0.9", 8080)
MULTIPART = "multipart/form-data; boundary=b"
DOCUMENT: dict[str, Any] = {
    "url": "http://h/", "headers": {"Host": "h"}, "headers_as_received": [["Host", "h"]], "device_type": "pc",
    "findings": [], "query": {}, "proxy": {"hops": []},
}  # fmt: skip


def head_of(name: str = "X", text: str = "", target: str = "/") -> object:
    """The head with a long field or target, parsed without a bound on its length."""
    return parse_head(
        f"GET {target} HTTP/1.1\r\nHost: h\r\n{name}: {text}\r\n\r\n".encode("latin-1"), LIMITLESS
    )


def evaluated(name: str) -> Callable[[str], object]:
    """The verdict about a request whose field of this name is long."""
    return lambda text: evaluate(CONNECTION, [("Host", "h"), (name, text)], TRUSTED)


def expected(text: str) -> object:
    """As many checks of a long value as are allowed, by expectations that are long, too."""
    document = {**DOCUMENT, "url": text, "query": {"x": [text] * 50}}
    wanted = [f"url:{text[:8000]}", f"query.x:{text[:8000]}", f"{text[:8000]}:x", f"client.{text[:200]}:x"]
    return check_all([word for word in wanted * 12 if ":" in word], document)


def listed(text: str) -> object:
    """The query's parameters, where they are few enough."""
    try:
        return parse_query(text)
    except TooManyFields:
        return None


STEPS: dict[str, Callable[[str], object]] = {
    "redacted_target": lambda text: redacted_target(f"/x?{text}"),
    "redacted_target, userinfo": lambda text: redacted_target(f"http://{text}@h/"),
    "redacted_target, expectation": lambda text: redacted_target(f"/x?expect=token{text}"),
    "parse_head, target": lambda text: head_of(target=f"/{text}"),
    "parse_query": listed,
    "text": lambda text: decode_body(text.encode("latin-1"), "text/plain"),
    "text in EUC-JP": lambda text: decode_body(text.encode("latin-1"), "text/plain; charset=euc-jp"),
    "text in a charset of many names": lambda text: decode_body(b"x", f"text/plain; charset={text}"),
    "content type": lambda text: decode_body(b"x", text),
    "JSON": lambda text: decode_body(text.encode("latin-1"), "application/json"),
    "JSON string": lambda text: decode_body(f'["{text}"]'.encode("latin-1"), "application/json"),
    "form": lambda text: decode_body(text.encode("latin-1"), "application/x-www-form-urlencoded"),
    "multipart": lambda text: decode_body(f"--b\r\n{text}\r\n--b--".encode("latin-1"), MULTIPART),
    "multipart header": lambda text: decode_body(
        f"--b\r\nContent-Disposition: form-data; name={text}\r\n\r\nx\r\n--b--".encode("latin-1"), MULTIPART
    ),
    "multipart field": lambda text: decode_body(
        f"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n{text}\r\n--b--".encode("latin-1"), MULTIPART
    ),
    "classify": classify,
    "check_all": expected,
    "printable": printable,
    "excerpt": excerpt,
    "json_size": json_size,
    "json_bytes": lambda text: json_bytes({"a": [text, {"b": text}]}),
    "percent_decoded": lambda text: percent_decoded(text.encode("latin-1")),
    "prefers_html": lambda text: prefers_html(f"text/html,{text}"),
    "wants_compact": lambda text: wants_compact(text, f"compac{text}"),
    "joined_fields": lambda text: joined_fields([(text, text), ("a", text)]),
}  # fmt: skip
for _name in ("Connection", "Upgrade", "Transfer-Encoding", "Content-Length", "Expect", "X"):
    STEPS[f"parse_head, {_name}"] = partial(head_of, _name)
for _name in (
    *("X-Forwarded-For", "Forwarded", "Via", "X-Forwarded-Host", "X-Forwarded-Prefix", "Origin", "Referer"),
    *("Connection", "X-Original-URI", "CF-Visitor", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Real-IP"),
):
    STEPS[f"evaluate, {_name}"] = evaluated(_name)

UNITS = (
    *("a", " ", "\t", ",", ";", "=", '"', "\\", "/", "&", "%", "%25", "+", "[", "{", "(", ".", "-", "0", ":"),
    *("\x00", "\xff", "\r\n", "a,", "a=b;", "a&", "a=&", "1.1.1.1, ", "for=a, ", 'for="', '\\"', "\r\n--b"),
    *("../", "token=a&", "expect=a:b&", "1,", "[],"),
)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_linear(step: str) -> None:
    """Eight times the text costs about eight times as much in each step, whatever is repeated."""
    function = STEPS[step]
    for unit in UNITS:

        def make(size: int, unit: str = unit) -> Callable[[], object]:
            text = (unit * (size // len(unit) + 1))[:size]
            return lambda: function(text)

        assert growth(make, size=4000) < LIMIT, repr(unit)


def grammar() -> Any:
    """The requests of the benchmark, which has more of them."""
    path = Path(yourl.__file__).parents[1] / "benchmarks" / "request_grammar.py"
    spec = importlib.util.spec_from_file_location("request_grammar", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLANS = [plan for plan in grammar().each_choice() if plan.size < 200_000]
APP = create_app(load({"YOURL_TRUSTED_PROXIES": "10.0.0.0/8,1.1.1.1"}))


def answered(request: Any) -> tuple[int, int]:
    """Status and size of the answer to a request of the grammar; 0 where the head is refused."""
    head = parse_head(request.head, Limits())
    if isinstance(head, Refusal):
        return head.status, 0
    context = RequestContext(head, CONNECTION, trailers=())
    app_iter, status, _ = run_wsgi_app(APP, environ_of(head, request.body, context), buffered=True)
    answer = b"".join(app_iter)
    text_line(AccessRecord.of(context, int(status[:3]), len(answer), 0.0))
    return int(status[:3]), len(answer)


def environ_of(head: Head, body: bytes, context: RequestContext) -> dict[str, Any]:
    """The environ of a request, as far as the application reads it."""
    path, _, query = head.target.raw.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": head.method, "PATH_INFO": path, "SCRIPT_NAME": "", "QUERY_STRING": query,
        "SERVER_NAME": "h", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)),
        "wsgi.errors": io.StringIO(), ENVIRON_KEY: context,
    }  # fmt: skip
    return environ | {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in head.fields}


def test_every_answer_is_bounded() -> None:
    """Of each choice of the grammar, up to 50 KB: no 500, and at most four times what was sent and 64 KiB."""
    for plan in PLANS:
        request = plan.request()
        status, size = answered(request)
        assert status < 500, str(request)
        assert size <= 4 * request.size + 64 * 1024, str(request)


@pytest.mark.parametrize("name", ["body.text", "body.json", "url", "query.expect", "headers"])
def test_expectations_repeat_nothing(name: str) -> None:
    """As many checks as are allowed of one long value cost an excerpt each."""
    body = body_document(decode_body(b'["' + b"a" * 60_000 + b'"]', "application/json"))
    document = {**DOCUMENT, "body": body, "url": "u" * 8000, "query": {"expect": ["x" * 160] * 50}}
    checks = check_all([f"{name}:x"] * 50, document)
    assert len(json_bytes([{"actual": check.actual, "why": check.why} for check in checks])) < 32 * 1024
    with pytest.raises(TooManyExpectations):
        check_all([f"{name}:x"] * 51, document)
