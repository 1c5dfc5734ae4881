"""The software bill of materials (CycloneDX 1.6, JSON): what the archive carries besides the package itself.

The build makes it from the lock file and packs the text beside this module; in a checkout it is made from the
same lock on demand. It is a function of its arguments alone, so that builds can be compared byte by byte.
Knows nothing of the application: ``build_zipapp.py`` runs this file by itself, without the package.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

PACKED = "sbom.cdx.json"
LOCK = "requirements.txt"
LICENCE_IDS = {
    "MIT": "MIT",
    "MIT License": "MIT",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
}  # what older metadata calls them -> SPDX; "BSD License" names no one licence and stays a name
LONGEST_NAME = 64  # characters; older metadata may hold the whole text of the licence

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


class Metadata(Protocol):
    """The part of ``email.message.Message`` (a wheel's METADATA) that is read here."""

    def get_all(self, name: str, failobj: None = None, /) -> list[str] | None:
        """All values of one header."""


@dataclass(frozen=True, slots=True)
class Locked:
    """One pinned requirement: ``hashes`` are the SHA-256 of every file that the lock accepts for it."""

    name: str
    version: str
    hashes: tuple[str, ...]
    wanted_by: tuple[str, ...]  # names of other requirements, or "" for the project itself

    @property
    def purl(self) -> str:
        """The package URL, which is also its reference within the document."""
        return f"pkg:pypi/{self.name}@{self.version}"


def text() -> str:
    """The document packed beside this module, else one made from the checkout's lock file.

    :raises FileNotFoundError: where there is neither
    """
    loader = getattr(__spec__, "loader", None)
    here = Path(__file__).parent
    try:
        return bytes(loader.get_data(str(here / PACKED))).decode()  # type: ignore[union-attr]
    except OSError:
        from yourl import __version__

        lock = (here.parent / LOCK).read_text(encoding="utf-8")
        return document(lock, installed_metadata, __version__)


def installed_metadata(name: str) -> Metadata | None:
    """What this Python knows about an installed package."""
    try:
        return metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None


def document(
    lock: str,
    metadata_of: Callable[[str], Metadata | None],
    version: str,
    *,
    made_with: Mapping[str, str] | None = None,
    made_at: int | None = None,
) -> str:
    """The bill of materials as text, keys sorted, ending in a newline.

    :param lock: the text of a requirements file with ``==`` pins, ``--hash`` and ``# via`` comments
    :param metadata_of: name -> METADATA of that package, or None where it is not at hand
    :param made_with: name -> version of the tools that packed it
    :param made_at: seconds since 1970, left out of the document if None
    """
    pins = locked(lock)
    root = f"yourl@{version}"
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
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "components": [component(pin, metadata_of(pin.name)) for pin in pins],
        "dependencies": dependencies(pins, root),
        "metadata": about,
        "specVersion": "1.6",
        "version": 1,
    }
    # A serial number must differ between documents that differ (RFC 9562 §5.5: made from a name).
    bill["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_OID, json.dumps(bill, sort_keys=True)).urn
    return json.dumps(bill, indent=2, sort_keys=True) + "\n"


def locked(lock: str) -> list[Locked]:
    """The pins of a lock file, in its order."""
    pins = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        pin = _PIN.match(block)
        if pin:
            wanted_by = tuple("" if name.startswith("-r") else canonical(name) for name in _wanted_by(block))
            hashes = tuple(sorted(_HASH.findall(block)))
            pins.append(Locked(canonical(pin["name"]), pin["version"], hashes, wanted_by))
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


def component(pin: Locked, about: Metadata | None) -> dict[str, Any]:
    """One library; its hashes are those of every distribution file that the lock accepts."""
    return {
        "bom-ref": pin.purl,
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in pin.hashes],
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


def dependencies(pins: list[Locked], root: str) -> list[dict[str, Any]]:
    """Who needs whom: ``root`` first, then each package with what it asks for."""
    references = {"": root, **{pin.name: pin.purl for pin in pins}}
    wants: dict[str, list[str]] = {reference: [] for reference in references.values()}
    for pin in pins:
        for name in pin.wanted_by:
            if name in references:
                wants[references[name]].append(pin.purl)
    return [{"dependsOn": sorted(wanted), "ref": reference} for reference, wanted in wants.items()]
