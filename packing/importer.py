"""Imports the modules of yourl.pyz, from its bytecode where it has some for this Python.

Packed as ``_importer.py``; ``packing/entry.py`` runs it at every start. Knows nothing of the package.
"""
# ruff: noqa: PTH118  # pathlib would cost time at every start

from __future__ import annotations

import _thread
import os
import sys
import zipimport

TYPE_CHECKING = False  # True for mypy; typing itself would cost time at every start
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.machinery import ModuleSpec
    from importlib.metadata import Distribution, DistributionFinder
    from types import CodeType
    from typing import Any


def install(archive: str, codes: dict[str, CodeType], rest: Callable[[], dict[str, CodeType]]) -> None:
    """Put the archive in front of every other place that modules come from.

    :param codes: path of a source within the archive -> its bytecode; emptied as modules are imported
    :param rest: reads more of them, when the first module is imported that is not among ``codes``
    """
    bundled = os.path.join(archive, "site-packages")
    importer = importer_class(bundled, codes, [rest])
    site = importer(bundled)

    class Finder:
        """What is bundled, by name: whatever the path says, and with its metadata.

        importlib.metadata looks for metadata at the root of a zip archive only.
        """

        @staticmethod
        def find_spec(fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
            return site.find_spec(fullname) if path is None else None

        @staticmethod
        def find_distributions(context: DistributionFinder.Context) -> Iterator[Distribution]:
            wanted = (context.name or "").lower().replace("-", "_").replace(".", "_")
            return distributions(archive, bundled, site, wanted)

    def hook(path: str) -> Any:
        if path != bundled and not path.startswith(bundled + os.sep):
            raise ImportError("not bundled: " + path)
        return importer(path)

    sys.path_hooks.insert(0, hook)
    sys.meta_path.insert(0, Finder)


def importer_class(
    bundled: str, codes: dict[str, CodeType], unread: list[Callable[[], dict[str, CodeType]]]
) -> Any:
    """A zipimporter that takes each module from ``codes``, or else compiles its source."""
    cut = len(bundled) - len("site-packages")
    reading = _thread.RLock()  # threads import at once, and what is unread is read once

    class Importer(zipimport.zipimporter):
        """zipimport's ``get_filename`` loads the code of the module only to return its path, and the import
        system asks for the path of every module before it loads the code again.
        """

        def get_filename(self, fullname: str) -> str:
            name = fullname.rpartition(".")[2]
            inside = os.path.join(name, "__init__.py") if self.is_package(fullname) else name + ".py"
            return os.path.join(self.archive, self.prefix) + inside

        def get_code(self, fullname: str) -> CodeType:
            filename = self.get_filename(fullname)
            name = filename[cut:].replace(os.sep, "/")
            with reading:
                if unread and name not in codes:
                    codes.update(unread.pop()())
            code = codes.pop(name, None)
            if code is None:
                source = self.get_data(filename)
                code = compile(source, filename, "exec", dont_inherit=True)
            return code

    return Importer


def distributions(archive: str, bundled: str, site: Any, wanted: str) -> Iterator[Distribution]:
    """What is bundled as importlib.metadata wants it; ``wanted`` is a normal name, or empty for all."""
    import json
    from importlib.metadata import Distribution

    class Bundled(Distribution):
        def __init__(self, folder: str) -> None:
            self.folder = folder

        def read_text(self, filename: str | os.PathLike[str]) -> str | None:
            try:
                return str(site.get_data(os.path.join(self.folder, filename)).decode("utf-8"))
            except OSError:
                return None

        def locate_file(self, path: str | os.PathLike[str]) -> Any:
            return os.path.join(bundled, path)

    folders = json.loads(site.get_data(os.path.join(archive, "distributions.json")).decode("utf-8"))
    for name in [wanted] if wanted else folders:
        if name in folders:
            yield Bundled(os.path.join(bundled, folders[name]))
