"""Compile every module under a folder, for the Python that runs this, to the same bytes wherever it runs.

usage: compile_tree.py SOURCES OUTPUT PREFIX

Writes ``OUTPUT/a/b.pyc`` for ``SOURCES/a/b.py``, with ``PREFIX/a/b.py`` as the path that tracebacks show.
Docstrings, a sixth of the bytecode, stay in the sources, but for those that a program prints. The
bytecode is never checked against its source (PEP 552, unchecked hash): both lie in one archive. Two things
that can make the bytes of two runs differ are left to the caller: a fixed PYTHONHASHSEED (the order of sets
in constants), and a fresh process (marshal notes whether a name is used elsewhere in the process).
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
import sys
from pathlib import Path
from types import CodeType

PRINTS_DOCSTRINGS = "site-packages/yourl/cli/"  # click makes the help of a command from its docstring
UNCHECKED_HASH = (0b01).to_bytes(4, "little")


def compile_tree(sources: Path, output: Path, prefix: str) -> None:
    """Compile in a fixed order; a source that this Python cannot read is left to itself."""
    for source in sorted(sources.rglob("*.py"), key=lambda path: path.as_posix()):
        inside = source.relative_to(sources)
        if not source.stem.isidentifier():
            continue  # not a module: gunicorn.conf.py, say
        text = source.read_bytes()
        try:
            tree = ast.parse(text)
            if not inside.as_posix().startswith(PRINTS_DOCSTRINGS):
                drop_docstrings(tree)
            code = compile(tree, f"{prefix}/{inside.as_posix()}", "exec", dont_inherit=True, optimize=0)
        except SyntaxError:
            continue
        if sys.version_info < (3, 11):
            code = with_ordered_sets(code)
        header = importlib.util.MAGIC_NUMBER + UNCHECKED_HASH + importlib.util.source_hash(text)
        target = output / inside.with_suffix(".pyc")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(header + marshal.dumps(code))


def drop_docstrings(tree: ast.Module) -> None:
    """Remove every docstring; assertions and line numbers stay, which ``python -OO`` would not keep."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            if ast.get_docstring(node, clean=False) is None:
                continue
            docstring = node.body.pop(0)
            if not node.body:
                node.body.append(ast.copy_location(ast.Pass(), docstring))


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
    compile_tree(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
