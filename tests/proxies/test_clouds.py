"""Behind each cloud the verdict is right, its usual mistakes are named, and no fix makes anything worse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from yourl.proxies import Connection, Finding, Verdict

from .clouds import CASES, TRUTH, VISITOR, CloudCase
from .test_verdict import verdict

SLOTS = ("client", "scheme", "host", "port", "prefix")
cases = pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
_SETTING = re.compile(r"^YOURL_TRUSTED_PROXIES=(.+)$", re.MULTILINE)
_REMOVES = re.compile(
    r'^\s*proxy_set_header ([\w-]+) "";|^\s*http-request del-header ([\w-]+)|^\s*header_up -([\w-]+)'
    r"|^\s*RequestHeader unset ([\w-]+)|^\s*unset req\.http\.([\w-]+);|^\s*- remove: ([\w-]+)"
    r"|\{remove: ([\w-]+)\}|^\s*request_header_access ([\w-]+) deny|^\s*rm-header ([\w-]+)"
    r"|^\s*proxy\.header\.unset: ([\w-]+)|^\s*request_headers_to_remove: \[([\w-]+)\]",
    re.MULTILINE,
)
"""Lines of a fix that take a header away, whatever the proxy."""


def verdict_of(case: CloudCase) -> Verdict:
    """The verdict about the request of a case."""
    connection = Connection(case.peer, 50000, "10.0.0.9", 8080)
    return verdict(case.head, case.trusted, connection, target=case.target, platform=case.platform)


def decided(found: Verdict) -> dict[str, Any]:
    """The values alone."""
    return {slot: getattr(found, slot).value for slot in SLOTS}


def truth_of(case: CloudCase) -> dict[str, Any]:
    """What has to be decided."""
    return {**TRUTH, **case.truth}


def truths(case: CloudCase) -> int:
    """How many values are right."""
    told, truth = decided(verdict_of(case)), truth_of(case)
    return sum(told[slot] == truth[slot] for slot in SLOTS)


@cases
def test_the_verdict(case: CloudCase) -> None:
    """Behind the platform as documented the verdict is the truth; with the mistake it is wrong as told."""
    assert {**truth_of(case), **case.wrong} == decided(verdict_of(case))


@cases
def test_the_findings(case: CloudCase) -> None:
    """A right set-up has nothing above info; a mistake is named."""
    found = verdict_of(case).findings
    if case.found:
        assert case.found in {finding.code for finding in found}
    else:
        assert [] == [(finding.code, finding.evidence) for finding in found if finding.severity != "info"]


def mended(case: CloudCase, finding: Finding) -> Iterator[CloudCase]:
    """The case after each part of the finding's fix that can be tried here."""
    for setting in _SETTING.findall(finding.fix):
        yield replace(case, trusted=setting)
    for name in removed_by(finding):
        yield replace(case, head="\n".join(_without(name, case.head.splitlines())))


def removed_by(finding: Finding) -> set[str]:
    """Names of the headers that the fix takes away."""
    return {"".join(names) for names in _REMOVES.findall(finding.fix)}


def _without(name: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        found, _, value = line.strip().partition(":")
        if found.lower() != name.lower():
            yield line
        elif name.lower() == "x-forwarded-for":
            # What is taken away at the outermost proxy is what the client sent; the proxies go on adding.
            claims = [claim.strip() for claim in value.split(",")]
            visitor = max((at for at, claim in enumerate(claims) if claim.startswith(VISITOR)), default=0)
            yield f"{found}: {', '.join(claims[visitor:])}"


@cases
def test_no_fix_does_harm(case: CloudCase) -> None:
    """Whatever a finding offers, the verdict is no less true after it."""
    before = truths(case)
    for finding in verdict_of(case).findings:
        for after in mended(case, finding):
            assert before <= truths(after), (finding.code, finding.fix, after)


@cases
def test_no_fix_takes_the_truth_away(case: CloudCase) -> None:
    """Where a value is decided wrong, no fix removes the header that has the right one."""
    told, truth = decided(verdict_of(case)), truth_of(case)
    wrong = [str(truth[slot]) for slot in ("client", "scheme", "host") if told[slot] != truth[slot]]
    values = dict(line.strip().split(": ", 1) for line in case.head.splitlines() if ": " in line)
    for finding in verdict_of(case).findings:
        for name in removed_by(finding) & values.keys() - {"X-Forwarded-For"}:
            assert not any(value in values[name] for value in wrong), (finding.code, finding.fix)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name) for name, case in CASES.items() if case.found.startswith("forwarded-by")],
)
def test_the_setting_offered_mends_it(case: CloudCase) -> None:
    """Where nobody is trusted, the setting offered makes the verdict the truth, or all but a further hop.

    For a peer with a public address, which may be a visitor, it is offered as a comment.
    """
    (finding,) = (one for one in verdict_of(case).findings if one.code == case.found)
    offered = replace(finding, fix=finding.fix.replace("# YOURL_", "YOURL_"))
    assert any(truths(after) >= truths(case) + 2 for after in mended(case, offered)), finding.fix
