"""Names of a package that are imported when first used, so that a start does not wait for them (PEP 562).

A process has them all in memory soon after its start (yourl/server/preload.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def imported_on_use(package: str, home_of: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package.

    :param home_of: each name, and the module of the package that defines it
    """

    def get(name: str) -> Any:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return get
