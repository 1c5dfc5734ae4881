"""The report for a ticket: the facts, bounded, without secrets."""

from __future__ import annotations

import pytest

from tests.pages.inspections import TIMESTAMP, document, documents, forged_inspection, inspection
from yourl.pages.report import LONGEST_REPORT, ticket_text


def test_holds_what_a_colleague_needs() -> None:
    """Time, server, URL, decisions, route, findings with their fixes, and header fields are in it."""
    doc = inspection()
    report = ticket_text(doc)
    needed = [
        TIMESTAMP,
        "web-1",
        doc["url"],
        "203.0.113.7",
        "missing-host",
        "proxy_set_header",
        "Host: backend:8080",
    ]
    assert [word for word in needed if word not in report] == []


def test_holds_no_secrets() -> None:
    """Credentials in header fields and in the query are masked, and the body is left out."""
    fields = (("Host", "a.example"), ("Authorization", "Bearer abc123"))
    report = ticket_text(document("/?token=abc123&x=1", fields, b"password=abc123", method="POST"))
    assert "abc123" not in report
    assert "Body: 15 bytes" in report


@pytest.mark.parametrize("name", documents())
def test_is_bounded_and_printable(name: str) -> None:
    """Whatever was sent, the report has a limit and nothing in it that a terminal would obey."""
    report = ticket_text(documents()[name])
    assert len(report) < LONGEST_REPORT + 100
    assert report.replace("\n", "").isprintable()


def test_says_that_it_is_cut() -> None:
    """A report that is too long does not look complete."""
    fields = tuple((f"X-{number}", "v" * 200) for number in range(50))
    assert ticket_text(document("/", (("Host", "a.example"), *fields))).endswith(
        "(cut; the JSON has the rest)\n"
    )


def test_lists_the_hops_that_are_drawn() -> None:
    """A forged list of many hops does not fill the report."""
    assert ticket_text(forged_inspection(60)).count("X-Forwarded-For[") < 30
