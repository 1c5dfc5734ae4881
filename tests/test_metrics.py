"""Counts: none lost before the library is there, none multiplied, labels bounded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from yourl import metrics
from yourl.metrics import Observation


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test counts from zero, in this process alone."""
    monkeypatch.delenv(metrics.FOLDER, raising=False)
    monkeypatch.setattr(metrics, "_instruments", None)
    monkeypatch.setattr(metrics, "_in_flight", 0)
    metrics._waiting.clear()
    metrics._waiting_counts.clear()
    yield
    metrics._waiting.clear()
    metrics._waiting_counts.clear()


def samples() -> dict[tuple[str, tuple[str, ...]], float]:
    """``(name, label values by label name)`` -> value of everything that is told."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {
        (s.name, tuple(value for _, value in sorted(s.labels.items()))): s.value
        for family in families
        for s in family.samples
    }


def test_what_was_counted_early_is_there() -> None:
    """Requests answered before the library is imported are counted once, later ones too."""
    seen = Observation("/api", "GET", 200, 0.003, "pc")
    metrics.observe(seen)
    metrics.activate()
    metrics.observe(seen)
    told = samples()
    assert 2 == told["yourl_http_requests_total", ("GET", "/api", "200")]
    assert 2 == told["yourl_http_request_duration_seconds_count", ("/api",)]
    assert 2 == told["yourl_devices_total", ("pc",)]


def test_refusals_by_reason() -> None:
    """A refusal is counted by its reason and does not count as a duration."""
    metrics.observe(Observation("other", "-", 408, 0.0, refused="head_timeout"))
    told = samples()
    assert 1 == told["yourl_http_requests_refused_total", ("head_timeout",)]
    assert ("yourl_http_request_duration_seconds_count", ("other",)) not in told


def test_evictions_by_reason() -> None:
    """Evictions are counted by reason, also those before the library is imported; reasons are bounded."""
    metrics.evicted("memory")
    metrics.activate()
    metrics.evicted("memory", 2)
    metrics.evicted("made up")
    metrics.evicted("made up, too")
    told = samples()
    assert 3 == told["yourl_connections_evicted_total", ("memory",)]
    assert 2 == told["yourl_connections_evicted_total", ("other",)]


def test_lost_log_lines() -> None:
    """Lines that a log lost are counted by log, also those before the library is imported."""
    metrics.log_lines_lost("access", 3)
    metrics.activate()
    metrics.log_lines_lost("access", 4)
    assert 7 == samples()["yourl_log_lines_lost_total", ("access",)]


def test_a_fork_counts_from_zero() -> None:
    """What a parent has yet to count is not counted again by its child."""
    metrics.observe(Observation("/api", "GET", 200, 0.001))
    metrics.log_lines_lost("error", 1)
    metrics.take_slot(0)
    assert not [name for name, _ in samples() if "requests_total" in name or "lost_total" in name]


def test_methods_cannot_multiply_labels() -> None:
    """However many methods a client invents, they are one label."""
    for number in range(50):
        metrics.observe(Observation("/api", f"BREW{number}", 200, 0.001))
    assert 50 == samples()["yourl_http_requests_total", ("other", "/api", "200")]


def test_in_flight() -> None:
    """What has begun and not ended is in flight, also what began before the library was there."""
    metrics.started()
    metrics.activate()
    metrics.started()
    metrics.finished()
    assert 1 == samples()["yourl_http_requests_in_flight", ()]
