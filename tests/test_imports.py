"""Imports go one way, and the pure rooms import no framework."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import yourl

PACKAGE = Path(yourl.__file__).parent

# Each room may import the rooms left of it, never one to its right.
ORDER = [
    "yourl", "lazy", "errors", "promise", "text", "json_text", "drain", "redaction", "http1", "metrics",
    "hosts", "proxies", "devices", "guard", "content", "inspection", "representation", "har", "explain",
    "captures", "pages", "answers", "expectations", "openapi", "settings", "context", "views", "app",
    "storage", "wsgi", "server", "cli", "__main__",
]  # fmt: skip
ROOM_OF = {"sbom": "errors"}
PURE = {*ORDER[: ORDER.index("views")]} - {"metrics"}
# What the process-side rooms share with the application without being imported by it.
LEAVES = {"yourl.drain", "yourl.http1.limits"}


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def name_of(module: Path) -> str:
    """``yourl.views.echo`` and its like."""
    parts = module.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def room_of(name: str) -> str:
    """The room that a module belongs to."""
    parts = name.split(".")
    room = parts[1] if len(parts) > 1 else "yourl"
    return ROOM_OF.get(room, room)


def imports_of(module: Path, *, top_level: bool = False) -> set[str]:
    """Names of the modules that a module imports; with ``top_level`` only those that importing it imports."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            source = absolute_name(module, node)
            found |= {f"{source}.{alias.name}" for alias in node.names} | {source}
    return found


def absolute_name(module: Path, node: ast.ImportFrom) -> str:
    """The module that ``from … import`` names, also where it does so relatively."""
    if node.level == 0:
        return str(node.module)
    package = list(module.relative_to(PACKAGE.parent).parts)[: -node.level]
    return ".".join([*package, *([node.module] if node.module else [])])


@pytest.mark.parametrize("module", modules(), ids=name_of)
def test_imports_go_one_way(module: Path) -> None:
    """No room imports one that builds on it."""
    own = ORDER.index(room_of(name_of(module)))
    known = {name_of(path) for path in modules()}
    for name in imports_of(module) & known - {"yourl"}:
        assert ORDER.index(room_of(name)) <= own, f"{name_of(module)} imports {name}"


@pytest.mark.parametrize("module", [m for m in modules() if room_of(name_of(m)) in PURE], ids=name_of)
def test_pure_rooms_import_no_framework(module: Path) -> None:
    """The core can be used, and tested, without Flask and Gunicorn, and reads no environment."""
    roots = {name.partition(".")[0] for name in imports_of(module)}
    assert not roots & {"flask", "gunicorn", "click"}
    assert "environ" not in {node.attr for node in ast.walk(ast.parse(module.read_text()))
                             if isinstance(node, ast.Attribute)}  # fmt: skip


@pytest.mark.parametrize(
    "module", [m for m in modules() if room_of(name_of(m)) in ("views", "app")], ids=name_of
)
def test_views_do_not_know_gunicorn(module: Path) -> None:
    """The application runs under any WSGI server."""
    assert "gunicorn" not in {name.partition(".")[0] for name in imports_of(module)}


@pytest.mark.parametrize(
    "module", [m for m in modules() if room_of(name_of(m)) in ("views", "app")], ids=name_of
)
def test_one_module_of_the_application_knows_flask(module: Path) -> None:
    """The probes that a start waits for are answered before Flask is imported."""
    knows = "flask" in {name.partition(".")[0] for name in imports_of(module)}
    assert knows == (name_of(module) == "yourl.views.framework")


FIRST_ANSWER = """
import io, sys
import yourl.__main__, yourl.server.application, yourl.server.hooks, yourl.server.worker
from yourl.server.logs import gunicorn_logger
from yourl.app import create_app
from yourl.settings import load
from yourl.storage import open_store

settings = load({})
app = create_app(settings, store=open_store(settings), complete=False)
statuses = []
environ = {
    "REQUEST_METHOD": "GET", "PATH_INFO": "/health", "SERVER_NAME": "a", "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "a.example", "wsgi.url_scheme": "http",
    "wsgi.input": io.BytesIO(),
}
b"".join(app(environ, lambda status, headers: statuses.append(status)))
print(*statuses, *sys.modules, sep="\\n")
"""
NOT_FOR_THE_FIRST_ANSWER = (
    *("flask", "werkzeug", "jinja2", "itsdangerous", "blinker", "click", "yourl.cli.group"),
    *("sqlite3", "redis", "prometheus_client", "user_agents", "ua_parser", "segno", "click.shell_completion"),
    *("yourl.content", "yourl.devices.rules", "yourl.expectations", "yourl.explain", "yourl.inspection"),
    *(
        "yourl.captures.ids",
        "yourl.cli.sending",
        "yourl.captures.model",
        "yourl.captures.store",
        "yourl.captures.sqlite",
        "yourl.captures.redis",
    ),
    *("yourl.openapi", "yourl.pages", "yourl.proxies.findings", "yourl.proxies.fixes", "yourl.sbom"),
)


def test_a_start_imports_nothing_that_the_first_answer_does_not_need() -> None:
    """A server answers /health before the views, the stores, the pages and the verdict are imported."""
    asked = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER], cwd=PACKAGE.parent, capture_output=True, text=True, check=True
    )
    status, *imported = asked.stdout.splitlines()
    assert status == "200 OK"
    assert [
        name
        for name in imported
        for late in NOT_FOR_THE_FIRST_ANSWER
        if name == late or name.startswith(late + ".")
    ] == []


def test_every_module_says_what_it_is_for() -> None:
    """Each module starts with a docstring."""
    assert [
        name_of(m) for m in modules() if not ast.get_docstring(ast.parse(m.read_text(encoding="utf-8")))
    ] == []
