"""The image, built by Buildah from the real Dockerfile, run with a read-only root and checked healthy.

No registry is needed: a Debian root made by debootstrap, with Debian's own Python in it, stands in for the
base image under its name. Everything else is the image's: its layer, user, commands and health check.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.functional.harness import ROOT, clean_environment, require_program
from tests.functional.test_container import BUILD, IMAGE, assert_went_well, folders, left_in, run_inside

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="debootstrap and Buildah's chroot isolation need root"
)

TAG = "yourl:test"
LARGEST_LAYER = 64 << 20  # bytes, uncompressed: the archive, and bytecode for the standard library
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
HOUR = 3600.0  # seconds after which a step has hung


class Buildah:
    """Buildah with a store of its own, so that nothing of the machine's images is seen or changed."""

    def __init__(self, folder: Path) -> None:
        self._store = ["--root", str(folder / "store"), "--runroot", str(folder / "run")]

    def __call__(self, *arguments: str) -> str:
        """Run one command; what it prints on stdout."""
        command = [require_program("buildah"), *self._store, "--storage-driver", "overlay", *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, timeout=HOUR
        )
        assert ended.returncode == 0, f"buildah {' '.join(arguments)}: {ended.stdout}{ended.stderr}"
        return ended.stdout.strip()


@dataclass(frozen=True)
class BuiltImage:
    """What was built: its configuration as engines read it, the bytes of its layer, its root as a folder."""

    config: dict[str, Any]
    layers: list[int]
    root: Path

    def command(self, words: Sequence[str]) -> list[str]:
        """A command of the image with the whole path of its program, as an engine finds it."""
        paths = dict(entry.split("=", 1) for entry in self.config["Env"])["PATH"].split(":")
        found = [f"{path}/{words[0]}" for path in paths if (self.root / path[1:] / words[0]).exists()]
        return [found[0], *words[1:]]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltImage]:
    """The Dockerfile, built once, in memory: dpkg and Buildah wait for the disk after each of many files."""
    folder = tmp_path_factory.mktemp("buildah")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3g", "tmpfs", str(folder)], check=True)
    try:
        buildah = Buildah(folder)
        make_base(buildah)
        build(buildah, folder)
        inspected = json.loads(buildah("inspect", "--type", "image", TAG))
        config = json.loads(inspected["Config"])["config"]
        layers = [layer["size"] for layer in json.loads(inspected["Manifest"])["layers"]]
        root = Path(buildah("mount", buildah("from", "--pull-never", TAG)))
        yield BuiltImage(config, layers, root)
    finally:
        subprocess.run(["umount", "--recursive", "--lazy", str(folder)], check=True)


def make_base(buildah: Buildah) -> None:
    """Store a Debian root under the name of the Dockerfile's base image."""
    container = buildah("from", "scratch")
    root = Path(buildah("mount", container))
    make_debian(root)
    library = next(root.glob("usr/lib/python3.*/"))
    for folder in list(library.rglob("__pycache__")):  # the official image comes without bytecode
        shutil.rmtree(folder)
    place = root / IMAGE.one("RUN").exec_form[-1].lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(f"/{library.relative_to(root)}")
    buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin", container)
    buildah("commit", "--format", "docker", "--rm", container, f"docker.io/library/{BUILD.base}")


def make_debian(root: Path) -> None:
    """The smallest Debian, of this machine's release, that has Python; a stalled mirror gets a second try."""
    release = platform.freedesktop_os_release().get("VERSION_CODENAME", "stable")
    command = [require_program("debootstrap"), "--variant=minbase"]
    command += ["--include=python3,python3-venv,ca-certificates", release, str(root)]
    for _ in range(2):
        made = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=HOUR)
        if made.returncode == 0:
            return
    log = root / "debootstrap/debootstrap.log"
    pytest.fail(f"{made.stdout}{made.stderr}{log.read_text() if log.exists() else ''}"[-4000:])


def build(buildah: Buildah, folder: Path) -> None:
    """Build as docs/containers.md says; pip trusts the authorities that this machine trusts."""
    configuration = folder / "pip.conf"
    configuration.write_text(f"[global]\ncert = {CERTIFICATES}\n", encoding="utf-8")
    volumes = [f"{configuration}:/etc/pip.conf:ro", f"{CERTIFICATES}:{CERTIFICATES}:ro"]
    options = [word for volume in volumes for word in ("--volume", volume)] if CERTIFICATES.exists() else []
    buildah(
        *("build", "--format", "docker", "--isolation", "chroot", "--pull-never", *options),
        *("--tag", TAG, "."),
    )


def box(image: BuiltImage, writable: Sequence[tuple[Path, str]]) -> list[str]:
    """The bubblewrap command line up to the program: the image's root, read-only, and what may be written."""
    user, group = image.config["User"].split(":")
    words = [require_program("bwrap"), "--unshare-all", "--as-pid-1", "--die-with-parent", "--clearenv"]
    words += ["--uid", user, "--gid", group, "--ro-bind", str(image.root), "/"]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    for source, target in writable:
        words += ["--bind", str(source), target]
    return [*words, "--chdir", "/"]


def test_image_is_what_the_dockerfile_says(image: BuiltImage) -> None:
    """User, port, stop signal, commands and health check reach the engine as they are written."""
    config = image.config
    assert IMAGE.start_command == [*config["Entrypoint"], *config["Cmd"]]
    assert ["CMD", *IMAGE.health_command] == config["Healthcheck"]["Test"]
    assert IMAGE.one("USER").text == config["User"]
    assert {f"{IMAGE.one('EXPOSE').text}/tcp": {}} == config["ExposedPorts"]
    assert IMAGE.one("STOPSIGNAL").text == config["StopSignal"]


@pytest.mark.parametrize(
    "targets", [pytest.param([], id="nothing writable"), pytest.param(["/tmp", "/dev/shm"], id="tmp and shm")]
)
def test_container_is_healthy(image: BuiltImage, tmp_path: Path, targets: list[str]) -> None:
    """Its own health check fails before and succeeds while it serves; it ends with 0 and leaves no file."""
    writable = folders(tmp_path, *targets)
    start = image.command([*image.config["Entrypoint"], *image.config["Cmd"]])
    health = image.command(image.config["Healthcheck"]["Test"][1:])
    assert_went_well(run_inside(box(image, writable), start[0], start, health), "gunicorn")
    assert left_in(writable) == []


def test_layer_holds_the_archive_and_bytecode_only(
    image: BuiltImage, capsys: pytest.CaptureFixture[str]
) -> None:
    """On top of the base there is one layer; the archive can be read by all and written by none."""
    archive = image.root / IMAGE.one("COPY").text.split()[-1].lstrip("/")
    found = archive.stat()
    assert (int(IMAGE.one("COPY").flags["chmod"], 8), 0) == (found.st_mode & 0o777, found.st_uid)
    base, own = image.layers
    sizes = (
        f"{own / 1e6:.1f} MB on a base of {base / 1e6:.1f} MB; the archive has {found.st_size / 1e6:.1f} MB"
    )
    with capsys.disabled():
        sys.stdout.write(f"\nimage: {sizes}\n")
    assert found.st_size < own < LARGEST_LAYER
    assert {"yourl.pyz"} == {path.name for path in archive.parent.iterdir()}
    assert not (image.root / BUILD.one("WORKDIR").text.lstrip("/")).exists()


def test_standard_library_has_its_bytecode(image: BuiltImage) -> None:
    """The compile step has run on the image's own Python, with hashes that are never checked."""
    (bytecode,) = (image.root / "usr/lib").glob("python3.*/json/__pycache__/decoder.*.pyc")
    assert bytecode.read_bytes()[4:8] == b"\x01\0\0\0"  # PEP 552
