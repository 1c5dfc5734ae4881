"""The archive under test, built once for a whole run."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.functional.certificates import Certificate, make_certificate
from tests.functional.harness import ROOT, clean_environment
from tests.functional.proxies.running import Backends


@pytest.fixture(scope="session")
def pyz(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``yourl.pyz`` freshly built from this checkout by the Python that runs the tests."""
    output = tmp_path_factory.mktemp("archive") / "yourl.pyz"
    command = [sys.executable, str(ROOT / "build_zipapp.py"), "--output", str(output)]
    built = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return output


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For every edge of a module."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def backends(pyz: Path) -> Iterator[Backends]:
    """yourl.pyz under several settings."""
    with Backends(pyz) as started:
        yield started
