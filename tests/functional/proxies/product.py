"""What the harness has to know of a proxy program: its files in docs/proxies, its command, its checker.

A configuration is a set of texts by file name, because some programs want several files. Texts are changed by
exact exchange: a file that no longer holds the text fails the test.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from signal import Signals

from tests.functional.certificates import Certificate
from tests.functional.harness import ROOT

DOCUMENTS = ROOT / "docs" / "proxies"
MARKED_PLACE = "A finding's fix goes here, in place of the lines for the same header."
IS_ROOT = os.geteuid() == 0

Changes = Mapping[str, str]
Texts = Mapping[str, str]
"""File name → what is in it."""


def has_ipv6() -> bool:
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_port_of_both_families() -> int:
    """A TCP port that is free on 127.0.0.1 and, where there is IPv6, on ::1."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            if not has_ipv6():
                return port
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as second:
                second.bind(("::1", port))
                return port


@dataclass(frozen=True, slots=True)
class Place:
    """Where a configuration listens and what it passes requests to."""

    port: int
    upstream: str
    certificate: Certificate
    is_inner: bool = False
    """Whether another proxy stands before it."""

    @property
    def pem(self) -> Changes:
        """The certificate and its key in files of their own."""
        return {
            "/etc/ssl/yourl.crt": str(self.certificate.certificate),
            "/etc/ssl/yourl.key": str(self.certificate.key),
        }

    @property
    def backend(self) -> Changes:
        """What stands behind."""
        return {"127.0.0.1:8080": self.upstream}


@dataclass(frozen=True, slots=True)
class Prepared:
    """Commands for a configuration that has been written to a folder."""

    start: Sequence[str]
    """Runs it in the foreground."""
    check: Sequence[str]
    """The product's own checker of this configuration."""
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """The part of a finding's fix that belongs into one place of one product."""

    product: str
    place: str
    lines: str


Paste = Callable[[Texts, Sequence[Block]], Texts]


@dataclass(frozen=True, slots=True)
class Product:
    """One proxy program.

    ``edge`` and ``inner`` are paths below docs/proxies: a file, or a folder with several; ``""`` for none.
    ``fix_name`` is what the heading of a fix calls it. ``places`` gives the text to exchange for a place,
    ``prepare`` writes the texts into a folder, ``paste`` puts the blocks of a fix where they belong.
    """

    name: str
    fix_name: str
    edge: str
    inner: str
    places: Callable[[Place], Changes]
    prepare: Callable[[Texts, Path, Place], Prepared]
    paste: Paste
    page: str = "README.md"
    """The file in docs/proxies that tells of its mistakes."""
    both_families: bool = False
    """Whether the edge listens on ::1 as well."""
    cuts_prefix: bool = True
    """Whether the edge cuts /yourl/ off the path; not every program can."""
    stop: Signals = Signals.SIGTERM
    """What ends it; SIGKILL for one that takes its time over SIGTERM."""
    leaves: Callable[[int], Iterable[Path]] = lambda port: ()
    """Files outside its folder that a killed one leaves, by the port that it listened on."""
    tls_by: Product | None = None
    """What ends TLS before the edge, where the program itself cannot; it speaks the PROXY protocol to it."""

    def read(self, file: str) -> Texts:
        """The texts of ``edge`` or ``inner``."""
        path = DOCUMENTS / file
        if path.is_dir():
            return {one.name: one.read_text(encoding="utf-8") for one in sorted(path.iterdir())}
        return {path.name: path.read_text(encoding="utf-8")}


def exchanged(texts: Texts, changes: Changes) -> Texts:
    """``texts`` with each key replaced by its value, wherever it occurs.

    :raises AssertionError: naming a key that does not occur
    """
    result = dict(texts)
    for old, new in changes.items():
        holders = [name for name, text in result.items() if old in text]
        assert holders, f"the configuration no longer holds {old!r}"
        for name in holders:
            result[name] = result[name].replace(old, new)
    return result


def pasting(sets: str, after: Mapping[str, str] | None = None) -> Paste:
    """A ``paste`` for a configuration of lines: the fix goes to the marked place of the file it names.

    :param sets: a pattern whose groups name what a line sets; lines that set the same thing give way
    :param after: words of a fix's place → the line that its lines follow there, in place of the marked one
    """
    setting = re.compile(sets, re.MULTILINE)

    def paste(texts: Texts, blocks: Sequence[Block]) -> Texts:
        result = dict(texts)
        for block in blocks:
            name = next((name for name in texts if name in block.place), next(iter(texts)))
            line = next((line for words, line in (after or {}).items() if words in block.place), "")
            result[name] = _pasted(result[name], block.lines, setting, line)
        return result

    return paste


def _pasted(text: str, pasted: str, setting: re.Pattern[str], after: str) -> str:
    assert text.count(after or MARKED_PLACE) == 1, "the configuration has no place for the fix"
    set_anew = {_folded(found) for found in setting.findall(pasted)}
    kept: list[str] = []
    for line in text.splitlines():
        if after and after in line:
            kept += [line, pasted]
        elif MARKED_PLACE in line and not after:
            kept += [pasted, line]  # the next block of the same fix finds the place again
        elif set_anew.isdisjoint(_folded(found) for found in setting.findall(line)):
            kept.append(line)
    return "\n".join(kept) + "\n"


def _folded(found: str | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.lower() for part in ((found,) if isinstance(found, str) else found))
