"""Compile every module under a folder, for the Python that runs this, to the same bytes wherever it runs.

usage: compile_tree.py SOURCES OUTPUT PREFIX

Writes one marshalled dictionary to the file OUTPUT: ``a/b.py`` -> the code of ``SOURCES/a/b.py``, with
``PREFIX/a/b.py`` as the path that tracebacks show. What no program reads of a module stays in its source:
docstrings but for those that are printed, annotations of functions, and what is for type checkers alone.
Together that is a quarter of the bytecode. Two things that can make the bytes of two runs differ are left to
the caller: a fixed PYTHONHASHSEED (the order of sets in constants), and a fresh process (marshal notes
whether a name is used elsewhere in the process).
"""

from __future__ import annotations

import ast
import marshal
import sys
from pathlib import Path
from types import CodeType
from typing import Any

PRINTS_DOCSTRINGS = "site-packages/yourl/cli/"  # click makes the help of a command from its docstring


def compile_tree(sources: Path, prefix: str) -> dict[str, CodeType]:
    """Path -> code, in a fixed order; a source that this Python cannot read is left out."""
    compiled = {}
    for source in sorted(sources.rglob("*.py"), key=lambda path: path.as_posix()):
        inside = source.relative_to(sources).as_posix()
        if not source.stem.isidentifier():
            continue  # not a module: gunicorn.conf.py, say
        try:
            tree = trimmed(ast.parse(source.read_bytes()), docstrings=inside.startswith(PRINTS_DOCSTRINGS))
            code = compile(tree, f"{prefix}/{inside}", "exec", dont_inherit=True, optimize=0)
        except SyntaxError:
            continue
        compiled[inside] = with_ordered_sets(code) if sys.version_info < (3, 11) else code
    return compiled


def trimmed(tree: ast.Module, *, docstrings: bool) -> ast.Module:
    """``tree`` without what only people and type checkers read; docstrings stay if wanted.

    Assertions and line numbers stay, which ``python -OO`` would not keep.
    """
    if not docstrings:
        drop_docstrings(tree)
    trimmed_tree = _Trimmer().visit(tree)
    assert isinstance(trimmed_tree, ast.Module)  # for mypy
    return trimmed_tree


def drop_docstrings(tree: ast.Module) -> None:
    """Remove every docstring."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node, clean=False) is None:
                continue
            docstring = node.body.pop(0)
            if not node.body:
                node.body.append(ast.copy_location(ast.Pass(), docstring))


class _Trimmer(ast.NodeTransformer):
    """Removes annotations of functions, overloads, and what stands under ``if TYPE_CHECKING``.

    Annotations of classes stay: dataclasses and named tuples are made from them.
    """

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        if _last_name(node.test) != "TYPE_CHECKING":
            return node
        return node.orelse or ast.copy_location(ast.Pass(), node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        if "overload" in map(_last_name, node.decorator_list):
            return ast.copy_location(ast.Pass(), node)
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> Any:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node


def _last_name(expression: ast.expr) -> str:
    """``c`` of ``a.b.c``."""
    name = getattr(expression, "attr", None) or getattr(expression, "id", "")
    return str(name)


def with_ordered_sets(code: CodeType) -> CodeType:
    """``code`` with tuples for those constant sets that marshal would write in the order of memory addresses.

    Python 3.10 writes a set as it is iterated, and hashes None by its address; 3.11 sorts what it writes.
    The compiler makes constant sets only for ``in``, ``for`` and to fill a set, which take a tuple as well.
    """
    return code.replace(co_consts=tuple(map(ordered_constant, code.co_consts)))


def ordered_constant(constant: object) -> object:
    """One constant of a code object, made to look the same in every process."""
    if isinstance(constant, CodeType):
        return with_ordered_sets(constant)
    if isinstance(constant, frozenset) and not all(isinstance(member, str | int) for member in constant):
        return tuple(sorted(constant, key=repr))
    return constant


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(marshal.dumps(compile_tree(Path(sys.argv[1]), sys.argv[3])))
