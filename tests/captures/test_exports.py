"""Exports repeat a request exactly, and nothing in a request can end a quotation."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.captures.samples import NASTY_BODIES, capture_of
from yourl.captures.exports import TEXT_EXPORTS, curl, fetch, har, httpie, python_requests, raw_http
from yourl.captures.masking import mask_capture
from yourl.captures.model import Capture
from yourl.redaction import MASK

# Writes its arguments, each ended by NUL, and then its input.
STUB = """#!/bin/sh
for word in "$@"; do printf '%s\\0' "$word"; done
printf '\\0'
cat
"""
INJECTIONS = [
    "'; touch pwned; '",
    '"$(touch pwned)"',
    "`touch pwned`",
    "\\'; touch pwned #",
    "a\nb",
    "-o/x",
    "@/etc/passwd",
    "!x",
]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a curl and an http that say how they were called."""
    folder = tmp_path_factory.mktemp("programs")
    for name in ("curl", "http"):
        path = folder / name
        path.write_text(STUB)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return folder


def run(script: str, programs: Path) -> tuple[list[bytes], bytes]:
    """Arguments and input of the stub that a POSIX shell started."""
    path = programs.parent / f"{programs.name}.sh"
    path.write_bytes(script.encode("utf-8", "surrogateescape"))
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "LC_ALL": "C"}
    ran = subprocess.run(
        ["sh", str(path)],
        env=environment,
        cwd=programs,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert b"" == ran.stderr
    assert {"curl", "http"} == {path.name for path in programs.iterdir()}
    words, _, given = ran.stdout.partition(b"\0\0") if ran.stdout[:1] != b"\0" else (b"", b"", b"")
    return words.split(b"\0"), given


def sent_by_curl(words: list[bytes], given: bytes) -> tuple[bytes, bytes, list[bytes], bytes]:
    """Method, URL, header fields and body as curl would send them, by its manual."""
    assert [b"--globoff", b"--path-as-is"] == words[:2]
    method, url, fields, body = b"GET", b"", [], b""
    rest = iter(words[2:])
    for option in rest:
        if option == b"--head":
            method = b"HEAD"
            continue
        value = next(rest)
        if option == b"--request":
            method = value
        elif option == b"--url":
            url = value
        elif option == b"--header":
            fields.append(value)
        elif option == b"--data-raw":
            body = value
        else:
            assert (b"--data-binary", b"@-") == (option, value)
            body = given
    return method, url, fields, body


VALUES = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30
).map(lambda text: text.strip(" "))
NAMES = st.text("abcXYZ0189!#$%&'*+-.^_`|~", min_size=1, max_size=12)
METHODS = st.one_of(st.sampled_from(["GET", "POST", "HEAD", "PURGE"]), NAMES)
URLS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40), st.sampled_from(INJECTIONS)
).map(lambda text: f"http://a.example/{text}".replace("\n", ""))
BODIES = st.one_of(
    st.binary(max_size=40), st.text(max_size=30).map(str.encode), st.sampled_from(INJECTIONS).map(str.encode)
)
CAPTURES = st.builds(
    lambda method, url, fields, body: capture_of(method=method, url=url, fields=tuple(fields), body=body),
    METHODS,
    URLS,
    st.lists(st.tuples(NAMES, st.one_of(VALUES, st.sampled_from(["x", *INJECTIONS[:4]]))), max_size=4),
    BODIES,
)
many = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def wire_fields(capture: Capture) -> list[bytes]:
    """The header fields of a copy, as curl takes them."""
    framing = ("content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect")
    kept = [(name, value) for name, value in capture.fields if name.lower() not in framing]
    return [
        (f"{name}: {value}" if value else f"{name};").encode("latin-1")
        for name, value in kept
        if (name.lower(), value) != ("host", "shop.example")
    ]


@given(CAPTURES)
@many
def test_curl_repeats_any_request(programs: Path, capture: Capture) -> None:
    """Method, URL, fields and body arrive at curl byte for byte, whatever is in them."""
    method, url, fields, body = sent_by_curl(*run(curl(capture), programs))
    assert (capture.summary.method.encode(), capture.summary.url.encode()) == (method, url)
    taken_away = [field for field in fields if re.fullmatch(rb"[a-z-]+:", field)]
    assert wire_fields(capture) == [field for field in fields if field not in taken_away]
    assert capture.body == body
    assert set(taken_away) <= {b"accept:", b"user-agent:", b"content-type:", b"expect:"}


@pytest.mark.parametrize("body", NASTY_BODIES.values(), ids=NASTY_BODIES)
def test_curl_repeats_any_body(programs: Path, body: bytes) -> None:
    """Also NUL, 1 MB and what is no text."""
    assert body == sent_by_curl(*run(curl(capture_of(body=body)), programs))[3]


@given(CAPTURES)
@many
def test_httpie_gets_the_same_words(programs: Path, capture: Capture) -> None:
    """HTTPie gets method, URL, one word for each field, and the body."""
    words, given = run(httpie(capture), programs)
    pairs = [field for field in capture.fields if field[0].lower() not in ("te", "host", "expect")]
    at = words.index(capture.summary.url.encode())
    assert capture.summary.method.encode() == words[at - 1]
    assert len(words[at + 1 :]) == len(pairs)
    for word, (name, value) in zip(words[at + 1 :], pairs, strict=True):
        mark = b";" if not value else b":\\" if value[0] in "@=" else b":"
        assert name.encode() + mark + value.encode("latin-1") == word
    body = words[words.index(b"--raw") + 1] if b"--raw" in words else given
    assert capture.body == body


def test_curl_takes_away_what_it_would_add() -> None:
    """Fields that curl adds by itself and the request did not have are taken away."""
    text = curl(capture_of(fields=()))
    for name in ("accept", "user-agent", "content-type", "expect"):
        assert f"--header '{name}:'" in text
    assert "user-agent:" not in curl(capture_of(fields=(("User-Agent", "x"),))).replace("User-Agent: x", "")


@given(CAPTURES)
@many
def test_python_is_literals_only(capture: Capture) -> None:
    """The program is one call whose arguments are literals with exactly what was sent."""
    tree = ast.parse(python_requests(capture))
    assign = tree.body[1]
    assert isinstance(assign, ast.Assign)
    call = assign.value
    assert isinstance(call, ast.Call)
    assert [capture.summary.method, capture.summary.url] == [ast.literal_eval(word) for word in call.args]
    named = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    assert capture.body == named.get("data", b"")
    for name, value in named.get("headers", {}).items():
        values = [text.encode("latin-1") for key, text in capture.fields if key == name]
        assert b", ".join(values) == value
    assert 3 == len(tree.body)


LITERAL = r'"(?:[^"\\\n<]|\\["\\/bfnrt]|\\u[0-9a-f]{4})*"'


@given(CAPTURES)
@many
def test_fetch_is_literals_only(capture: Capture) -> None:
    """The script consists of fixed text and JSON literals without ``<``."""
    text = fetch(capture)
    assert text.isascii()
    assert "<" not in text
    plain = re.sub(LITERAL, "L", text)
    assert re.fullmatch(
        r"const response = await fetch\(L, \{\n  method: L,\n  headers: \[[][L, ]*\],\n"
        r"(?:  body: (?:L|Uint8Array\.from\(atob\(L\), \(sign\) => sign\.charCodeAt\(0\)\)),\n)?"
        r"  redirect: L,\n\}\);\nconsole\.log\(response\.status, await response\.text\(\)\);\n",
        plain,
    ), plain


def test_fetch_of_a_body() -> None:
    """Text is a literal, anything else base64; a browser sets its own fields."""
    assert 'body: "{\\"id\\": 1}"' in fetch(capture_of())
    assert base64.b64encode(b"\xff\x00").decode() in fetch(capture_of(body=b"\xff\x00"))
    assert "body" not in fetch(capture_of(method="GET"))
    assert "agent" not in fetch(
        capture_of(fields=(("User-Agent", "x"), ("Sec-Fetch-Mode", "y"), ("Cookie", "z")))
    )


@pytest.mark.parametrize("form", [*TEXT_EXPORTS, "har"])
@pytest.mark.parametrize("sign", ["\x01", "<", "</", "é", "\U0001f600", "\x00", "'", "\\", "\n", "\u0800"])
def test_no_copy_is_far_longer_than_the_body(form: str, sign: str) -> None:
    """At most four bytes for each of a long body: what costs more as text is base64."""
    capture = capture_of(body=(sign * 200_000).encode())
    text = json.dumps(har(capture), ensure_ascii=False) if form == "har" else TEXT_EXPORTS[form](capture)
    assert len(text.encode("utf-8", "surrogateescape")) < 4.1 * len(capture.body)


def test_raw() -> None:
    """Request line, fields in order and body; a chunked body has its length instead."""
    capture = capture_of(
        body=b"\x00\xff", fields=(("hOST", "a"), ("X", "\xe9"), ("Transfer-Encoding", "chunked"))
    )
    expected = b"POST /in/orders?x=1 HTTP/1.1\r\nhOST: a\r\nX: \xe9\r\nContent-Length: 2\r\n\r\n\x00\xff"
    assert expected == raw_http(capture)


HAR_KEYS = {
    "entry": {"startedDateTime", "time", "request", "response", "cache", "timings"},
    "request": {
        "method",
        "url",
        "httpVersion",
        "cookies",
        "headers",
        "queryString",
        "headersSize",
        "bodySize",
    },
    "response": {
        "status",
        "statusText",
        "httpVersion",
        "cookies",
        "headers",
        "content",
        "redirectURL",
        "headersSize",
        "bodySize",
    },
}


@pytest.mark.parametrize("body", NASTY_BODIES.values(), ids=NASTY_BODIES)
def test_har(body: bytes) -> None:
    """The archive has every key that HAR 1.2 requires, and the body as text or base64."""
    archive: dict[str, Any] = json.loads(json.dumps(har(capture_of(body=body))))
    assert {"version", "creator", "entries"} == set(archive["log"])
    (entry,) = archive["log"]["entries"]
    assert HAR_KEYS["entry"] <= set(entry)
    assert HAR_KEYS["request"] <= set(entry["request"])
    assert HAR_KEYS["response"] <= set(entry["response"])
    assert [{"name": "x", "value": "1"}] == entry["request"]["queryString"]
    assert "2026-01-02T03:04:05.678+00:00" == entry["startedDateTime"]
    posted = entry["request"].get("postData", {"text": ""})
    text = posted["text"]
    assert body == (base64.b64decode(text) if posted.get("_encoding") == "base64" else text.encode())


@pytest.mark.parametrize("name", [*TEXT_EXPORTS, "raw", "har"])
def test_what_is_masked_stays_masked(name: str) -> None:
    """No export has a secret that was masked."""
    capture = mask_capture(
        capture_of(
            url="http://a.example/?token=geheim",
            target="/?token=geheim",
            fields=(("Authorization", "geheim"), ("X-Api-Key", "geheim"), ("X-Other", "1")),
        )
    )
    texts = {"raw": raw_http(capture).decode(), "har": json.dumps(har(capture))}
    text = TEXT_EXPORTS[name](capture) if name in TEXT_EXPORTS else texts[name]
    assert "geheim" not in text
    assert MASK in text
