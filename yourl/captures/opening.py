"""The store that a setting names. A store that cannot be used becomes one that keeps nothing and says why.

Every start imports this module, and only the chosen store: SQLite or a Redis client.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from yourl.captures.bounds import Bounds
from yourl.captures.errors import StoreUnavailable

if TYPE_CHECKING:
    from yourl.captures.store import CaptureStore

FORMS = "sqlite, sqlite:PATH, redis://HOST, rediss://HOST or off"
FILE_NAME = "captures.db"


def store_setting(text: str) -> str:
    """A reader of the setting that names the store.

    :raises ValueError: with what is allowed
    """
    kind, _, rest = text.partition(":")
    if text.lower() in ("sqlite", "off"):
        return text.lower()
    if kind == "sqlite" and rest and "\0" not in rest:
        return text
    if kind in ("redis", "rediss"):
        from yourl.captures.redis.connections import parse_url

        try:
            parse_url(text)
        except ValueError as error:
            raise ValueError(f"{FORMS}; {error}") from error
        return text
    raise ValueError(FORMS)


def open_store(
    where: str,
    bounds: Bounds,
    folder: Path | None,
    report: Callable[[str], None] = lambda sentence: None,
) -> CaptureStore:
    """The store that ``where``, a value of ``store_setting``, names.

    :param folder: private to this run, for ``sqlite`` without a path; None where nothing can be written
    :param report: takes one sentence for the log
    """
    try:
        return _opened(where, bounds, folder, report)
    except StoreUnavailable as error:
        from yourl.captures.store import NoStore

        report(f"Requests are not kept: {error}")
        return NoStore(str(error))


def _opened(where: str, bounds: Bounds, folder: Path | None, report: Callable[[str], None]) -> CaptureStore:
    if where == "off":
        from yourl.captures.store import NoStore

        return NoStore()
    if where.startswith(("redis://", "rediss://")):
        from yourl.captures.redis.store import RedisStore

        return RedisStore(where, bounds, report=report)
    try:
        from yourl.captures.sqlite.store import SqliteStore
    except ImportError as error:  # a Python that was built without SQLite
        raise StoreUnavailable(f"This Python has no SQLite: {error}.") from error
    path = where.partition(":")[2]
    if path:
        return SqliteStore(Path(path).expanduser().absolute(), bounds, report=report)
    if folder is None:
        raise StoreUnavailable("No folder can be written, and no Redis is named in YOURL_STORE.")
    return SqliteStore(folder / FILE_NAME, bounds, is_durable=False, report=report)
