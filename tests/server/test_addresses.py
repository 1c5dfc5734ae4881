"""Where people are told to look at the start."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from yourl.server import addresses, qr_code
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


@pytest.mark.parametrize(
    ("host", "address"),
    [("0.0.0.0", "192.168.1.5"), ("::", "192.168.1.5"), ("127.0.0.1", "127.0.0.1"), ("10.1.2.3", "10.1.2.3")],
)
def test_the_qr_code_opens_what_a_phone_reaches(
    host: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the address in the network, also in a container, and the code; else the address listened on."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    settings = replace(load({}), show_qr=True)
    link = f"http://{address}:8080/live?access_code={settings.live_code}"
    *_, named, code = told(host, settings)
    assert f"The QR code opens {link}" == named
    assert qr_code.drawn(link, has_colours=False) == code


class Terminal:
    """A stream that is a terminal."""

    @staticmethod
    def isatty() -> bool:
        """It is."""
        return True


@pytest.mark.parametrize(("name", "value", "expected"), [("TERM", "xterm", 1), ("NO_COLOR", "1", 0)])
def test_the_qr_code_has_colours_on_a_terminal(
    name: str, value: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal gets both colours, unless colours are not wanted."""
    monkeypatch.setattr(sys, "stderr", Terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(name, value)
    code = told("0.0.0.0", replace(load({}), show_qr=True))[-1]
    assert expected == int(code.startswith("\x1b["))


def test_without_a_network_the_qr_code_has_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no network is found it opens localhost."""
    monkeypatch.setattr(addresses, "network_address", lambda: None)
    settings = replace(load({}), show_qr=True)
    assert told("0.0.0.0", settings)[-2].startswith("The QR code opens http://localhost:8080/live?")


def test_a_qr_code_keeps_a_code_that_was_set() -> None:
    """The code of YOURL_ACCESS_CODE is in no log: the page that the QR code opens asks for it."""
    settings = replace(load({"YOURL_ACCESS_CODE": CODE}), show_qr=True)
    assert "The QR code opens http://192.168.1.5:8080/live" == told("0.0.0.0", settings)[-2]


def test_no_qr_code_unasked_nor_in_json_logs() -> None:
    """Without --qr the lines are as they were; so they are where programs read lines of JSON."""
    settings = load({"YOURL_LOG_FORMAT": "json"})
    assert told("0.0.0.0", settings) == told("0.0.0.0", replace(settings, show_qr=True))
    assert not any("QR" in line for line in told("0.0.0.0", load({})))


def test_the_own_address_is_no_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel says of the default route; None without one."""
    monkeypatch.undo()
    found = addresses.network_address()
    assert found is None or not found.startswith("127.")
