"""Where the model name stands in a user agent."""

from __future__ import annotations

import pytest

from tests.devices.cases import app, mobile, tizen
from yourl.devices.model_names import MODEL_CUT, find_model_name


@pytest.mark.parametrize(
    ("user_agent", "model"),
    [
        pytest.param(mobile("SM-S918B"), "sm-s918b", id="chrome"),
        pytest.param(app("Redmi Note 12"), "redmi note 12", id="app-with-build"),
        pytest.param(tizen("SM-R770"), "samsung sm-r770", id="tizen"),
        pytest.param(
            "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; GT-P5113 Build/X)", "gt-p5113", id="locale"
        ),
        pytest.param("Mozilla/5.0 (Android 14; Mobile; rv:125.0) Gecko/125.0", "", id="firefox-names-none"),
        pytest.param(mobile("K"), "", id="reduced"),
        pytest.param("app [FBDV/iPhone14,2;FBMD/iPhone]", "iphone14,2", id="facebook"),
        pytest.param("Sleep/1.0 (Model TB-8505F)", "tb-8505f", id="label"),
        pytest.param("Mozilla/5.0 (Windows NT 10.0)", "", id="no-mobile-system"),
        pytest.param(mobile("x" * 200), "x" * MODEL_CUT, id="cut"),
    ],
)
def test_finds_the_model_name(user_agent: str, model: str) -> None:
    """The name follows the system's version, a locale and other words that are no name."""
    assert find_model_name(user_agent.lower()).name == model


def test_says_where_the_name_begins() -> None:
    """The position leads back to the name as it was sent."""
    user_agent = mobile("Pixel 8 Pro")
    name, start = find_model_name(user_agent.lower())
    assert user_agent[start : start + len(name)] == "Pixel 8 Pro"
