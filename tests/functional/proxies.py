"""Real nginx, HAProxy, Caddy and Apache httpd as child processes, configured by the files in docs/proxies.

The files are used as they are, apart from ports and paths, which are exchanged by exact text: a file that no
longer holds the text fails the test. Everything that a proxy writes goes into a folder that ends with it.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.functional.certificates import NAME, Certificate
from tests.functional.harness import (
    PATIENCE,
    ROOT,
    Answer,
    Server,
    clean_environment,
    require_program,
    running,
    wait_until,
)

DOCUMENTS = ROOT / "docs" / "proxies"
FILES = {"nginx": "nginx.conf", "haproxy": "haproxy.cfg", "caddy": "Caddyfile", "apache": "apache.conf"}
PROGRAMS = {"nginx": "nginx", "haproxy": "haproxy", "caddy": "caddy", "apache": "apache2"}
MARKED_PLACE = "# A finding's fix goes here, in place of the lines for the same header."
CLIENT = "127.0.0.5"  # a loopback address other than the proxies', which all come from 127.0.0.1

Changes = Mapping[str, str]


def has_ipv6() -> bool:
    """Whether this machine has ::1."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def free_port_of_both_families() -> int:
    """A TCP port that is free on 127.0.0.1 and, where there is IPv6, on ::1."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as first:
            port = int(first.getsockname()[1])
            if not has_ipv6():
                return port
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET6) as second:
                second.bind(("::1", port))
                return port


def exchanged(text: str, changes: Changes) -> str:
    """``text`` with each key replaced by its value.

    :raises AssertionError: naming a key that does not occur
    """
    for old, new in changes.items():
        assert old in text, f"the configuration no longer holds {old!r}"
        text = text.replace(old, new)
    return text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a configuration listens and what it passes requests to: the text to exchange."""

    port: int
    upstream: str
    certificate: Certificate

    def changes(self, file: str) -> Changes:
        """The plain values in ``file`` (a path below docs/proxies) and what takes their places."""
        port, tls = self.port, self.certificate
        second = f"listen [::1]:{port} ssl;" if has_ipv6() else ""
        binds = f"bind [::1]:{port} v6only" if has_ipv6() else f"bind 127.0.0.2:{port}"
        caddy_bind = "\n\tbind 127.0.0.1 [::1]" if has_ipv6() else "\n\tbind 127.0.0.1"
        listens = f"Listen 127.0.0.1:{port}" + (f"\nListen [::1]:{port}" if has_ipv6() else "")
        pair = {"/etc/ssl/yourl.crt": str(tls.certificate), "/etc/ssl/yourl.key": str(tls.key)}
        upstream = {"127.0.0.1:8080": self.upstream}
        return {
            "nginx.conf": {
                "listen 8443 ssl;": f"listen 127.0.0.1:{port} ssl;",
                "listen [::]:8443 ssl;": second,
                **pair,
                **upstream,
            },
            "haproxy.cfg": {
                "bind :8443": f"bind 127.0.0.1:{port}",
                "bind [::]:8443 v6only": binds,
                "/etc/ssl/yourl.pem": str(tls.both),
                **upstream,
            },
            "Caddyfile": {"\n:8443 {": f"\n:{port} {{{caddy_bind}", **pair, **upstream},
            "apache.conf": {"Listen 8443": listens, "*:8443": f"*:{port}", **pair, **upstream},
            "inner/nginx.conf": {"127.0.0.1:8081": f"127.0.0.1:{port}", **upstream},
            "inner/haproxy.cfg": {"127.0.0.1:8081": f"127.0.0.1:{port}", **upstream},
            "inner/Caddyfile": {"http://:8081": f"http://:{port}", **upstream},
            "inner/apache.conf": {
                "Listen 127.0.0.1:8081": f"Listen 127.0.0.1:{port}",
                "*:8081": f"*:{port}",
                **upstream,
            },
        }[file]


class Proxy:
    """A proxy in the foreground, ended by leaving ``with``.

    :param file: a path below docs/proxies, such as ``inner/nginx.conf``
    :param upstream: ``host:port`` of what stands behind it
    :param changes: text of the file to be exchanged: a mistake, say
    :param fix: lines to paste at the marked place
    """

    def __init__(
        self,
        file: str,
        upstream: str,
        certificate: Certificate,
        *,
        changes: Changes | None = None,
        fix: str = "",
    ) -> None:
        self.product = next(name for name, known in FILES.items() if file.endswith(known))
        self.is_edge = not file.startswith("inner/")
        self.port = free_port_of_both_families()
        self._certificate = certificate
        text = exchanged((DOCUMENTS / file).read_text(encoding="utf-8"), changes or {})
        if fix:
            text = pasted(text, fix)
        text = exchanged(text, Place(self.port, upstream, certificate).changes(file))
        self._folder = tempfile.TemporaryDirectory(prefix="yourl-proxy-")
        folder = Path(self._folder.name)
        self._log = folder / "log"
        command, environment = _COMMANDS[self.product](text, folder)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                env=clean_environment(environment),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def __enter__(self) -> Proxy:
        try:
            wait_until(self._listens, f"{self.product} to listen: {self.log}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._folder.cleanup()

    def _listens(self) -> bool:
        assert self._process.poll() is None, f"{self.product} ended: {self.log}"
        # The sockets of a proxy are opened one after the other: the first does not stand for both.
        hosts = ["127.0.0.1", *(["::1"] if self.is_edge and has_ipv6() else [])]
        try:
            for host in hosts:
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
            if not self.is_edge:
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


class Backends:
    """Servers by their settings, each started when it is first asked for, all ended by leaving ``with``."""

    def __init__(self, pyz: Path) -> None:
        self._pyz = pyz
        self._started: dict[tuple[str, str, str], Server] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Backends:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def trusting(self, proxies: str, *, allowed_hosts: str = "", host: str = "127.0.0.1") -> Server:
        """The real file with ``YOURL_TRUSTED_PROXIES`` and perhaps ``YOURL_ALLOWED_HOSTS``."""
        key = (proxies, allowed_hosts, host)
        if key not in self._started:
            settings = {
                "YOURL_TRUSTED_PROXIES": proxies,
                "YOURL_ALLOWED_HOSTS": allowed_hosts,
                "WEB_CONCURRENCY": "1",
            }
            command = [sys.executable, str(self._pyz)]
            self._started[key] = self._stack.enter_context(running(command, settings, host=host))
        return self._started[key]


def upstream_of(server: Server) -> str:
    """A server's address as a proxy's configuration has it."""
    return f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"


HEADINGS = {
    "nginx": "# nginx, in the location that has proxy_pass",
    "haproxy": "# HAProxy, in the frontend",
    "caddy": "# Caddy, inside reverse_proxy",
    "apache": "# Apache httpd",
    "yourl": "# yourl",
}
_HEADING = re.compile(r"^# (?:nginx|HAProxy|Caddy|Apache httpd|Traefik|Envoy|yourl)\b.*$", re.MULTILINE)
_SETS = re.compile(
    r"^\s*(?:proxy_set_header|http-request set-header|header_up|RequestHeader (?:set|setifempty)) -?([\w-]+)"
    r"|^\s*(proxy_http_version|ProxyPreserveHost|ProxyAddHeaders) ",
    re.MULTILINE,
)
"""What a configuration may hold but once: a header that is set, or a directive."""


def lines_for(product: str, fix: str) -> str:
    """The lines of a finding's ``fix`` that stand under the product's heading.

    :raises AssertionError: when there are none
    """
    headings = [*_HEADING.finditer(fix)]
    blocks = [
        fix[heading.end() : following.start() if following else len(fix)].strip("\n")
        for heading, following in zip(headings, [*headings[1:], None], strict=True)
        if heading[0].startswith(HEADINGS[product])
    ]
    assert blocks, f"no lines for {product} in {fix!r}"
    return "\n".join(blocks)


def setting_in(fix: str) -> dict[str, str]:
    """The setting of ours that a ``fix`` holds.

    :raises AssertionError: when there is none
    """
    found = re.findall(r"^(YOURL_[A-Z_]+)=(.*)$", fix, re.MULTILINE)
    assert len(found) == 1, f"one setting is expected in {fix!r}"
    return dict(found)


def pasted(text: str, lines: str) -> str:
    """A configuration with ``lines`` at its marked place, in place of those that set the same headers."""
    assert text.count(MARKED_PLACE) == 1, "the configuration has no marked place for a fix"
    set_anew = set(_SETS.findall(lines))
    kept = [line for line in text.splitlines() if not set_anew.intersection(_SETS.findall(line))]
    return "\n".join(kept).replace(MARKED_PLACE, lines) + "\n"


Command = tuple[list[str], dict[str, str]]


def _nginx(text: str, folder: Path) -> Command:
    (folder / "yourl.conf").write_text(text)
    as_root = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = folder / "main.conf"
    main.write_text(
        f"daemon off; worker_processes 1; pid {folder / 'pid'}; error_log stderr; {as_root}\n"
        f"lock_file {folder / 'lock'}; events {{ worker_connections 64; }}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder / 'yourl.conf'};\n}}\n"
    )
    return [require_program("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(main)], {}


def _haproxy(text: str, folder: Path) -> Command:
    (folder / "haproxy.cfg").write_text(text)
    return [require_program("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")], {}


def _caddy(text: str, folder: Path) -> Command:
    # Neither its endpoint for administration nor a redirecting server on port 80.
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    (folder / "Caddyfile").write_text(options + text)
    command = [require_program("caddy"), "run", "--adapter", "caddyfile"]
    places = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    return [*command, "--config", str(folder / "Caddyfile")], places


APACHE_MODULES = (
    *(
        "mpm_event",
        "authn_core",
        "authz_core",
        "authz_host",
        "headers",
        "proxy",
        "proxy_http",
        "socache_shmcb",
    ),
    "ssl",
)


def _apache(text: str, folder: Path) -> Command:
    (folder / "yourl.conf").write_text(text)
    loads = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in APACHE_MODULES
    )
    as_root = "User nobody\nGroup nogroup\n" if os.geteuid() == 0 else ""
    main = folder / "main.conf"
    main.write_text(
        f'ServerRoot "{folder}"\n{loads}{as_root}ServerName localhost\nPidFile {folder / "pid"}\n'
        f"DefaultRuntimeDir {folder}\nMutex pthread\nErrorLog /dev/stderr\nLogLevel warn\n"
        "StartServers 1\nServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8\n"
        "MinSpareThreads 1\nMaxSpareThreads 8\nSSLSessionCache none\n"
        f"Include {folder / 'yourl.conf'}\n"
    )
    return [require_program("apache2"), "-d", str(folder), "-f", str(main), "-D", "FOREGROUND"], {}


_COMMANDS: dict[str, Callable[[str, Path], Command]] = {
    "nginx": _nginx,
    "haproxy": _haproxy,
    "caddy": _caddy,
    "apache": _apache,
}
