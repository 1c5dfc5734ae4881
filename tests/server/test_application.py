"""How ``yourl serve`` configures Gunicorn."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from gunicorn.app.base import Application
from gunicorn.config import KNOWN_SETTINGS

from yourl.server.application import BadConfiguration, YourlApplication, configuration_source
from yourl.settings import load


def test_the_settings_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment was read before: neither configuration nor application reads it again."""
    settings = load({"PORT": "9001", "WEB_CONCURRENCY": "3", "YOURL_ORGANIZATION": "Handed on"})
    monkeypatch.setenv("PORT", "nonsense")
    application = YourlApplication(settings)
    assert ([("0.0.0.0", 9001)], 3) == (application.cfg.address, application.cfg.workers)
    assert "Handed on" == application.wsgi().flask.test_client().get("/status").json["organization"]


def test_every_gunicorn_setting_exists() -> None:
    """gunicorn.conf.py misspells no setting: what is not Gunicorn's is imported or a helper."""
    namespace: dict[str, object] = {"settings": load({})}
    exec(compile(configuration_source()[1], "gunicorn.conf.py", "exec"), namespace)
    known = {setting.name for setting in KNOWN_SETTINGS}
    helpers = {"settings", "hooks", "os", "sys", "usable_cpus", "Hooks", "SettingsError"}
    assert helpers == {name for name in namespace if not name.startswith("__")} - known


def test_gunicorn_cannot_read_a_configuration_in_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Why the configuration is compiled by ``YourlApplication``: Gunicorn opens files only."""
    _, source = configuration_source()
    with zipfile.ZipFile(tmp_path / "yourl.pyz", "w") as archive:
        archive.writestr("yourl/gunicorn.conf.py", source)

    class OwnReader(Application):  # type: ignore[misc]
        def load_config(self) -> None:
            self.load_config_from_file(str(tmp_path / "yourl.pyz/yourl/gunicorn.conf.py"))

    with pytest.raises(SystemExit):
        OwnReader()


def test_gunicorn_cmd_args_win(monkeypatch: pytest.MonkeyPatch) -> None:
    """GUNICORN_CMD_ARGS goes before the file; a fault in it is one line."""
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers 7")
    assert 7 == YourlApplication(load({"WEB_CONCURRENCY": "3"})).cfg.workers
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--nonsense")
    with pytest.raises(BadConfiguration, match="GUNICORN_CMD_ARGS: unrecognized"):
        YourlApplication(load({}))
