"""A header that a finding needs is kept: no check reads one that it does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from yourl.proxies import FORWARDING_HEADERS, evaluation
from yourl.proxies.case import CASE_HEADERS, Case
from yourl.proxies.fields import Fields
from yourl.proxies.findings import FINDINGS, HEADERS_READ, FindingKind, kinds_worth_checking
from yourl.proxies.fixes.check import CHECK_HEADERS
from yourl.proxies.fixes.products import PRODUCT_HEADERS

from .test_findings import DIRECT_REQUESTS, FOUND, WELL_CONFIGURED
from .test_verdict import INSIDE, TEN, verdict

SHARED = {"host", "via", *FORWARDING_HEADERS, *CASE_HEADERS, *CHECK_HEADERS, *PRODUCT_HEADERS}


class Recorder(Fields):
    """Fields that note which headers are asked for."""

    __slots__ = ("asked",)

    def __init__(self, fields: Fields) -> None:
        super().__init__((), {})
        self.update(fields)
        self.named, self.marks = fields.named, fields.marks
        self.asked: set[str] = set()

    def __contains__(self, key: object) -> bool:
        self.asked.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> list[str]:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("a check asks for the headers that it declares, not for all")


@contextmanager
def cases(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Case]]:
    """Every case that ``evaluate`` makes meanwhile."""
    made: list[Case] = []

    def kept(case: Case) -> tuple[()]:
        made.append(case)
        return ()

    with monkeypatch.context() as patched:
        patched.setattr(evaluation, "findings_in", kept)
        yield made


@pytest.fixture
def every_case(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """The cases of all tables of requests."""
    with cases(monkeypatch) as made:
        for headers, connection, options in (case.values for case in DIRECT_REQUESTS):
            verdict(str(headers), connection=connection, **options)
        for (headers,) in (case.values for case in WELL_CONFIGURED):
            verdict(str(headers), TEN)
        for _, _, headers, trusted, options, _ in (case.values for case in FOUND):
            verdict(str(headers), **{"connection": INSIDE, "trusted": trusted, **options})
    return made


@pytest.mark.parametrize("kind", FINDINGS, ids=lambda kind: kind.code)
def test_a_check_reads_what_it_declares(kind: FindingKind, every_case: list[Case]) -> None:
    """Whatever came, a check reads declared headers, and ``Fields`` keeps every one of them."""
    for case in every_case:
        if kind not in kinds_worth_checking(case):
            continue
        recorder = Recorder(case.fields)
        kind.find(case._replace(fields=recorder))
        assert recorder.asked <= SHARED | set(kind.headers)
    assert set(kind.headers) <= HEADERS_READ.keys()
