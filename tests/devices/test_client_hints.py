"""Client hints: which are read, kept and asked for."""

from __future__ import annotations

from yourl.devices import ACCEPT_CH, CRITICAL_CH, HINT_NAMES, classify


def test_only_usable_hints_are_kept() -> None:
    """A device has the hints that were read, by their canonical names, as they were sent."""
    hints = {
        "sec-ch-ua-mobile": "?1",
        "SEC-CH-UA-MODEL": ' "K2" ',
        "Sec-CH-UA-Platform": '""',
        "Accept": "*/*",
    }
    assert dict(classify("x", hints).hints) == {"Sec-CH-UA-Mobile": "?1", "Sec-CH-UA-Model": '"K2"'}


def test_a_page_asks_only_for_hints_that_are_read() -> None:
    """Accept-CH and Critical-CH name hints that classify reads."""
    assert set(CRITICAL_CH) <= set(ACCEPT_CH) <= set(HINT_NAMES)
