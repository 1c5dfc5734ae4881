"""Where Python starts in yourl.pyz (packed as ``__main__.py``): makes it a world of its own, and runs yourl.

Python 2.7 must be able to read this file, or an unsupported Python would answer with a SyntaxError.
Knows nothing of the package but its ``main``.
"""
# ruff: noqa: F401, PTH100, PTH118, PTH119, PTH120, RUF005, UP031  # names in type comments look unused

import gc
import os
import sys

OLDEST = (3, 10)
IMPORTER = "_importer.py"  # packing/importer.py, in the archive
TYPE_CHECKING = False  # True for mypy; typing itself would cost time at every start
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any
    from zipimport import zipimporter


def main():
    # type: () -> int
    """Run yourl in place, or let shiv unpack it first where its own variables ask for that; exit code."""
    if sys.version_info < OLDEST:
        have = "%d.%d (%s)" % (sys.version_info[0], sys.version_info[1], sys.executable)
        sys.stderr.write("yourl needs Python %d.%d or newer; this is Python %s\n" % (OLDEST + (have,)))
        return 2
    # Nearly all that a start makes stays: looking for garbage every 700 objects took 6 % of its time.
    gc.set_threshold(10000)
    archive = os.path.abspath(sys.path[0])
    search_archive_first(archive)
    if unpacking_is_asked_for(os.environ):
        from _bootstrap import bootstrap  # type: ignore[import-not-found]  # shiv puts it into the archive

        bootstrap()
        return 0
    import_in_place(archive)
    from yourl.__main__ import main as run

    return run()


def unpacking_is_asked_for(environ):
    # type: (os._Environ[str]) -> bool
    """Whether shiv's variables say so; what counts as yes is shiv's rule."""
    force = environ.get("SHIV_FORCE_EXTRACT", "").lower() in ("yes", "true", "t", "1")
    return bool(environ.get("SHIV_ROOT")) or force


def search_archive_first(archive):
    # type: (str) -> None
    """Then the standard library, then all that came from outside.

    The archive itself stays in front of its site-packages: shiv puts what it unpacks before the first
    site-packages that it finds, but not where that is the first entry of all.
    """
    standard = [entry for entry in sys.path[1:] if is_standard_library(entry)]
    foreign = [entry for entry in sys.path[1:] if not is_standard_library(entry)]
    sys.path[:] = [archive, os.path.join(archive, "site-packages")] + standard + foreign


def is_standard_library(entry):
    # type: (str) -> bool
    """Whether ``entry`` is where Python has its library, the compiled part of it, or its zip.

    A name is not enough: any folder in PYTHONPATH may be called lib-dynload.
    """
    library = os.path.dirname(os.__file__)
    compiled = os.path.join(sys.base_exec_prefix, sys.platlibdir, os.path.basename(library), "lib-dynload")
    windows = os.path.join(sys.base_exec_prefix, "DLLs")
    zipped = os.path.join(sys.base_prefix, sys.platlibdir, "python%d%d.zip" % sys.version_info[:2])
    return entry in (library, os.path.join(library, "lib-dynload"), compiled, windows, zipped)


def import_in_place(archive):
    # type: (str) -> None
    """Teach the import system to read the archive well, and before anything that others add to its path."""
    import zipimport
    from importlib.util import MAGIC_NUMBER

    files = zipimport.zipimporter(archive)
    folder = "%s-%s" % (sys.implementation.cache_tag, MAGIC_NUMBER.hex())
    start, rest = [os.path.join(archive, "bytecode", folder, block) for block in ("start", "rest")]
    codes = bytecode(files, start)
    code = codes.pop(IMPORTER, None)
    if code is None:
        source = files.get_data(os.path.join(archive, IMPORTER))
        code = compile(source, os.path.join(archive, IMPORTER), "exec", dont_inherit=True)
    namespace = {"__name__": "_importer"}  # type: dict[str, Any]
    exec(code, namespace)
    namespace["install"](archive, codes, lambda: bytecode(files, rest))


def bytecode(files, block):
    # type: (zipimporter, str) -> dict[str, CodeType]
    """The modules compiled for this Python; none where the archive has none, or Python cannot unpack them."""
    from marshal import loads

    try:
        packed = files.get_data(block)
    except OSError:
        try:
            from lzma import decompress

            packed = decompress(files.get_data(block + ".xz"))
        except (ImportError, OSError):
            return {}
    return loads(packed)  # type: ignore[no-any-return]  # what packing/compile_tree.py has written


if __name__ == "__main__":
    sys.exit(main())
