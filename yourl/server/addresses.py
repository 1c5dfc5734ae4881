"""Where people find a server that has started: its pages, from this machine and from its network.

Knows nothing of Gunicorn.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from yourl.server import qr_code
from yourl.settings import Settings
from yourl.settings.platform import wants_colour

EVERY_ADDRESS = ("0.0.0.0", "::", "")


def url_to_open(host: str, port: int) -> str:
    """The URL that a person on this machine can open; localhost where every address is listened on."""
    if host in EVERY_ADDRESS:
        host = "localhost"
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def lines_for(addresses: list[tuple[str, int]], settings: Settings) -> Iterator[str]:
    """Where to look, one line each; last a QR code where one was asked for."""
    urls = [url_to_open(host, port) for host, port in addresses]
    yield f"Open {' '.join(urls)} (Ctrl-C stops)"
    nearby = [url_to_open(known, port) for host, port in addresses if (known := _on_network(host, settings))]
    if nearby:
        yield f"From this network: {' '.join(nearby)}"
    yield f"What is sent to {urls[0]}in/NAME is kept, and shown at {live_link(urls[0], settings)}"
    yield f"In a terminal: {following(urls[0], settings)}"
    if settings.show_qr and settings.log_format == "text":
        yield from _qr_code(live_link(_url_for_phone(*addresses[0]), settings))


def _qr_code(link: str) -> Iterator[str]:
    """A link, and its QR code in one piece."""
    yield f"The QR code opens {link}"
    yield qr_code.drawn(link, has_colours=sys.stderr is not None and wants_colour(sys.stderr, os.environ))


def _url_for_phone(host: str, port: int) -> str:
    """The URL in the network, also in a container, which may share the network of its host."""
    return url_to_open((network_address() if host in EVERY_ADDRESS else None) or host, port)


def live_link(url: str, settings: Settings) -> str:
    """The live page; the link signs in where the access code was made at the start."""
    return f"{url}live" if settings.access_code else f"{url}live?access_code={settings.live_code}"


def following(url: str, settings: Settings) -> str:
    """The command that shows what is kept; with the access code in it where that was made at the start."""
    code = "CODE" if settings.access_code else settings.live_code
    return f"yourl.pyz tail {url} --inbox NAME --code {code}"


def _on_network(host: str, settings: Settings) -> str | None:
    """An address by which others in the network reach a server that listens on every address."""
    is_contained = settings.platform or "KUBERNETES_SERVICE_HOST" in os.environ
    if host not in EVERY_ADDRESS or is_contained or any(map(Path.exists, _CONTAINER_MARKS)):
        return None  # within a container the address is one that others do not reach
    return network_address()


_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


def network_address() -> str | None:
    """This machine's address in the network that its default route leads to; None for none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # RFC 5737; nothing is sent, the kernel only chooses a route
        except OSError:
            return None
        address = str(probe.getsockname()[0])
    return None if address.startswith(("127.", "0.")) else address
