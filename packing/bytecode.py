"""Which Pythons the archive carries bytecode for, and how it is made."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from packing.programs import BuildError, bare_environment, finished, last_line

OLDEST = (3, 10)
SITE = "site-packages"
COMPILE_TREE = Path(__file__).resolve().with_name("compile_tree.py")
# Never imported by a server of ours: packed, importable, but not worth the bytecode (a sixth of the file).
_NOT_IMPORTED = (
    "click/_termui_impl", "click/_winconsole", "click/testing", "flask/__main__", "flask/debughelpers",
    "flask/testing", "flask/views",
    "gunicorn/app/pasterapp", "gunicorn/asgi/", "gunicorn/ctl/", "gunicorn/dirty/",
    "gunicorn/http2/async_connection", "gunicorn/http2/connection", "gunicorn/http2/h2conn",
    "gunicorn/http2/request", "gunicorn/instrument/", "gunicorn/uwsgi/", "gunicorn/workers/base_async",
    "gunicorn/workers/gasgi", "gunicorn/workers/ggevent", "gunicorn/workers/gtornado", "jinja2/constants",
    "jinja2/debug", "jinja2/ext", "jinja2/meta", "jinja2/nativetypes", "jinja2/sandbox",
    "prometheus_client/aiohttp/",
    "prometheus_client/bridge/", "prometheus_client/django/", "prometheus_client/openmetrics/parser",
    "prometheus_client/parser", "prometheus_client/twisted/", "segno/", "ua_parser/__main__",
    "ua_parser/re2", "ua_parser/regex", "user_agents/tests", "werkzeug/_reloader", "werkzeug/debug/",
    "werkzeug/middleware/", "werkzeug/testapp",
    "yourl/captures/redis/", "yourl/sbom",
)  # fmt: skip
# Imported after the first answer, or by other commands than serve. A module that is missing here only makes
# the start read more than it needs; one that is here without need makes it unpack both blocks.
AFTER_THE_FIRST_ANSWER = (
    "blinker/", "click/_textwrap", "click/shell_completion", "flask/",
    "gunicorn/__main__", "gunicorn/app/wsgiapp", "gunicorn/workers/sync", "itsdangerous/", "jinja2/",
    "markupsafe/", "prometheus_client/", "ua_parser/", "ua_parser_builtins/", "user_agents/", "werkzeug/",
    "yourl/captures/access", "yourl/captures/codec", "yourl/captures/comparison",
    "yourl/captures/documents", "yourl/captures/ended_sessions", "yourl/captures/exports/",
    "yourl/captures/ids", "yourl/captures/masking", "yourl/captures/model",
    "yourl/captures/queries", "yourl/captures/rules", "yourl/captures/search",
    "yourl/captures/signatures/", "yourl/captures/sqlite/", "yourl/captures/store",
    "yourl/captures/timeline", "yourl/captures/wakeups", "yourl/content/", "yourl/devices/classification",
    "yourl/devices/client_hints", "yourl/devices/conclusions", "yourl/devices/model_names",
    "yourl/devices/pattern_words", "yourl/devices/rule_groups", "yourl/devices/rules",
    "yourl/devices/shortlist", "yourl/devices/user_agents", "yourl/expectations", "yourl/explain/",
    "yourl/har", "yourl/inspection", "yourl/openapi/", "yourl/pages/", "yourl/proxies/case",
    "yourl/proxies/chain",
    "yourl/proxies/decision", "yourl/proxies/evaluation", "yourl/proxies/evidence/",
    "yourl/proxies/fields", "yourl/proxies/findings/", "yourl/proxies/fixes/", "yourl/proxies/forwarded",
    "yourl/proxies/hops",
    "yourl/server/allocator", "yourl/server/flask_server", "yourl/views/bearer", "yourl/views/echo",
    "yourl/views/inboxes", "yourl/views/live/", "yourl/views/openapi", "yourl/views/framework",
    "yourl/views/sessions", "yourl/views/waiting", "yourl/wsgi",
)  # fmt: skip
SOURCE_ONLY = ("_bootstrap/", *(f"{SITE}/{name}" for name in _NOT_IMPORTED))


@dataclass(frozen=True)
class Interpreter:
    """A Python that the archive carries bytecode for."""

    path: str
    version: tuple[int, int]
    cache_tag: str
    magic: str  # hexadecimal


def interpreters(names: Sequence[str]) -> list[Interpreter]:
    """This Python, then each of ``names`` whose bytecode differs from those before it."""
    found: dict[str, Interpreter] = {}
    for name in [sys.executable, *names]:
        interpreter = interpreter_called(name)
        found.setdefault(interpreter.magic, interpreter)
    return list(found.values())


def interpreter_called(name: str) -> Interpreter:
    """Ask a Python what it is.

    :raises BuildError: when there is none of that name, or one that is too old
    """
    path = shutil.which(name)
    if path is None:
        raise BuildError(f"there is no Python called {name}")
    question = (
        "import importlib.util, json, sys; print(json.dumps([list(sys.version_info[:2]), "
        "sys.implementation.cache_tag, importlib.util.MAGIC_NUMBER.hex()]))"
    )
    asked = finished([path, "-s", "-S", "-c", question], bare_environment())
    try:
        (major, minor), cache_tag, magic = json.loads(asked.stdout)
    except ValueError:
        raise BuildError(f"{name} is not a Python that works") from None
    if (major, minor) < OLDEST:
        raise BuildError(f"{name} is Python {major}.{minor}; yourl needs 3.10 or newer")
    return Interpreter(path, (major, minor), cache_tag, magic)


def bytecode(work: Path, entries: Mapping[str, bytes], pythons: Sequence[Interpreter]) -> dict[str, bytes]:
    """Name -> content of the bytecode, two blocks for each Python; ``packing/entry.py`` reads them.

    A block is compressed as a whole: modules have much in common. What the first answer needs is left to the
    zip's own compression, which is unpacked three times as fast. For several Pythons that would be too large:
    there xz saves an eighth of the file, and costs 20 ms.

    :raises BuildError: when this Python has no lzma, or one of ``pythons`` cannot compile
    """
    try:
        from lzma import CHECK_CRC32, PRESET_EXTREME, compress
    except ImportError as error:
        raise BuildError("this Python lacks lzma, which compresses the bytecode") from error
    modules = {name: text for name, text in entries.items() if is_compiled(name)}
    late = {name for name in modules if name.removeprefix(f"{SITE}/").startswith(AFTER_THE_FIRST_ANSWER)}
    blocks: dict[str, bytes] = {}
    for python in pythons:
        for block, names in (("start", modules.keys() - late), ("rest", late)):
            compiled = compile_for(
                python, {name: modules[name] for name in names}, work / block / python.magic
            )
            name = f"bytecode/{python.cache_tag}-{python.magic}/{block}"
            if block == "rest" or len(pythons) > 1:
                name, compiled = (
                    f"{name}.xz",
                    compress(compiled, check=CHECK_CRC32, preset=9 | PRESET_EXTREME),
                )
            blocks[name] = compiled
    return blocks


def is_compiled(name: str) -> bool:
    """Whether an entry is a module that a server may import."""
    return name.endswith(".py") and name != "__main__.py" and not name.startswith(SOURCE_ONLY)


def compile_for(python: Interpreter, modules: Mapping[str, bytes], work: Path) -> bytes:
    """The marshalled code of modules, from a process whose state does not depend on the machine.

    :raises BuildError: when that fails
    """
    sources, output = work / "sources", work / "output"
    for name, content in modules.items():
        path = sources / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    environment = {**bare_environment(), "PYTHONHASHSEED": "0"}
    # Columns, which tracebacks underline errors with, are a fifth of the bytecode.
    options = ["-s", "-S", "-B", "-W", "ignore", "-X", "no_debug_ranges"]
    command = [python.path, *options, str(COMPILE_TREE)]
    compiled = finished([*command, str(sources), str(output), "yourl.pyz"], environment)
    if compiled.returncode != 0:
        raise BuildError(f"{python.path} could not compile the modules: {last_line(compiled.stderr)}")
    return output.read_bytes()
