"""A certificate of our own making for the edge of a test, in a folder of the test."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.functional.harness import require_program

NAME = "shop.example"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM: the certificate, its key, and both in one, as HAProxy wants them."""

    certificate: Path
    key: Path
    both: Path

    def client_context(self) -> ssl.SSLContext:
        """What a client needs to trust it, and nothing else."""
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(folder: Path, name: str = NAME) -> Certificate:
    """A self-signed certificate for ``name``, valid for two days."""
    made = Certificate(folder / "yourl.crt", folder / "yourl.key", folder / "yourl.pem")
    command = [require_program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt"]
    command += ["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    command += ["-addext", f"subjectAltName=DNS:{name}", "-addext", "keyUsage=digitalSignature,keyCertSign"]
    command += ["-keyout", str(made.key), "-out", str(made.certificate)]
    subprocess.run(command, check=True, capture_output=True)
    made.both.write_text(made.certificate.read_text() + made.key.read_text())
    return made
