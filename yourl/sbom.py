"""The software bill of materials (CycloneDX 1.6, JSON): the packages that run beside the project's own code.

In the archive it is a file beside this module: the build makes it from the lock, as a function of its
arguments alone, so that builds can be compared byte by byte. Anywhere else it lists what is installed.
Knows nothing of the application: ``build_zipapp.py`` runs this file by itself, without the package.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

PACKED = "sbom.cdx.json"
REQUIREMENTS = "requirements.in"
LICENCE_IDS = {
    "MIT": "MIT",
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
}  # what older metadata calls them -> SPDX; "BSD License" names no one licence and stays a name
LONGEST_NAME = 64  # characters; older metadata may hold the whole text of the licence

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"\bextra\b")  # in a marker (PEP 508): needed for an optional feature only
_PIN = re.compile(rf"(?P<name>{_NAME.pattern})==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Metadata(Protocol):
    """The part of ``email.message.Message`` (a wheel's METADATA) that is read here."""

    def get_all(self, name: str, failobj: None = None, /) -> list[str] | None:
        """All values of one header."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package: ``hashes`` are the SHA-256 of every file that the lock accepts; empty without a lock."""

    name: str
    version: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]  # names of other packages, or "" for the project itself

    @property
    def purl(self) -> str:
        """The package URL, which is also its reference within the document."""
        return f"pkg:pypi/{self.name}@{self.version}"


def text() -> str:
    """The document packed beside this module, else one about what is installed."""
    loader = getattr(__spec__, "loader", None)
    try:
        return bytes(loader.get_data(str(Path(__file__).parent / PACKED))).decode()  # type: ignore[union-attr]
    except OSError:
        from yourl import __version__

        return document(installed(own_requirements()), installed_metadata, __version__)


def own_requirements() -> list[str]:
    """What the project needs (PEP 508): as its own metadata says, or in a checkout ``requirements.in``."""
    try:
        return metadata.requires("yourl") or []
    except metadata.PackageNotFoundError:
        lines = (Path(__file__).parents[1] / REQUIREMENTS).read_text(encoding="utf-8").splitlines()
        return [text for line in lines if (text := line.partition("#")[0].strip())]


def installed(requirements: Iterable[str]) -> list[Package]:
    """The installed packages that these requirements (PEP 508) stand for, and all that those need in turn."""
    wanted_by: dict[str, list[str]] = {}
    found: dict[str, metadata.Distribution] = {}
    waiting = [("", text) for text in requirements]
    while waiting:
        parent, text = waiting.pop(0)
        name, _, marker = text.partition(";")
        match = _NAME.match(name)
        if match is None or _EXTRA.search(marker):
            continue
        name = canonical(match[0])
        wanted_by.setdefault(name, []).append(parent)
        if name not in found:
            try:
                found[name] = metadata.distribution(name)
            except metadata.PackageNotFoundError:
                continue  # needed on another system, or missing: there is nothing to list
            waiting += [(name, text) for text in found[name].requires or []]
    return [Package(name, found[name].version, (), tuple(sorted(wanted_by[name]))) for name in sorted(found)]


def installed_metadata(name: str) -> Metadata | None:
    """What this Python knows about an installed package."""
    try:
        return metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None


def document(
    pins: Iterable[Package],
    metadata_of: Callable[[str], Metadata | None],
    version: str,
    *,
    made_with: Mapping[str, str] | None = None,
    made_at: int | None = None,
) -> str:
    """The bill of materials as text, keys sorted, ending in a newline.

    :param pins: what is listed
    :param metadata_of: name -> METADATA of that package, or None where it is not at hand
    :param made_with: name -> version of the tools that packed it
    :param made_at: seconds since 1970, left out of the document if None
    """
    pins = list(pins)
    root = f"yourl@{version}"
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "components": [component(pin, metadata_of(pin.name)) for pin in pins],
        "dependencies": dependencies(pins, root),
        "metadata": _about(root, version, made_with or {}, made_at),
        "specVersion": "1.6",
        "version": 1,
    }
    # A serial number must differ between documents that differ (RFC 9562 §5.5: made from a name).
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True)).urn
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


def _about(root: str, version: str, made_with: Mapping[str, str], made_at: int | None) -> dict[str, Any]:
    """What the document says of the program itself."""
    about: dict[str, Any] = {
        "component": {
            "bom-ref": root,
            "description": "answers any HTTP request with what really arrived",
            "licenses": [{"license": {"id": "MIT"}}],
            "name": "yourl",
            "type": "application",
            "version": version,
        }
    }
    if made_with:
        tools = [
            {"name": name, "type": "application", "version": made_with[name]} for name in sorted(made_with)
        ]
        about["tools"] = {"components": tools}
    if made_at is not None:
        about["timestamp"] = datetime.fromtimestamp(made_at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return about


def locked(lock: str) -> list[Package]:
    """The pins of a lock file (``==``, ``--hash``, ``# via``), in its order."""
    pins = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        pin = _PIN.match(block)
        if pin:
            wanted_by = tuple("" if name.startswith("-r") else canonical(name) for name in _wanted_by(block))
            hashes = tuple(sorted(_HASH.findall(block)))
            pins.append(Package(canonical(pin["name"]), pin["version"], hashes, wanted_by))
    return pins


def _wanted_by(block: str) -> list[str]:
    """The names in the ``# via`` comment of a pin, on its first line or on lines of their own."""
    _, _, comment = block.partition("# via")
    return [
        name.strip() for line in comment.splitlines() for name in line.strip(" #").split(",") if name.strip()
    ]


def canonical(name: str) -> str:
    """The normal form of a package's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def component(pin: Package, about: Metadata | None) -> dict[str, Any]:
    """One library; its hashes are those of every distribution file that the lock accepts."""
    hashes = [{"alg": "SHA-256", "content": digest} for digest in pin.hashes]
    return {
        "bom-ref": pin.purl,
        **({"hashes": hashes} if hashes else {}),
        "licenses": licences(about) if about else [],
        "name": pin.name,
        "purl": pin.purl,
        "scope": "required",
        "type": "library",
        "version": pin.version,
    }


def licences(about: Metadata) -> list[dict[str, Any]]:
    """The licence as the metadata states it: an SPDX expression (PEP 639), else a name, else classifiers."""
    for expression in about.get_all("License-Expression") or []:
        return [{"expression": expression}]
    names = [name for name in about.get_all("License") or [] if _is_a_name(name)]
    prefix = "License :: "
    for classifier in [] if names else about.get_all("Classifier") or []:
        if classifier.startswith(prefix):
            names.append(classifier.split(" :: ")[-1])
    return [
        {"license": {"id": LICENCE_IDS[name]} if name in LICENCE_IDS else {"name": name}} for name in names
    ]


def _is_a_name(licence: str) -> bool:
    return licence != "UNKNOWN" and "\n" not in licence and len(licence) <= LONGEST_NAME


def dependencies(pins: list[Package], root: str) -> list[dict[str, Any]]:
    """Who needs whom: ``root`` first, then each package with what it asks for."""
    references = {"": root, **{pin.name: pin.purl for pin in pins}}
    wants: dict[str, list[str]] = {reference: [] for reference in references.values()}
    for pin in pins:
        for name in pin.wanted_by:
            if name in references:
                wants[references[name]].append(pin.purl)
    return [{"dependsOn": sorted(wanted), "ref": reference} for reference, wanted in wants.items()]
