"""The command line: what it prints, what it refuses, and its exit codes."""

from __future__ import annotations

import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devices import user_agents
from yourl import __version__
from yourl.__main__ import main
from yourl.cli.health import own_health_url
from yourl.settings import SETTINGS, load
from yourl.settings.model import GROUPS


def run(*arguments: str) -> int:
    """The exit code of one command."""
    try:
        return main(list(arguments))
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.fixture(autouse=True)
def _environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Options that a command puts into the environment end with the test."""
    monkeypatch.setattr(os, "environ", os.environ.copy())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """--version names product and version."""
    assert run("--version") == 0
    assert f"yourl, version {__version__}\n" == capsys.readouterr().out
    assert run("-V") == run("version") == 0
    assert f"yourl, version {__version__}\n" * 2 == capsys.readouterr().out


def test_sbom(capsys: pytest.CaptureFixture[str]) -> None:
    """--sbom prints CycloneDX JSON that names what is bundled."""
    assert run("--sbom") == 0
    bill = json.loads(capsys.readouterr().out)
    assert bill["bomFormat"] == "CycloneDX"
    assert {"flask", "gunicorn", "segno", "user-agents"} <= {
        component["name"].lower() for component in bill["components"]
    }


def test_help_lists_commands_and_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """--help shows each command, serve --help each setting under both of its names."""
    assert run("--help") == 0
    text = capsys.readouterr().out
    assert all(command in text for command in ("serve", "health", "check"))
    assert run("serve", "--help") == 0
    text = capsys.readouterr().out
    assert [s.name for s in SETTINGS if s.option not in text or s.name not in text] == []
    assert "--qr " in text
    assert [group for group in GROUPS if f"{group}:\n" not in text] == []
    assert run("help", "serve") == 0
    assert text == capsys.readouterr().out


def test_help_cuts_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    """The list of commands has each summary whole."""
    assert run("help") == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Ask a running server whether it is healthy: exit code 0 if so, else 1." in text
    assert "..." not in text.partition("Serve:")[2]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [(["--print"], "on"), (["--print", "off"], "off"), (["--print", "--port", "9"], "on"), ([], "off")],
)
def test_a_switch_needs_no_value(
    arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An option that is on or off may stand alone, and is on then."""
    assert run("check", *arguments) == 0
    assert f"YOURL_PRINT            {expected} " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "shell", "words"),
    [
        ([], "/bin/bash", "complete -o nosort"),
        ([], "/usr/bin/zsh", "#compdef yourl"),
        (["fish"], "/bin/bash", "complete --no-files --command yourl"),
    ],
)
def test_completion(arguments: list[str], shell: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The script of the shell that is named, else of one's own."""
    os.environ["SHELL"] = shell
    assert run("completion", *arguments) == 0
    assert words in capsys.readouterr().out


def test_completion_of_an_unknown_shell(capsys: pytest.CaptureFixture[str]) -> None:
    """A shell that cannot be completed for is refused in one line."""
    os.environ["SHELL"] = "/bin/dash"
    assert run("completion") == 2
    assert "bash, zsh, fish" in capsys.readouterr().err


def test_check_prints_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    """check shows what would count, and that an option wins over the environment."""
    os.environ["PORT"] = "9001"
    assert run("check", "--port", "9002") == 0
    text = capsys.readouterr().out
    assert [setting.name for setting in SETTINGS if setting.name not in text] == []
    assert "9002" in text
    assert "9001" not in text
    assert "(option) TCP port" in text


def test_check_masks_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    """A secret is starred."""
    os.environ["YOURL_ACCESS_CODE"] = "correct-horse"
    assert run("check") == 0
    shown = capsys.readouterr()
    assert "correct-horse" not in shown.out + shown.err
    assert "********" in shown.out


def test_check_names_every_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """All faults at once, a line each, and exit code 2."""
    os.environ.update(PORT="x", YOURL_GUARD="maybe")
    assert run("check") == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" '")[0] for line in lines] == ["yourl: PORT is", "yourl: YOURL_GUARD is"]


def test_check_mentions_misspelt_settings(capsys: pytest.CaptureFixture[str]) -> None:
    """A variable that looks like a setting and is none is mentioned."""
    os.environ["YOURL_TREADS"] = "4"
    assert run("check") == 0
    assert "did you mean YOURL_THREADS?" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["fly"], id="unknown-command"),
        pytest.param(["--fly"], id="unknown-option"),
        pytest.param(["--port"], id="option-without-value"),
        pytest.param(["--port", "http"], id="bad-port"),
        pytest.param(["serve", "--server", "apache"], id="unknown-server"),
        pytest.param(["health", "--timeout", "0"], id="no-time"),
        pytest.param(["help", "fly"], id="help-for-no-command"),
    ],
)
def test_nonsense_is_one_line_and_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """What cannot be understood is refused in one line."""
    assert run(*arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 1


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers with the status that the path names."""

    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[str]:
    """The URL of a server that answers with any status asked for."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_health_of_a_healthy_server(answering: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """200 is exit code 0, whatever proxy the environment names."""
    os.environ["http_proxy"] = "http://127.0.0.1:1"
    assert run("health", "--url", f"{answering}/200") == 0


@pytest.mark.parametrize("status", ["204", "301", "404", "500", "503"])
def test_health_of_an_ill_server(answering: str, status: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Any other status is exit code 1, and is named."""
    assert run("health", "--url", f"{answering}/{status}") == 1
    assert status in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "ftp://x/", "nonsense", "http://[::1", "http://x:99999/"]
)
def test_health_of_nothing(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No server, or no URL, is exit code 1 and one line."""
    assert run("health", "--url", url) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "http://127.0.0.1:8080/health"),
        ({"HOST": "::", "PORT": "9"}, "http://[::1]:9/health"),
        ({"HOST": "192.0.2.1"}, "http://192.0.2.1:8080/health"),
    ],
)
def test_where_health_asks(environ: dict[str, str], expected: str) -> None:
    """Without --url it asks where a server with the same settings listens."""
    assert expected == own_health_url(load(environ))


HEAD = b"GET /a HTTP/1.1\nHost: shop.example\nX-Forwarded-For: 203.0.113.7\nX-Forwarded-Proto: https\n\n"


def test_explain_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict offline, readable in a terminal."""
    file = tmp_path / "head"
    file.write_bytes(HEAD)
    assert 0 == run("explain", str(file), "--peer", "10.0.0.9", "--trusted-proxies", "10.0.0.0/8")
    text = capsys.readouterr().out
    assert "GET https://shop.example/a" in text
    assert "203.0.113.7" in text


def test_explain_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same as JSON, with the keys of the inspection; nobody is trusted by default."""
    file = tmp_path / "head"
    file.write_bytes(HEAD)
    assert 0 == run("explain", "--json", "--peer", "10.0.0.9", str(file))
    document = json.loads(capsys.readouterr().out)
    assert ("10.0.0.9", "http://shop.example/a") == (document["remote_addr"], document["url"])
    assert "forwarded-by-untrusted" in [finding["code"] for finding in document["findings"]]


def test_explain_a_user_agent(capsys: pytest.CaptureFixture[str]) -> None:
    """Would this device be let in, and why."""
    assert 0 == run("explain", "--user-agent", user_agents.WATCH)
    text = capsys.readouterr().out
    assert "Device: watch" in text
    assert "not allowed (block:watch)" in text


def test_explain_nonsense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is no request is refused in one line."""
    file = tmp_path / "head"
    file.write_bytes(b"\x16\x03\x01")
    assert 2 == run("explain", str(file))
    assert 2 == run("explain", str(tmp_path / "missing"))
    assert 2 == len(capsys.readouterr().err.splitlines())
