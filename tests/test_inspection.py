"""What an environ and a body become."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from yourl.context import context_of
from yourl.http1.environ import head_of, joined_fields, target_of
from yourl.inspection import inspect
from yourl.settings import load


def environ(**kwargs: Any) -> dict[str, Any]:
    """A WSGI environ as a server makes it."""
    return EnvironBuilder(**kwargs).get_environ()


TARGETS = [
    pytest.param("/a?b=1", "/a?b=1", id="origin-form"),
    pytest.param("/a%2Fb//c?", "/a%2Fb//c?", id="kept-encoded"),
    pytest.param("http://h.example/a?b", "/a?b", id="absolute-form"),
    pytest.param("http://h.example", "/", id="absolute-form-without-path"),
    pytest.param("http://h.example?b=/c", "/?b=/c", id="absolute-form-with-query-only"),
    pytest.param("*", "*", id="asterisk-form"),
]


@pytest.mark.parametrize(("raw", "expected"), TARGETS)
def test_target(raw: str, expected: str) -> None:
    """Path and query stay as the client sent them, in every form of target."""
    assert expected == target_of({"RAW_URI": raw}, "GET").origin_form


def test_target_without_the_raw_one() -> None:
    """A server that gives only decoded parts gets them encoded again."""
    parts = {"SCRIPT_NAME": "/a", "PATH_INFO": "/b c/ü".encode().decode("latin-1"), "QUERY_STRING": "x=1"}
    assert target_of(parts, "GET").raw == "/a/b%20c/%C3%BC?x=1"


def test_headers_under_their_usual_names() -> None:
    """Names are spelt as people know them; the two that CGI names without HTTP_ are there too."""
    found = head_of(
        {"HTTP_X_REAL_IP": "1", "HTTP_SEC_CH_UA_MOBILE": "?1", "CONTENT_TYPE": "a/b", "HTTP_DNT": "1",
         "REQUEST_METHOD": "GET", "RAW_URI": "/"}
    ).fields  # fmt: skip
    assert [name for name, _ in found] == ["Content-Type", "DNT", "Sec-CH-UA-Mobile", "X-Real-IP"]


def test_repeated_fields_are_joined() -> None:
    """Fields of one name become one; a name that could pass for another in an environ is dropped."""
    received = (("hOsT", "a"), ("X-A", "1"), ("x-a", "2"), ("X_A", "3"))
    assert joined_fields(received) == (("Host", "a"), ("X-A", "1,2"))


def test_whole_inspection() -> None:
    """The parts come together: URL, query, device and connection."""
    request = environ(
        path="/api/x", query_string="a=1&a=2", headers={"User-Agent": "curl/8.5.0"},
        base_url="http://shop.example:8080/",
    )  # fmt: skip
    request["REMOTE_ADDR"] = "192.0.2.7"
    context = context_of(request)
    context.settings = load({})
    seen = inspect(context.head, b"", context.connection, verdict=context.verdict, device=context.device)
    assert seen.headers_as_received is None
    assert seen.url == "http://shop.example:8080/api/x?a=1&a=2"
    assert seen.base_url == "http://shop.example:8080/api/x"
    assert seen.query == {"a": ["1", "2"]}
    assert seen.verdict.client.value == "192.0.2.7"
    assert seen.device.type == "bot"
