"""``yourl explain``: what it takes from a text, what it checks, what it prints."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from yourl.__main__ import main
from yourl.cli import terminal

HEAD = "GET /a?expect=scheme:http HTTP/1.1\nHost: shop.example\nX-Forwarded-For: 203.0.113.7\n"
OVER_TLS = """\
* Connected to shop.example (203.0.113.5) port 8443
* SSL connection using TLSv1.3
> GET / HTTP/1.1
> Host: shop.example:8443
>
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a request."""
    path = tmp_path / "request"
    path.write_text(HEAD)
    return path


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The JSON of one call, and its exit code under ``code``."""
    code = main(["explain", "--json", *arguments])
    return {"code": code, **json.loads(capsys.readouterr().out)}


def test_an_expectation_in_the_request_is_checked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the server would: listed, and exit code 0 where it is met, 1 where it is not."""
    document = explained(capsys, str(file))
    assert (0, [True]) == (document["code"], [check["met"] for check in document["expectations"]])
    document = explained(capsys, "--tls", str(file))
    assert (1, "expectation_failed") == (document["code"], document["error"])


@pytest.mark.parametrize(
    ("expected", "code"),
    [
        pytest.param(["host:shop.example"], 0, id="met"),
        pytest.param(["host:shop.example", "client:203.0.113.7"], 1, id="one-unmet"),
        pytest.param(["finding:no-such-code"], 1, id="misspelt"),
        pytest.param(["!finding:no-such-code"], 1, id="misspelt-and-negated"),
    ],
)
def test_expectations_are_options(
    file: Path, capsys: pytest.CaptureFixture[str], expected: list[str], code: int
) -> None:
    """--expect adds expectations to those of the request."""
    options = [word for text in expected for word in ("--expect", text)]
    assert code == main(["explain", str(file), *options])
    text = capsys.readouterr().out
    assert "Expectations" in text
    assert ("unmet" in text) == bool(code)


@pytest.mark.parametrize("peer", ["foo", "10.0.0.0/8", "10.0.0.1:80", "", "1.2.3"])
def test_a_peer_is_an_address(file: Path, capsys: pytest.CaptureFixture[str], peer: str) -> None:
    """What is no address is refused in one line, with exit code 2."""
    assert 2 == main(["explain", str(file), "--peer", peer])
    assert 1 == len(capsys.readouterr().err.splitlines())


@pytest.mark.parametrize(
    ("peer", "expected"), [("[2001:db8::1]", "2001:db8::1"), ("fe80::1%eth0", "fe80::1"), ("unix", None)]
)
def test_peers(file: Path, capsys: pytest.CaptureFixture[str], peer: str, expected: str | None) -> None:
    """IPv6 with brackets or zone, and Unix sockets."""
    remote = explained(capsys, str(file), "--peer", peer)["remote_addr"]
    assert expected == (remote and remote.partition("%")[0])


def test_the_trace_says_where_it_went(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scheme and port of the socket come from the trace; the report says whose side it is."""
    path = tmp_path / "trace"
    path.write_text(OVER_TLS)
    document = explained(capsys, str(path))
    assert ("https://shop.example:8443/", 8443, "curl -v") == (
        document["url"], document["connection"]["server_port"], document["written"]["format"],
    )  # fmt: skip
    assert 0 == main(["explain", str(path)])
    assert "This is what the client sent." in capsys.readouterr().out


def test_a_request_that_is_refused_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report begins with the refusal and goes on."""
    path = tmp_path / "request"
    path.write_text("GET / HTTP/1.1\n")
    assert 0 == main(["explain", str(path)])
    text = capsys.readouterr().out
    assert text.startswith("Note: yourl refuses this request: 400 missing_host.")
    assert "Decided" in text


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals(environ: dict[str, str], coloured: bool) -> None:
    """A terminal gets colours unless NO_COLOR is set to something; a file never does."""
    assert coloured == ("\x1b[" in terminal.painter(Terminal(), environ)("x", "error"))
    assert "x" == terminal.painter(io.StringIO(), environ)("x", "error")


def test_the_report_in_colour(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With colours the words are the same."""
    plain, coloured = io.StringIO(), Terminal()
    monkeypatch.setenv("COLUMNS", "100")
    for stream in (plain, coloured):
        monkeypatch.setattr(sys, "stdout", stream)
        main(["explain", str(file)])
    assert "\x1b[1m" in coloured.getvalue()
    assert plain.getvalue() == re.sub(r"\x1b\[[0-9;]*m", "", coloured.getvalue())


def test_the_report_fits_its_width(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sentences are wrapped to the terminal; only what is pasted stays as it is."""
    shown = Terminal()
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", shown)
    main(["explain", str(file), "--trusted-proxies", "loopback"])
    report = shown.getvalue().partition("    Fix:")[0]
    assert max(map(len, report.splitlines())) <= 60


def test_waiting_for_a_request_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal one line says what is awaited and how to end it."""

    class Keyboard(io.BytesIO):
        def isatty(self) -> bool:
            return True

    keyboard = io.TextIOWrapper(Keyboard(HEAD.encode()))
    monkeypatch.setattr(keyboard, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", keyboard)
    assert 0 == main(["explain"])
    assert "Paste a request" in capsys.readouterr().err


def test_a_start_does_not_import_the_readers() -> None:
    """What only this command needs costs no start of the server any time."""
    program = "import sys, yourl.__main__; print([n for n in sys.modules if n.startswith('yourl.explain')])"
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "[]\n" == asked.stdout
