"""A target in absolute-form goes before Host, under each of the four servers (RFC 9112 section 3.2.2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import Server

SERVERS = [
    pytest.param([], id="ours"),
    pytest.param(["--worker-class", "gthread"], id="gthread"),
    pytest.param(["--worker-class", "sync"], id="sync"),
    pytest.param(["--server", "flask"], id="flask"),
]


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, pyz: Path) -> Iterator[Server]:
    """The file under each server in turn."""
    with Server([sys.executable, str(pyz), "--workers", "1", *request.param]) as running:
        yield running


def asked(server: Server, target: str, host: str = "b.example") -> dict[str, Any]:
    """The JSON that is answered to a GET for ``target``."""
    words = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    _, _, body = server.raw(words.encode()).partition(b"\r\n\r\n")
    found = json.loads(body)
    assert isinstance(found, dict)
    return found


def test_the_target_wins(server: Server) -> None:
    """URL and host are the target's; a finding names the disagreement."""
    found = asked(server, "http://a.example/api/x?y=1")
    assert found["url"] == "http://a.example/api/x?y=1"
    assert found["hostname"] == "a.example"
    assert found["full_path"] == "/api/x?y=1"
    assert "target-host-disagreement" in [finding["code"] for finding in found["findings"]]


def test_agreement_is_no_finding(server: Server) -> None:
    """The same host in both places, as RFC 9112 asks for, is in order."""
    found = asked(server, "http://b.example:81/api", host="b.example:81")
    assert found["url"] == "http://b.example:81/api"
    assert found["findings"] == []


def test_an_empty_path_is_the_root(server: Server) -> None:
    """``http://a.example`` asks for ``/``; it is answered, not redirected."""
    found = asked(server, "http://a.example")
    assert found["url"] == "http://a.example/"
    assert found["full_path"] == "/"


def test_an_error_names_the_url_of_the_target(server: Server) -> None:
    """A 404 says the same."""
    assert asked(server, "http://a.example/nothing")["url"] == "http://a.example/nothing"
