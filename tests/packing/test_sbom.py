"""The bill of materials: what is read from a lock, and what is made of it."""

from __future__ import annotations

import importlib.resources
import json
from email.message import Message

import jsonschema
import pytest
import referencing
from referencing.jsonschema import DRAFT7

from tests.functional.harness import ROOT
from yourl import sbom

A, B, C = "a" * 64, "b" * 64, "c" * 64
LOCK = f"""# made by a tool
one==1.0 \\
    --hash=sha256:{B} \\
    --hash=sha256:{A}
    # via -r requirements.in
two-and_more==2.0.1 ; sys_platform == 'win32' \\
    --hash=sha256:{C}
    # via
    #   -r requirements.in
    #   one
"""
PINS = [
    sbom.Package("one", "1.0", (A, B), ("",)),
    sbom.Package("two-and-more", "2.0.1", (C,), ("", "one")),
]


def message(**headers: str) -> Message:
    """Metadata with these headers (underscores for hyphens)."""
    made = Message()
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


def validate(document: object) -> None:
    """Check against the published schema, which the library for CycloneDX brings along."""
    folder = importlib.resources.files("cyclonedx.schema") / "_res"
    resources = []
    for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"):
        schema = json.loads((folder / name).read_text(encoding="utf-8"))
        resources.append((f"http://cyclonedx.org/schema/{name}", referencing.Resource(schema, DRAFT7)))
    schema = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema, registry=referencing.Registry().with_resources(resources)).validate(
        document
    )


def test_lock_is_read() -> None:
    """Names in their normal form, all hashes, and who asked for what."""
    assert sbom.locked(LOCK) == PINS


def test_document_is_valid() -> None:
    """The document for the real lock follows the published schema."""
    lock = (ROOT / "requirements.txt").read_text()
    made = sbom.document(
        sbom.locked(lock), sbom.installed_metadata, "1.2.3", made_with={"shiv": "1"}, made_at=0
    )
    validate(json.loads(made))


def test_document_is_deterministic() -> None:
    """The same lock gives the same text; another version of ours another serial number."""
    made = [sbom.document(PINS, lambda name: None, version) for version in ("1", "1", "2")]
    serials = [json.loads(text)["serialNumber"] for text in made]
    assert made[0] == made[1]
    assert serials[0] != serials[2]


def test_document_has_no_time_of_its_own() -> None:
    """A time is in it only where one was given."""
    made = [json.loads(sbom.document(PINS, lambda name: None, "1", made_at=at)) for at in (None, 86400)]
    assert [document["metadata"].get("timestamp") for document in made] == [None, "1970-01-02T00:00:00Z"]


def test_dependencies() -> None:
    """The project first, then each package with what it asks for."""
    assert sbom.dependencies(PINS, "root") == [
        {"ref": "root", "dependsOn": ["pkg:pypi/one@1.0", "pkg:pypi/two-and-more@2.0.1"]},
        {"ref": "pkg:pypi/one@1.0", "dependsOn": ["pkg:pypi/two-and-more@2.0.1"]},
        {"ref": "pkg:pypi/two-and-more@2.0.1", "dependsOn": []},
    ]


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        pytest.param(
            message(License_Expression="BSD-3-Clause"), [{"expression": "BSD-3-Clause"}], id="expression"
        ),
        pytest.param(message(License="MIT"), [{"license": {"id": "MIT"}}], id="known-name"),
        pytest.param(message(License="Own terms"), [{"license": {"name": "Own terms"}}], id="unknown-name"),
        pytest.param(
            message(Classifier="License :: OSI Approved :: BSD License"),
            [{"license": {"name": "BSD License"}}],
            id="classifier",
        ),
        pytest.param(message(License="x" * 65), [], id="a-whole-text"),
        pytest.param(message(Classifier="Framework :: Flask"), [], id="none"),
    ],
)
def test_licences(about: Message, expected: list[object]) -> None:
    """The most exact statement of the metadata counts."""
    assert sbom.licences(about) == expected


def test_text_of_a_checkout() -> None:
    """Without a packed document, what is installed counts: here the packages of the lock."""
    bill = json.loads(sbom.text())
    validate(bill)
    pins = {pin.name: pin.version for pin in sbom.locked((ROOT / "requirements.txt").read_text())}
    assert {part["name"]: part["version"] for part in bill["components"]} == pins


def test_own_requirements_are_those_of_the_project() -> None:
    """requirements.in, which the lock is made from, and the project's metadata name the same packages."""
    text = (ROOT / "pyproject.toml").read_text()
    declared = text.partition("dependencies = [")[2].partition("]")[0]
    wanted = [name.strip(' "') for name in declared.split(",")]
    lines = (ROOT / "requirements.in").read_text().splitlines()
    assert [line.partition("#")[0].strip() for line in lines if not line.startswith("#")] == wanted


def test_installed_follows_what_packages_need() -> None:
    """Each package once, with all that want it; what only an extra or another system needs is left out."""
    packages = sbom.installed(["flask", "no-such-package", "pytest; extra == 'test'", "werkzeug"])
    by_name = {package.name: package for package in packages}
    assert {"flask", "werkzeug", "jinja2", "markupsafe"} <= set(by_name)
    assert not {"pytest", "no-such-package", "asgiref"} & set(by_name)
    assert by_name["werkzeug"].wanted_by == ("", "flask")
