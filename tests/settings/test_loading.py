"""The settings: what is read, what is refused, and that all faults come at once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from yourl.errors import SettingsError
from yourl.guard import GuardPolicy
from yourl.settings import SETTINGS, load, unknown_names
from yourl.settings.declaration import MASK
from yourl.settings.model import GROUPS

GOOD = [
    pytest.param({}, "port", 8080, id="port-default"),
    pytest.param({"PORT": "9000"}, "port", 9000, id="port"),
    pytest.param({"PORT": ""}, "port", 8080, id="empty-is-unset"),
    pytest.param({"PORT": " 9000 "}, "port", 9000, id="blanks-around-a-value"),
    pytest.param({}, "host", "0.0.0.0", id="host-default"),
    pytest.param({"HOST": "[::1]"}, "host", "::1", id="bracketed-ipv6"),
    pytest.param({}, "workers", None, id="workers-left-to-the-cpus"),
    pytest.param({"WEB_CONCURRENCY": "3"}, "workers", 3, id="workers"),
    pytest.param({}, "worker_class", "yourl.server.worker.PatientWorker", id="patient-by-default"),
    pytest.param({"YOURL_WORKER_CLASS": "sync"}, "worker_class", "sync", id="sync"),
    pytest.param({"YOURL_WORKER_CLASS": "my.own.Worker"}, "worker_class", "my.own.Worker", id="dotted"),
    pytest.param({"YOURL_ALLOWED_HOSTS": "A.example, *.b.example"}, "allowed_hosts",
                 ("a.example", "*.b.example"), id="hosts"),
    pytest.param({}, "allowed_hosts", (), id="any-host"),
    pytest.param({"YOURL_GUARD": "OFF"}, "guard", GuardPolicy(enabled=False), id="guard-off"),
    pytest.param({"YOURL_GUARD_BLOCK": ""}, "guard", GuardPolicy(block=()), id="empty-block-list"),
    pytest.param({"YOURL_GUARD_ALLOW": "tv pc"}, "guard", GuardPolicy(allow=("tv", "pc")), id="own-list"),
    pytest.param({"YOURL_USAGE": "Work"}, "usage", "work", id="usage"),
    pytest.param({}, "usage", None, id="usage-unsaid"),
    pytest.param({"YOURL_ORGANIZATION": "Müller & Co"}, "organization", "Müller & Co", id="organization"),
    pytest.param({}, "log_format", "text", id="text-log"),
    pytest.param({"K_SERVICE": "s"}, "log_format", "json", id="json-log-on-cloud-run"),
    pytest.param({"K_SERVICE": "s", "YOURL_LOG_FORMAT": "text"}, "log_format", "text", id="own-word-wins"),
    pytest.param({"K_SERVICE": "s"}, "platform", "cloud-run", id="cloud-run-is-known"),
    pytest.param({}, "demo_mode", True, id="demo-until-a-code-is-set"),
    pytest.param({"YOURL_ACCESS_CODE": "correct-horse"}, "demo_mode", False, id="a-code-ends-the-demo"),
    pytest.param({"YOURL_DRAIN": "2.5"}, "drain", 2.5, id="drain"),
    pytest.param({}, "print_requests", False, id="nothing-is-printed"),
    pytest.param({"YOURL_PRINT": "on"}, "print_requests", True, id="print"),
    pytest.param({}, "server", "auto", id="any-server"),
    pytest.param({"YOURL_SERVER": "Flask"}, "server", "flask", id="own-server"),
    pytest.param({"HOST": "fe80::1%eth0"}, "host", "fe80::1%eth0", id="address-with-a-zone"),
    pytest.param({"GOOGLE_CLOUD_PROJECT": "p-1"}, "cloud_project", "p-1", id="project-for-traces"),
]  # fmt: skip

BAD = [
    pytest.param("PORT", "0", id="port-zero"),
    pytest.param("PORT", "65536", id="port-too-high"),
    pytest.param("PORT", "80a", id="port-no-number"),
    pytest.param("PORT", "-1", id="port-negative"),
    pytest.param("PORT", "8_080", id="port-underscore"),
    pytest.param("PORT", "٨٠٨٠", id="port-other-digits"),
    pytest.param("HOST", "http://x", id="host-is-a-url"),
    pytest.param("HOST", "a b", id="host-with-a-blank"),
    pytest.param("WEB_CONCURRENCY", "0", id="no-workers"),
    pytest.param("WEB_CONCURRENCY", "many", id="workers-no-number"),
    pytest.param("YOURL_THREADS", "1.5", id="half-a-thread"),
    pytest.param("YOURL_WORKER_CLASS", "gevent loop", id="worker-class"),
    pytest.param("YOURL_TRUSTED_PROXIES", "10.0.0.0/33", id="cidr"),
    pytest.param("YOURL_ALLOWED_HOSTS", "https://a.example", id="host-with-scheme"),
    pytest.param("YOURL_ALLOWED_HOSTS", "a.example:80", id="host-with-port"),
    pytest.param("YOURL_GUARD", "true", id="guard-misspelt"),
    pytest.param("YOURL_GUARD_ALLOW", "pc,fridge", id="unknown-class"),
    pytest.param("YOURL_USAGE", "fun", id="usage"),
    pytest.param("YOURL_SESSION_ID", "1234", id="session-id"),
    pytest.param("YOURL_ACCESS_CODE", "short", id="short-code"),
    pytest.param("YOURL_BODY_LIMIT", "1MB", id="bytes-with-unit"),
    pytest.param("YOURL_LOG_FORMAT", "xml", id="log-format"),
    pytest.param("YOURL_DRAIN", "inf", id="endless-drain"),
    pytest.param("YOURL_ORGANIZATION", "a\nb", id="line-break"),
    pytest.param("YOURL_SERVER", "apache", id="server"),
]


@pytest.mark.parametrize(("environ", "field", "expected"), GOOD)
def test_reads(environ: dict[str, str], field: str, expected: Any) -> None:
    """A good value becomes the field that the rooms use."""
    assert expected == getattr(load(environ), field)


@pytest.mark.parametrize(("name", "text"), BAD)
def test_refuses(name: str, text: str) -> None:
    """A bad value is named with what it was and what is allowed."""
    with pytest.raises(SettingsError) as caught:
        load({name: text})
    (fault,) = caught.value.faults
    assert fault.startswith(f"{name} is ")
    assert "allowed" in fault
    assert "\n" not in fault


def test_names_every_fault_at_once() -> None:
    """Nobody should have to start five times to hear of five faults."""
    with pytest.raises(SettingsError) as caught:
        load({"PORT": "x", "YOURL_GUARD": "maybe", "YOURL_DRAIN": "-"})
    assert [fault.split()[0] for fault in caught.value.faults] == ["PORT", "YOURL_GUARD", "YOURL_DRAIN"]


def test_never_shows_a_secret() -> None:
    """A refused access code is not printed."""
    with pytest.raises(SettingsError) as caught:
        load({"YOURL_ACCESS_CODE": "sésame"})
    assert "sésame" not in str(caught.value)
    assert MASK in str(caught.value)


def test_the_settings_can_be_shown() -> None:
    """The text form of the settings, which a log may hold, has no access code."""
    assert "correct-horse" not in repr(load({"YOURL_ACCESS_CODE": "correct-horse"}))


def test_makes_a_session_id() -> None:
    """Without one from outside, each load makes its own UUID."""
    one, other = load({}).session_id, load({}).session_id
    assert one != other
    assert one == str(uuid.UUID(one))


def test_trusts_nobody_by_default() -> None:
    """No proxy is believed unless somebody says so."""
    assert not load({}).trusted_proxies


def test_trusts_the_front_end_of_cloud_run() -> None:
    """On Cloud Run its front end is believed, unless the list is set, be it to nothing."""
    assert load({"K_SERVICE": "s"}).trusted_proxies
    assert not load({"K_SERVICE": "s", "YOURL_TRUSTED_PROXIES": ""}).trusted_proxies


def test_hints_at_misspelt_names() -> None:
    """A misspelt setting is mentioned, with the likeliest one meant; Kubernetes' own variables are not."""
    (sentence,) = unknown_names(
        {
            "YOURL_TRUSTED_PROXY": "1",
            "YOURL_PORT_80_TCP": "tcp://10.0.0.1:80",
            "YOURL_SERVICE_HOST": "10.0.0.1",
        }
    )
    assert "YOURL_TRUSTED_PROXIES" in sentence


def test_every_option_is_unique() -> None:
    """No two settings share a command-line option."""
    options = [setting.option for setting in SETTINGS]
    assert sorted(set(options)) == sorted(options)


def test_every_setting_has_a_group_of_the_help() -> None:
    """No setting is missing from ``--help`` for want of a group."""
    assert {setting.group for setting in SETTINGS} == set(GROUPS)


def test_the_field_has_the_value_of_its_own_setting() -> None:
    """Variable, reader and field are one declaration: each default ends in the field it stands at."""
    settings = load({})
    given = [setting for setting in SETTINGS if setting.default is not None]
    assert [setting.read(setting.default) for setting in given] == [getattr(settings, s.field) for s in given]
