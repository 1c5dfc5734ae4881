"""docs/release.md: its commands sign and verify, and anything that was changed afterwards is found."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.functional.harness import ROOT, clean_environment, require_program

TEXT = (ROOT / "docs/release.md").read_text(encoding="utf-8")


def commands(name: str) -> list[str]:
    """The commands of the block that the document marks with ``<!-- run: NAME -->``."""
    match = re.search(rf"<!-- run: {name} -->\n```console\n(.*?)```", TEXT, re.DOTALL)
    assert match
    return [line.removeprefix("$ ") for line in match[1].splitlines()]


def run(command: str, folder: Path) -> int:
    """The exit code of a command, as a shell runs it."""
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=clean_environment(), capture_output=True
    ).returncode


def make_key(folder: Path, name: str = "release_key") -> None:
    """A key that is thrown away."""
    command = [require_program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
    subprocess.run(command, check=True)


@pytest.fixture
def released(pyz: Path, tmp_path: Path) -> Path:
    """A folder with a release as its receiver has it: three files and the line of the project's key."""
    for name in (pyz.name, f"{pyz.name}.sha256"):
        shutil.copy(pyz.with_name(name), tmp_path)
    make_key(tmp_path)
    assert [0, 0] == [run(command, tmp_path) for command in [*commands("sign"), *commands("publish")]]
    (tmp_path / "release_key").unlink()
    return tmp_path


def verified(folder: Path) -> list[bool]:
    """Which of the commands that check a release succeed: the signature's, the checksum's."""
    return [run(command, folder) == 0 for command in commands("verify")]


def test_a_release_can_be_checked(released: Path) -> None:
    """What was signed as documented is verified as documented."""
    assert [True, True] == verified(released)


def test_a_changed_archive_is_found(released: Path) -> None:
    """One byte more, and the checksum differs."""
    with (released / "yourl.pyz").open("ab") as archive:
        archive.write(b"x")
    assert [True, False] == verified(released)


def test_a_changed_checksum_is_found(released: Path) -> None:
    """A checksum that was made to fit another archive was not signed."""
    (released / "yourl.pyz").write_bytes(b"another")
    assert 0 == run("sha256sum yourl.pyz > yourl.pyz.sha256", released)
    assert [False, True] == verified(released)


def test_another_key_is_found(released: Path) -> None:
    """A signature by a key that is not the project's is none."""
    (released / "yourl.pyz.sha256.sig").unlink()
    make_key(released, "another_key")
    (command,) = commands("sign")
    assert 0 == run(command.replace("release_key", "another_key"), released)
    assert [False, True] == verified(released)


def test_a_signature_for_another_purpose_is_found(released: Path) -> None:
    """The same key's signature under another namespace, of a commit say, does not count here."""
    make_key(released, "new_key")
    assert 0 == run(commands("publish")[0].replace("release_key", "new_key"), released)
    (released / "yourl.pyz.sha256.sig").unlink()
    (command,) = commands("sign")
    assert 0 == run(command.replace("release_key", "new_key").replace("-n yourl", "-n git"), released)
    assert [False, True] == verified(released)
