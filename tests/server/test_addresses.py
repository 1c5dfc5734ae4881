"""Where people are told to look at the start."""

from __future__ import annotations

from dataclasses import replace

import pytest

from yourl.server import addresses
from yourl.settings import Settings, load

CODE = "correct-horse"


def told(host: str, settings: Settings) -> list[str]:
    """The lines for one address."""
    return list(addresses.lines_for([(host, 8080)], settings))


@pytest.fixture(autouse=True)
def _network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with one network, no container."""
    monkeypatch.setattr(addresses, "network_address", lambda: "192.168.1.5")
    monkeypatch.setattr(addresses, "_CONTAINER_MARKS", ())
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)


def test_a_made_code_is_in_the_command() -> None:
    """Without YOURL_ACCESS_CODE command and link have the code that was made, the same throughout the run."""
    settings = load({})
    assert len(settings.live_code) >= 20
    assert (
        f"tail http://localhost:8080/ --inbox NAME --code {settings.live_code}"
        in told("0.0.0.0", settings)[-1]
    )
    assert told("0.0.0.0", settings)[-2].endswith(
        f"http://localhost:8080/live?access_code={settings.live_code}"
    )
    assert settings.live_code == replace(settings).live_code
    assert settings.live_code not in repr(settings)
    assert settings.live_code != load({}).live_code


def test_a_code_that_was_set_is_not_printed() -> None:
    """Who set it knows it."""
    assert CODE not in "".join(told("0.0.0.0", load({"YOURL_ACCESS_CODE": CODE})))


def test_the_code_is_handed_to_the_master_that_follows() -> None:
    """The links of a run stay valid when its master is replaced."""
    assert "kept-code" == load({"_YOURL_MADE_CODE": "kept-code"}).live_code


def test_the_network() -> None:
    """A phone finds a server that listens on every address; not one that listens on this machine alone."""
    assert "From this network: http://192.168.1.5:8080/" in told("0.0.0.0", load({}))
    assert not any("network" in line for line in told("127.0.0.1", load({})))


@pytest.mark.parametrize("environ", [{"K_SERVICE": "s"}])
def test_no_network_in_containers(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's own address helps no phone."""
    assert not any("network" in line for line in told("0.0.0.0", load(environ)))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    assert not any("network" in line for line in told("0.0.0.0", load({})))


def test_the_own_address_is_no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel says of the default route; None without one."""
    monkeypatch.undo()
    found = addresses.network_address()
    assert found is None or not found.startswith("127.")
