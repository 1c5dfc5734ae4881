"""Evidence that a proxy changed the path: cut a prefix off, decoded or normalised it."""

from __future__ import annotations

from urllib.parse import unquote

from yourl.http1.target import parse_target
from yourl.text import excerpt

from ..case import Case
from ..fields import ORIGINAL_PATH_HEADERS, parse_prefix

MAX_ORIGINAL = 4096
"""Characters of a header with the original path that are looked at."""


def stripped_prefix(case: Case) -> tuple[str, str] | None:
    """The prefix that a proxy cut off the path, and the header that still shows the whole path.

    Referer proves nothing: a page at /blog/about that links to /about looks the same.
    """
    for whole, evidence in _originals(case):
        prefix = _prefix_cut_off(whole, case.target.path)
        if prefix:
            return prefix, evidence
    return None


def changed_path(case: Case) -> str | None:
    """The header that shows the path as it came, where only its encoding or its form is another one now."""
    path = case.target.path
    for whole, evidence in _originals(case):
        if whole.endswith(path):
            return None
        if path.startswith("/") and _plain(whole).endswith(_plain(path)):
            return evidence
    return None


def uncut_path(case: Case) -> str | None:
    """The header that shows that no proxy cut anything off the path."""
    for whole, evidence in _originals(case):
        if whole == case.target.path:
            return evidence
    return None


def _originals(case: Case) -> list[tuple[str, str]]:
    """The path that each header holds, with the text that shows it."""
    found = []
    for key in ORIGINAL_PATH_HEADERS:
        if key in case.fields:
            original = case.fields[key][0].strip()[:MAX_ORIGINAL]
            arrived = f"the path that arrived: {excerpt(case.target.path)}"
            found.append((parse_target(original).path, f"{key.title()}: {excerpt(original)}; {arrived}"))
    return found


def _prefix_cut_off(whole: str, path: str) -> str | None:
    if not path.startswith("/") or len(whole) <= len(path) or not whole.endswith(path):
        return None
    return parse_prefix(whole[: len(whole) - len(path)])


def _plain(path: str) -> str:
    """The path decoded, without doubled slashes and dots: what proxies make of it that change it."""
    kept: list[str] = []
    for segment in unquote(path, errors="replace").split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    return "/" + "/".join(kept)
