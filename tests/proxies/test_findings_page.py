"""docs/findings.md keeps up with the findings: each is there, and its example is true."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from yourl.http1.target import parse_target
from yourl.proxies import Connection, TrustedProxies, evaluate
from yourl.proxies.findings import FINDINGS, FindingKind

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (\S+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))

each_kind = pytest.mark.parametrize("kind", FINDINGS, ids=lambda kind: kind.code)


class Example(NamedTuple):
    """The request of a section, and the settings under which it is sent."""

    head: list[str]
    settings: dict[str, str]


def example_of(section: str) -> Example:
    """The example of a section."""
    match = re.search(r"^Example, with (.*?):\n\n```http\n(.*?)\n```$", section, re.MULTILINE | re.DOTALL)
    assert match, "a section has an example"
    return Example(match[2].split("\n"), dict(re.findall(r"`(YOURL_\w+)=(.*?)`", match[1])))


def test_every_finding_has_its_section() -> None:
    """Every code has a section, and no section is about anything else."""
    assert [kind.code for kind in FINDINGS] == list(SECTIONS)


@each_kind
def test_a_section_says_what_it_means(kind: FindingKind) -> None:
    """Each section has the usual severity, the meaning as the program has it, and a remedy."""
    section = " ".join(SECTIONS[kind.code].split())
    assert section.startswith(f"Usually {kind.severity}. {kind.meaning} ")
    assert "**Remedy.** " in section


@each_kind
def test_its_example_has_the_finding(kind: FindingKind) -> None:
    """The request of the example has the finding, with a link to the section."""
    example = example_of(SECTIONS[kind.code])
    method, target, _ = example.head[0].split(" ")
    lines = [line.partition(": ") for line in example.head[1:]]
    allowed = example.settings.get("YOURL_ALLOWED_HOSTS", "")
    found = evaluate(
        Connection("10.0.0.3", 50000, "10.0.0.9", 8080),
        [(name, value) for name, _, value in lines],
        TrustedProxies.parse(example.settings.get("YOURL_TRUSTED_PROXIES", "")),
        target=parse_target(target, method),
        allowed_hosts=tuple(filter(None, allowed.split(","))),
    )
    (finding,) = [one for one in found.findings if one.code == kind.code]
    assert f"docs/findings.md#{kind.code}" == finding.more
    assert finding.fix
