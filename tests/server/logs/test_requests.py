"""Whole requests on stdout: ``--print``."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yourl.context import RequestContext
from yourl.explain import read_request
from yourl.proxies import Connection
from yourl.server.logs.requests import LONGEST_BODY, is_printed, printed, request_text
from yourl.settings import load

RAW = b"POST /api?token=abc&x=1 HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer abc\r\nX-A: 1\r\n\r\n"
HEAD = read_request(RAW).head


def context(path: str = "/api", setting: str = "on") -> RequestContext:
    head = read_request(f"GET {path} HTTP/1.1\r\nHost: a.example\r\n\r\n".encode()).head
    return RequestContext(head, Connection("192.0.2.1", None, "", None), load({"YOURL_PRINT": setting}))


def test_credentials_are_masked() -> None:
    """In the target, in fields and in forms; everything else is as it was sent."""
    assert [
        "> POST /api?token=********&x=1 HTTP/1.1",
        "> Host: a.example",
        "> Authorization: ********",
        "> X-A: 1",
        ">",
        "> one",
        "> two",
    ] == request_text(HEAD, b"one\r\ntwo").splitlines()
    form = b"POST / HTTP/1.1\nHost: a\nContent-Type: application/x-www-form-urlencoded\n"
    assert (
        "> a=1&password=********" in request_text(read_request(form).head, b"a=1&password=xyz").splitlines()
    )


@given(st.binary(max_size=300))
def test_every_line_is_marked(content: bytes) -> None:
    """Whatever a body holds, no line looks like one of the access log, and nothing steers a terminal."""
    text = request_text(HEAD, content)
    assert all(line == ">" or line.startswith("> ") for line in text.split("\n"))
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"\xff\x00", "> (2 bytes that are no text)", id="binary"),
        pytest.param("é".encode() * LONGEST_BODY, f"> ({LONGEST_BODY} more bytes)", id="long"),
    ],
)
def test_what_is_not_printed_is_counted(content: bytes, expected: str) -> None:
    """Bytes that are no text, and what is over the bound, are given as a number."""
    assert expected == request_text(HEAD, content).splitlines()[-1]


def test_explain_reads_it_again() -> None:
    """A printed request can be explained."""
    assert HEAD.fields[0] == read_request(request_text(HEAD, b"").encode()).head.fields[0]


def test_probes_are_not_printed() -> None:
    """Only with the setting, and only what is no probe."""
    assert [True, False, False] == [
        is_printed(context()), is_printed(context("/health")), is_printed(context(setting="off")),
    ]  # fmt: skip


def test_json_stays_json() -> None:
    """Where the log is JSON, a request is one object."""
    assert request_text(context().head, b"") == json.loads(printed(context(), "json"))["message"]
    assert request_text(context().head, b"") == printed(context(), "text")
