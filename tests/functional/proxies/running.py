"""Proxies as child processes in front of the real yourl.pyz, and a client of them.

Everything that a proxy writes goes into a folder that ends with it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.functional.certificates import NAME, Certificate
from tests.functional.harness import PATIENCE, Answer, Server, clean_environment, wait_until
from tests.functional.proxies.product import (
    Block,
    Changes,
    Place,
    Prepared,
    Product,
    exchanged,
    free_port_of_both_families,
    has_ipv6,
)

CLIENT = "127.0.0.5"  # a loopback address other than the proxies', which all come from 127.0.0.1


class RefusedConfiguration(AssertionError):
    """The product's own checker does not accept a configuration."""


class Proxy:
    """A proxy in the foreground, ended by leaving ``with``.

    :param upstream: ``host:port`` of what stands behind it
    :param inner: whether it stands behind another proxy
    :param changes: text of the configuration to be exchanged: a mistake, say
    :param fix: what a finding offers to paste; the product's checker then has to accept the whole
    :param checked: whether the checker has to accept it anyway
    """

    def __init__(
        self,
        product: Product,
        upstream: str,
        certificate: Certificate,
        *,
        inner: bool = False,
        changes: Changes | None = None,
        fix: Sequence[Block] = (),
        checked: bool = False,
    ) -> None:
        self.product = product
        self.is_edge = not inner
        self.cuts_prefix = product.cuts_prefix
        self.port = free_port_of_both_families()
        self._certificate = certificate
        texts = exchanged(product.read(product.inner if inner else product.edge), changes or {})
        place = Place(self.port, upstream, certificate, inner)
        texts = exchanged(texts, product.places(place))
        if fix:
            texts = product.paste(texts, fix)
        self._folder = tempfile.TemporaryDirectory(prefix="yourl-proxy-")
        folder = Path(self._folder.name)
        folder.chmod(0o755)  # some programs give up root's rights before they read what is in it
        self._log = folder / "log"
        try:
            prepared = product.prepare(texts, folder, place)
            if fix or checked:
                self._check(prepared, folder)
            self._process = self._started(prepared, folder)
        except BaseException:
            self._folder.cleanup()
            raise

    def _check(self, prepared: Prepared, folder: Path) -> None:
        checked = subprocess.run(
            prepared.check,
            env=clean_environment(prepared.environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if checked.returncode:
            said = checked.stdout.decode(errors="replace")[-4000:]
            raise RefusedConfiguration(f"{self.product.name} refuses its configuration: {said}")

    def _started(self, prepared: Prepared, folder: Path) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                prepared.start,
                env=clean_environment(prepared.environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> Proxy:
        try:
            wait_until(self._listens, f"{self.product.name} to listen: {self.log}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(self.product.stop)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(PATIENCE)
        with contextlib.suppress(ProcessLookupError):  # its children, should it have left any
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for left in self.product.leaves(self.port):
            left.unlink()
        self._folder.cleanup()

    def _listens(self) -> bool:
        assert self._process.poll() is None, f"{self.product.name} ended: {self.log}"
        # The sockets of a proxy are opened one after the other: the first does not stand for both.
        two = self.is_edge and self.product.both_families and has_ipv6()
        try:
            for host in ["127.0.0.1", *(["::1"] if two else [])]:
                socket.create_connection((host, self.port), timeout=PATIENCE).close()
        except OSError:
            return False
        return True

    @property
    def log(self) -> str:
        """What it has written on stdout and stderr until now."""
        return self._log.read_text(errors="replace")

    @property
    def address(self) -> str:
        """Where it listens, as the proxy before it writes that down."""
        return f"127.0.0.1:{self.port}"

    @property
    def authority(self) -> str:
        """Host and port as a client asks for them."""
        return f"{NAME}:{self.port}"

    @contextlib.contextmanager
    def connected(self, ipv6: bool = False) -> Iterator[socket.socket]:
        """A client's connection, with TLS where the proxy ends it."""
        address, source = ("::1", "::1") if ipv6 else ("127.0.0.1", CLIENT)
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(
                socket.create_connection((address, self.port), PATIENCE, (source if self.is_edge else "", 0))
            )
            if not self.is_edge or self.product.tls_by:
                yield plain
                return
            context = self._certificate.client_context()
            yield stack.enter_context(context.wrap_socket(plain, server_hostname=NAME))

    def get(
        self,
        path: str = "/api",
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        *,
        ipv6: bool = False,
    ) -> Answer:
        """One request for ``shop.example`` and the port that it listens on, from ``CLIENT``."""
        fields = list(headers.items() if isinstance(headers, Mapping) else headers)
        if not any(name.lower() == "host" for name, _ in fields):
            fields.insert(0, ("Host", self.authority))
        with self.connected(ipv6) as connection:
            client = http.client.HTTPConnection(NAME, self.port)
            client.sock = connection
            client.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
            for name, value in fields:
                client.putheader(name, value)
            client.endheaders()
            response = client.getresponse()
            folded = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, folded, response.read())

    def raw(self, data: bytes, patience: float = 0.2) -> bytes:
        """Send ``data`` as it is; all bytes until the proxy closes or is silent for ``patience`` seconds.

        Many an odd request leaves a proxy waiting for more, and that is no failure.
        """
        received = b""
        with self.connected() as connection:
            with contextlib.suppress(OSError):  # a refusal may close before all is sent
                connection.sendall(data)
            connection.settimeout(patience)
            with contextlib.suppress(OSError):
                while chunk := connection.recv(65536):
                    received += chunk
        return received


@contextlib.contextmanager
def edge_of(
    product: Product,
    upstream: str,
    certificate: Certificate,
    *,
    changes: Changes | None = None,
    fix: Sequence[Block] = (),
) -> Iterator[Proxy]:
    """The product as the edge, with what ends TLS before it where it needs that: what clients connect to."""
    with Proxy(product, upstream, certificate, changes=changes, fix=fix) as proxy:
        if product.tls_by is None:
            yield proxy
            return
        with Proxy(product.tls_by, proxy.address, certificate) as before:
            before.cuts_prefix = product.cuts_prefix
            yield before


@contextlib.contextmanager
def chain(outer: Product, inner: Product, upstream: str, certificate: Certificate) -> Iterator[Proxy]:
    """The edge of two proxies, one behind the other, as their files have it."""
    with (
        Proxy(inner, upstream, certificate, inner=True) as behind,
        edge_of(outer, behind.address, certificate) as started,
    ):
        started.cuts_prefix = outer.cuts_prefix
        yield started


class Backends:
    """Servers by their settings, each started when it is first asked for, all ended by leaving ``with``."""

    def __init__(self, pyz: Path) -> None:
        self._pyz = pyz
        self._started: dict[tuple[str, tuple[tuple[str, str], ...]], Server] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Backends:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def trusting(self, proxies: str, *, host: str = "127.0.0.1", **settings: str) -> Server:
        """The real file with ``YOURL_TRUSTED_PROXIES`` and perhaps others, such as ``allowed_hosts="…"``."""
        key = (host, (("trusted_proxies", proxies), *sorted(settings.items())))
        if key not in self._started:
            named = {f"YOURL_{name.upper()}": value for name, value in key[1]}
            command = [sys.executable, str(self._pyz)]
            server = Server(command, {**named, "WEB_CONCURRENCY": "1"}, host=host)
            self._stack.push(server.__exit__)
            wait_until(lambda: _answers(server), f"an answer: {server.stderr}")
            self._started[key] = server
        return self._started[key]


def _answers(server: Server) -> bool:
    """Whether it answers at all: one that wants the PROXY protocol refuses a request without it."""
    try:
        return server.get("/health").status in (200, 400)
    except OSError:
        return False


def upstream_of(server: Server) -> str:
    """A server's address as a proxy's configuration has it."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
