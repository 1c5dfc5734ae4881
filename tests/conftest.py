"""A clean environment for every test, and an application to ask."""

from __future__ import annotations

import os

import pytest
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings

from yourl.app import create_app
from yourl.settings import SETTINGS, load

# No test has a time limit of its own: on a busy machine any of them can take long.
hypothesis_settings.register_profile("yourl", deadline=None)
hypothesis_settings.load_profile("yourl")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine that runs the tests reaches them."""
    for name in [*(setting.name for setting in SETTINGS), "K_SERVICE", "FLASK_DEBUG", "GUNICORN_CMD_ARGS"]:
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("YOURL_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def client() -> FlaskClient:
    """A client of an application with default settings."""
    return create_app(load({})).flask.test_client()
