"""Every documented way to start it: the wheel in a new environment, plain Gunicorn, Flask's reloader."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from build_zipapp import pip_environment
from tests.functional.harness import PATIENCE, ROOT, Server, clean_environment, running, wait_until
from tests.packing.test_sbom import validate
from yourl import __version__

FILES = ("gunicorn.conf.py", "pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "requirements.in")
GUNICORN = [str(Path(sys.executable).with_name("gunicorn")), "--config", "gunicorn.conf.py", "yourl.wsgi:app"]


def copy_of_checkout(folder: Path) -> Path:
    """What is needed to install the project, at another place."""
    for name in ("yourl", "packing"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of a new environment in which ``pip install .`` is all that was done."""
    folder = tmp_path_factory.mktemp("installed")
    source = copy_of_checkout(folder)
    commands = [
        [sys.executable, "-m", "venv", str(folder / "env")],
        [str(folder / "env/bin/python"), "-m", "pip", "install", "--quiet", str(source)],
    ]
    for command in commands:
        subprocess.run(command, env=pip_environment(os.environ), capture_output=True, check=True, text=True)
    for name in ("yourl", "packing", *FILES):  # nothing of the checkout may be needed any more
        path = source / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return folder / "env/bin"


def test_the_wheel_has_every_file_of_the_package(installed: Path) -> None:
    """Modules, templates, static files and the Gunicorn configuration."""
    (package,) = installed.parent.glob("lib/python*/site-packages/yourl")
    have = {
        path.relative_to(package) for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"
    }
    tracked = (ROOT / "yourl").rglob("*")
    wanted = {
        path.relative_to(ROOT / "yourl") for path in tracked if path.is_file() and path.suffix != ".pyc"
    }
    assert have == {*wanted, Path("gunicorn.conf.py")}


@pytest.mark.parametrize("command", [["yourl"], ["python", "-m", "yourl"]], ids=["yourl", "python-m"])
def test_an_installed_wheel_serves(installed: Path, command: list[str], tmp_path: Path) -> None:
    """The command and the module start the production server, page included."""
    program = [str(installed / command[0]), *command[1:]]
    with running(program, {"YOURL_DRAIN": "600"}, cwd=tmp_path) as server:
        assert server.get("/health").json["wsgi_server"] == "gunicorn"
        browser = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        assert "<html" in server.get("/", headers=browser).text
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.get("/ready").status == 503, "/ready to fail")


def test_an_installed_wheel_lists_what_is_installed(installed: Path, tmp_path: Path) -> None:
    """``yourl --sbom`` is valid and names the very packages of its environment."""
    environment = clean_environment()
    command = [str(installed / "yourl"), "--sbom"]
    bill = subprocess.run(command, env=environment, capture_output=True, check=True, cwd=tmp_path)
    document = json.loads(bill.stdout)
    validate(document)
    asked = [
        str(installed / "python"),
        "-m",
        "pip",
        "list",
        "--format",
        "json",
        "--disable-pip-version-check",
    ]
    listed = json.loads(subprocess.run(asked, env=environment, capture_output=True, check=True).stdout)
    versions = {package["name"].lower().replace("_", "-"): package["version"] for package in listed}
    for tool in ("pip", "setuptools", "yourl"):
        versions.pop(tool, None)
    assert {part["name"]: part["version"] for part in document["components"]} == versions


@pytest.fixture
def plain_gunicorn() -> Iterator[Server]:
    """Gunicorn's own command in the checkout."""
    with running(GUNICORN, {"YOURL_DRAIN": "600"}, cwd=ROOT) as server:
        wait_until(lambda: len(server.children()) == 2, "both workers")
        yield server


def test_plain_gunicorn_drains(plain_gunicorn: Server) -> None:
    """After SIGTERM /ready is 503 while requests are still served; a second one ends the drain at once."""
    assert plain_gunicorn.get("/ready").status == 200
    plain_gunicorn.signal(signal.SIGTERM)
    wait_until(lambda: plain_gunicorn.get("/ready").status == 503, "/ready to fail")
    assert plain_gunicorn.get("/api").status == 200
    plain_gunicorn.signal(signal.SIGTERM)
    assert plain_gunicorn.process.wait(PATIENCE) == 0
    assert "Traceback" not in plain_gunicorn.stderr


def test_plain_gunicorn_stops_when_the_drain_is_over() -> None:
    """One SIGTERM is enough, and a worker that ends meanwhile is replaced."""
    with running(GUNICORN, {"YOURL_DRAIN": "8"}, cwd=ROOT) as server:
        server.signal(signal.SIGTERM)
        wait_until(lambda: server.get("/ready").status == 503, "/ready to fail")
        victim = min(server.children())
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda: len(server.children() - {victim}) == 2, "a worker in its place")
        assert server.process.wait(PATIENCE) == 0


def test_plain_gunicorn_refuses_bad_settings() -> None:
    """Every fault at once and exit code 2, as ``yourl`` does."""
    environment = clean_environment({"PORT": "x", "YOURL_GUARD": "maybe"})
    ended = subprocess.run(GUNICORN, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 2
    assert [line.split()[0] for line in ended.stderr.splitlines()] == ["PORT", "YOURL_GUARD"]


def test_a_successor_keeps_the_session(plain_gunicorn: Server) -> None:
    """After USR2 the new master's workers answer with the session id of the run."""
    session = plain_gunicorn.get("/status").json["session_id"]
    before = plain_gunicorn.children()
    plain_gunicorn.signal(signal.SIGUSR2)
    wait_until(lambda: "Re-executing" in plain_gunicorn.stderr, "a second master")
    wait_until(lambda: plain_gunicorn.stderr.count("Ready: listening") == 2, "its workers")
    (successor,) = plain_gunicorn.children() - before
    try:
        plain_gunicorn.signal(signal.SIGTERM)
        assert plain_gunicorn.process.wait(PATIENCE) == 0
        assert plain_gunicorn.get("/status").json["session_id"] == session
    finally:
        os.kill(successor, signal.SIGQUIT)
        wait_until(lambda: not Path(f"/proc/{successor}/fd/0").exists(), "the end of the second master")


def test_flask_reloads_on_change(tmp_path: Path) -> None:
    """The way to run while editing, from CONTRIBUTING.md: a changed module is served without a restart."""
    source = copy_of_checkout(tmp_path)
    command = [sys.executable, "-m", "flask", "--app", "yourl.wsgi", "run", "--reload", "--port"]
    with running(["sh", "-c", f'exec {" ".join(command)} "$PORT"'], cwd=source) as server:
        assert server.get("/health").json["version"] == __version__
        module = source / "yourl/__init__.py"
        module.write_text(module.read_text().replace(f'"{__version__}"', '"9.9.9"'))

        def is_new() -> bool:
            try:
                return bool(server.get("/health").json["version"] == "9.9.9")
            except OSError:
                return False

        wait_until(is_new, "the changed version")
