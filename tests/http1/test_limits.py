"""The limits are checked when made, and their deadlines are absolute."""

from __future__ import annotations

import pytest

from yourl.http1.limits import Limits


@pytest.mark.parametrize("name", ["head_timeout", "body_rate", "memory"])
def test_refuses_a_limit_that_limits_nothing(name: str) -> None:
    """Zero is no limit here, and the message names the field."""
    with pytest.raises(ValueError, match=name):
        Limits(**{name: 0})


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        pytest.param(0, 110.0, id="nothing yet"),
        pytest.param(2000, 112.0, id="each body_rate bytes add a second"),
        pytest.param(1, 110.001, id="a trickle adds next to nothing"),
    ],
)
def test_a_slow_body_has_an_end(received: int, expected: float) -> None:
    """The deadline moves with what has arrived, never with when it arrived."""
    limits = Limits(body_timeout=10.0, send_timeout=10.0, body_rate=1000)
    assert limits.body_deadline(100.0, received) == pytest.approx(expected)
    assert limits.send_deadline(100.0, received) == pytest.approx(expected)
