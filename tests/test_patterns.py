"""Every regular expression that sees a client's bytes takes time linear in their number.

The patterns are found, not listed by hand: every module is imported in a process that records what is
compiled, also by ``re.fullmatch`` and its like when a function first runs. A module with patterns must stand
in one of two tables: its patterns see what clients send, or only what the operator wrote.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import yourl
from tests.growth import LIMIT, growth

PACKAGE = Path(yourl.__file__).parent

FROM_CLIENTS = (
    "captures",
    "content",
    "devices",
    "http1",
    "pages",
    "proxies",
    "redaction",
    "server",
    "text",
    "views",
)
"""Rooms whose patterns see a client's bytes."""
FROM_OPERATORS = ("cli", "explain", "sbom", "settings")
"""Rooms whose patterns see settings, files and arguments only."""

METHODS = ("search", "match", "fullmatch", "sub", "finditer", "findall", "split")
RECORDER = """
import importlib, json, pkgutil, re, sys
found, compile_pattern = [], re._compile
def recorded(pattern, flags):
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] in ("re", "functools"):
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "")
    if name.partition(".")[0] == "yourl" and isinstance(pattern, (str, bytes)):
        text = pattern if isinstance(pattern, str) else pattern.decode("latin-1")
        found.append((name, frame.f_lineno, text, isinstance(pattern, bytes), int(flags)))
    return compile_pattern(pattern, flags)
re._compile = recorded
import yourl
for module in pkgutil.walk_packages(yourl.__path__, "yourl."):
    if module.name not in ("yourl.__main__", "yourl.wsgi"):
        importlib.import_module(module.name)
from yourl.devices import warm_rules
warm_rules()
print(json.dumps(found))
"""


class Used(NamedTuple):
    """One pattern and one way in which the package uses it."""

    module: str
    name: str
    pattern: str
    is_bytes: bool
    flags: int
    method: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}.{self.method}"


@cache
def compiled() -> list[tuple[str, int, str, bool, int]]:
    """Module, line, pattern, whether of bytes, and flags of everything that the package compiles when
    imported."""
    ran = subprocess.run(
        [sys.executable, "-c", RECORDER], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return [tuple(entry) for entry in json.loads(ran.stdout)]


def tree_of(module: str) -> ast.Module:
    """The syntax tree of a module."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def name_at(tree: ast.Module, line: int) -> str:
    """The name that a statement at this line assigns; empty where it is in a function."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and node.lineno <= line <= (node.end_lineno or 0):
            return getattr(node.targets[0], "id", "")
    return ""


def methods_of(tree: ast.Module, name: str) -> set[str]:
    """The methods that are called on a pattern of this name; on any but ``re`` for one without."""
    return {
        node.attr for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in METHODS
        and (mentions(node.value, name) if name else not isinstance(node.value, ast.Name))
    }  # fmt: skip


def mentions(expression: ast.expr, name: str) -> bool:
    """Whether a name stands anywhere in an expression."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expression))


def text_of(pattern: str | bytes) -> tuple[str, bool]:
    """A pattern as text, and whether it is one of bytes."""
    return (pattern, False) if isinstance(pattern, str) else (pattern.decode("latin-1"), True)


def inline(tree: ast.Module, module: str) -> list[Used]:
    """Patterns that are written where they are used: ``re.fullmatch(r"…", text)``."""
    return [
        Used(module, f"line {node.lineno}", *text_of(node.args[0].value), 0, node.func.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        and getattr(node.func.value, "id", None) == "re" and node.func.attr in METHODS
        and isinstance(node.args[0], ast.Constant)
    ]  # fmt: skip


def used_on_clients_bytes() -> list[Used]:
    """Each pattern that sees what a client sends, with each of its methods."""
    found = []
    for module, line, pattern, is_bytes, flags in compiled():
        if room_of(module) in FROM_CLIENTS:
            tree = tree_of(module)
            name = name_at(tree, line)
            for method in sorted(methods_of(tree, name)):
                found.append(Used(module, name or f"line {line}", pattern, is_bytes, flags, method))
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        if room_of(module) in FROM_CLIENTS:
            found += inline(tree_of(module), module)
    return list(dict.fromkeys(found))


def room_of(module: str) -> str:
    """The part of the package that a module belongs to."""
    return [*module.split("."), "yourl"][1]


def test_every_module_with_patterns_is_classified() -> None:
    """A new module with a pattern has to say whose text it sees."""
    rooms = {room_of(module) for module, *_ in compiled()}
    assert rooms <= {*FROM_CLIENTS, *FROM_OPERATORS}
    assert not {*FROM_CLIENTS} & {*FROM_OPERATORS}


def test_no_pattern_is_made_of_a_clients_words() -> None:
    """``re`` functions get patterns that stand in the source, never one made of a parameter's text."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.walk(tree_of(module)):
            is_use = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if is_use and getattr(node.func.value, "id", None) == "re" and node.func.attr in METHODS:  # type: ignore[attr-defined]
                assert isinstance(node.args[0], ast.Constant), f"{module}:{node.lineno}"  # type: ignore[attr-defined]


def test_every_pattern_has_a_use() -> None:
    """For each pattern that sees a client's bytes a method is found, so each is timed."""
    timed = {(used.module, used.pattern) for used in used_on_clients_bytes()}
    for module, line, pattern, *_ in compiled():
        if room_of(module) in FROM_CLIENTS:
            assert (module, pattern) in timed, f"{module}:{line}"


UNITS = (
    *("a", " ", "\t", "0", ".", ",", ";", "=", ":", "/", "-", "%", "&", '"', "\\", "(", "\n", "\r\n", "\x00"),
    *("\xff", "a.", "a-", "a,", "a=", ' "', '="', '\\"', "a:b\r\n", " ,", "1.1", "::", "%2", "../", "</"),
)


def units_of(used: Used) -> list[str]:
    """What to repeat: the units above, and the words of the pattern itself, alone and with what may
    follow."""
    words = list(dict.fromkeys(re.findall(r"[A-Za-z]{3,}", used.pattern)))[:4]
    return [*UNITS, *words, *(f"{word} " for word in words), *(f"{word}/" for word in words)]


def call_on(used: Used, unit: str, ending: str) -> Callable[[int], Callable[[], Any]]:
    """What ``growth`` measures: the pattern's method on text of a size."""
    pattern = re.compile(used.pattern.encode("latin-1") if used.is_bytes else used.pattern, used.flags)
    method = getattr(pattern, used.method)

    def make(size: int) -> Callable[[], Any]:
        text: Any = (unit * (size // len(unit) + 1))[:size] + ending
        text = text.encode("latin-1") if used.is_bytes else text
        if used.method == "sub":
            return lambda: method("", text)
        return lambda: list(method(text)) if used.method == "finditer" else method(text)

    return make


@pytest.mark.parametrize("used", used_on_clients_bytes(), ids=str)
def test_time_is_linear(used: Used) -> None:
    """Eight times the text takes about eight times as long, whatever is repeated and however it ends."""
    for unit in units_of(used):
        for ending in ("", "\x01"):
            assert growth(call_on(used, unit, ending)) < LIMIT, f"{unit!r} and {ending!r}"


@pytest.mark.parametrize(
    ("pattern", "unit"),
    [(r"([^&;=]*)=([^&;]*)", "a"), (r" *, *", " "), (r"a*!", "a"), (r"\w+@", "a"), (r"\A(.*?),(.*?),x", ",")],
)  # fmt: skip
def test_what_is_worse_than_linear_is_found(pattern: str, unit: str) -> None:
    """The measure tells the patterns that were here before, and others of their kinds."""
    used = Used("", "", pattern, False, 0, "search")
    assert growth(call_on(used, unit, "\x01"), size=200) > LIMIT
