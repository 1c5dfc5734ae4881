"""Names of browser, system and family: looked up late, bounded, never failing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.devices.cases import mobile
from yourl.devices import NAMES_CUT, classify, names, warm_names


@settings(deadline=None)
@given(st.text(max_size=300))
def test_names_of_anything_are_text(user_agent: str) -> None:
    """Browser, system and family never fail, whatever the user agent."""
    device = classify(user_agent)
    assert [type(name) for name in (device.browser, device.os, device.family)] == [str, str, str]


@pytest.mark.parametrize("user_agent", ["\ud800" * 300, "\x00" * 300, "", "İ" * 600, "𐍈" * 600])
def test_names_survive_strange_text(user_agent: str) -> None:
    """Lone surrogates, zero bytes and letters whose lower case is longer do no harm."""
    device = classify(user_agent)
    assert (device.browser, device.os, device.family) == ("Other", "Other", "Other")


def test_names_are_those_of_user_agents() -> None:
    """The names are what user-agents' own methods give."""
    device = classify(mobile("Pixel 8", "14", "120.0.6099.43"))
    assert (device.browser, device.os, device.family) == ("Chrome Mobile 120.0.6099", "Android 14", "Pixel 8")


def test_a_long_user_agent_is_cut_before_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The expensive patterns never see more than NAMES_CUT characters."""
    seen: list[int] = []
    monkeypatch.setattr(names, "_look_up", lambda text: seen.append(len(text)) or ("a", "b", "c"))
    device = classify("Mozilla/5.0 " * 900)
    assert (device.browser, device.os, device.family) == ("a", "b", "c")
    assert seen == [NAMES_CUT] * 3


def test_the_cache_of_names_is_bounded() -> None:
    """Many different user agents leave at most NAMES_KEPT entries in the cache."""
    for number in range(names.NAMES_KEPT + 50):
        assert classify(f"{number}").browser == "Other"
    assert names._look_up.cache_info().currsize == names.NAMES_KEPT


def test_importing_does_not_import_user_agents() -> None:
    """The start does not wait for the patterns of user-agents; warm_names imports them."""
    code = (
        "import sys; from yourl import devices; devices.classify('x'); before = 'user_agents' in sys.modules;"
        "devices.warm_names(); print(before, 'user_agents' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False True\n"


def test_warming_the_names_looks_one_up() -> None:
    """Warming looks one name up, so that what user-agents does at its first use has happened."""
    names._look_up.cache_clear()
    warm_names()
    assert names._look_up.cache_info().currsize == 1


@pytest.mark.parametrize(("version", "shown"), [("08", "8"), ("²", "²"), ("٣", "3"), ("7b", "7b")])
def test_versions_that_are_no_numbers_stay_as_they_are(version: str, shown: str) -> None:
    """A digit in the sense of Unicode is not always one that a number can be made of."""
    assert f"A {shown}" == names._with_version("A", [version])
