"""What an environ and a body become."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import EnvironBuilder

from yourl.inspection import headers_as_received, inspect, joined_headers, target_of
from yourl.proxies import TrustedProxies

NOBODY = TrustedProxies.parse("")


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
    assert expected == target_of({"RAW_URI": raw})


def test_target_without_the_raw_one() -> None:
    """A server that gives only decoded parts gets them encoded again."""
    parts = {"SCRIPT_NAME": "/a", "PATH_INFO": "/b c/ü".encode().decode("latin-1"), "QUERY_STRING": "x=1"}
    assert target_of(parts) == "/a/b%20c/%C3%BC?x=1"


def test_headers_under_their_usual_names() -> None:
    """Names are spelt as people know them; the two that CGI names without HTTP_ are there too."""
    found = joined_headers(
        {"HTTP_X_REAL_IP": "1", "HTTP_SEC_CH_UA_MOBILE": "?1", "CONTENT_TYPE": "a/b", "HTTP_DNT": "1"}
    )
    assert [name for name, _ in found] == ["Content-Type", "DNT", "Sec-CH-UA-Mobile", "X-Real-IP"]


def test_headers_as_received() -> None:
    """Where the server kept the head, case, order and repetition are shown; elsewhere None."""
    head = b"GET / HTTP/1.1\r\nhOsT: a\r\nX-A: 1\r\nX-A:  2 \r\n\r\n"
    assert headers_as_received({"yourl.raw_head": head}) == (("hOsT", "a"), ("X-A", "1"), ("X-A", "2"))
    assert None is headers_as_received({})


def test_whole_inspection() -> None:
    """The parts come together: URL, query, device and connection."""
    request = environ(
        path="/api/x", query_string="a=1&a=2", headers={"User-Agent": "curl/8.5.0"},
        base_url="http://shop.example:8080/",
    )  # fmt: skip
    request["REMOTE_ADDR"] = "192.0.2.7"
    seen = inspect(request, b"", trusted=NOBODY)
    assert seen.url == "http://shop.example:8080/api/x?a=1&a=2"
    assert seen.base_url == "http://shop.example:8080/api/x"
    assert seen.query == {"a": ["1", "2"]}
    assert seen.verdict.client.value == "192.0.2.7"
    assert seen.device.type == "bot"
