"""Where Python starts in yourl.pyz (packed as ``__main__.py``): makes it a world of its own, and runs yourl.

Python 2.7 must be able to read this file, or an unsupported Python would answer with a SyntaxError.
Knows nothing of the package but its ``main``.
"""
# ruff: noqa: F401, PTH100, PTH118, PTH119, PTH120, RUF005, UP031  # names in type comments look unused

import os
import sys

OLDEST = (3, 10)
TYPE_CHECKING = False  # True for mypy; typing itself would cost time at every start
if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import CodeType
    from typing import Any


def main():
    # type: () -> int
    """Run yourl in place, or let shiv unpack it first where its own variables ask for that; exit code."""
    if sys.version_info < OLDEST:
        have = "%d.%d (%s)" % (sys.version_info[0], sys.version_info[1], sys.executable)
        sys.stderr.write("yourl needs Python %d.%d or newer; this is Python %s\n" % (OLDEST + (have,)))
        return 2
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


def importer_class(bundled, bytecode):
    # type: (str, str) -> Any
    """A zipimporter that reads each module once, and bytecode of more than one Python.

    :param bundled: the folder of the packages within the archive
    :param bytecode: the folder of the bytecode for this Python within the archive
    """
    import zipimport
    from importlib.util import MAGIC_NUMBER
    from marshal import loads

    class Importer(zipimport.zipimporter):
        """zipimport's ``get_filename`` loads the code of the module only to return its path, and the import
        system asks for the path of every module before it loads the code again.
        """

        def get_filename(self, fullname):
            # type: (str) -> str
            name = fullname.rpartition(".")[2]
            inside = os.path.join(name, "__init__.py") if self.is_package(fullname) else name + ".py"
            return os.path.join(self.archive, self.prefix) + inside

        def get_code(self, fullname):
            # type: (str) -> CodeType
            source = self.get_filename(fullname)
            try:
                compiled = self.get_data(bytecode + source[len(bundled) :] + "c")
            except OSError:
                return super().get_code(fullname)
            if compiled[:4] != MAGIC_NUMBER:
                return super().get_code(fullname)
            return loads(memoryview(compiled)[16:])  # type: ignore[no-any-return]  # it is a module's code

    return Importer


def distributions(archive, bundled, site, wanted):
    # type: (str, str, Any, str) -> Iterator[Distribution]
    """What is bundled as importlib.metadata wants it; ``wanted`` is a normal name, or empty for all."""
    import json
    from importlib.metadata import Distribution

    class Bundled(Distribution):
        def __init__(self, folder):
            # type: (str) -> None
            self.folder = folder

        def read_text(self, filename):
            # type: (str | os.PathLike[str]) -> str | None
            try:
                return str(site.get_data(os.path.join(self.folder, filename)).decode("utf-8"))
            except OSError:
                return None

        def locate_file(self, path):
            # type: (str | os.PathLike[str]) -> Any
            return os.path.join(bundled, path)

    folders = json.loads(site.get_data(os.path.join(archive, "distributions.json")).decode("utf-8"))
    for name in [wanted] if wanted else folders:
        if name in folders:
            yield Bundled(os.path.join(bundled, folders[name]))


def import_in_place(archive):
    # type: (str) -> None
    """Teach the import system to read the archive well, and before anything that others add to its path."""
    bundled = os.path.join(archive, "site-packages")
    bytecode = os.path.join(archive, "bytecode", str(sys.implementation.cache_tag))
    importer = importer_class(bundled, bytecode)
    site = importer(bundled)

    class Finder:
        """What is bundled, by name: whatever the path says, and with its metadata.

        importlib.metadata looks for metadata at the root of a zip archive only.
        """

        @staticmethod
        def find_spec(fullname, path=None, target=None):
            # type: (str, object, object) -> ModuleSpec | None
            return site.find_spec(fullname) if path is None else None

        @staticmethod
        def find_distributions(context):
            # type: (DistributionFinder.Context) -> Iterator[Distribution]
            wanted = (context.name or "").lower().replace("-", "_").replace(".", "_")
            return distributions(archive, bundled, site, wanted)

    def hook(path):
        # type: (str) -> Any
        if path != bundled and not path.startswith(bundled + os.sep):
            raise ImportError("not bundled: " + path)
        return importer(path)

    sys.path_hooks.insert(0, hook)
    sys.meta_path.insert(0, Finder)


if __name__ == "__main__":
    sys.exit(main())
