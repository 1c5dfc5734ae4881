"""Which host names are answered."""

from __future__ import annotations

import pytest

from yourl.hosts import host_is_allowed


@pytest.mark.parametrize(
    ("host", "allowed", "expected"),
    [
        pytest.param("a.example", ("a.example",), True, id="name"),
        pytest.param("A.Example", ("a.example",), True, id="case"),
        pytest.param("a.example.", ("a.example",), True, id="final-dot"),
        pytest.param("b.example", ("a.example",), False, id="other"),
        pytest.param("b.example", ("a.example", "b.example"), True, id="second"),
        pytest.param("a.example", ("*",), True, id="any"),
        pytest.param("x.a.example", ("*.a.example",), True, id="below"),
        pytest.param("x.a.example", (".a.example",), True, id="below-with-a-dot"),
        pytest.param("a.example", ("*.a.example",), False, id="not-the-name-itself"),
        pytest.param("evila.example", ("*.a.example",), False, id="not-by-letters"),
        pytest.param("a.example", ("a.example:8080",), True, id="port-does-not-count"),
        pytest.param("[2001:db8::1]", ("2001:DB8::1",), True, id="ipv6-without-brackets"),
        pytest.param("[2001:db8::1]", ("[2001:db8::1]:8080",), True, id="ipv6"),
        pytest.param("", ("a.example",), False, id="none"),
        pytest.param("a.example", (), False, id="nothing-allowed"),
    ],
)
def test_host_is_allowed(host: str, allowed: tuple[str, ...], expected: bool) -> None:
    """A pattern is a name, ``*``, or ``*.`` and a name for all below it."""
    assert expected == host_is_allowed(host, allowed)
