"""Varnish; hitch ends TLS before it."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.hitch import HITCH
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    host, _, port = place.upstream.rpartition(":")
    return {'.host = "127.0.0.1";': f'.host = "{host}";', '.port = "8080";': f'.port = "{port}";'}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "varnish.vcl"
    file.write_text(texts["varnish.vcl"])
    listen = f"127.0.0.1:{place.port}" if place.is_inner else f"tls=127.0.0.1:{place.port},PROXY"
    program = require_program("varnishd")
    small = ["-s", "malloc,16M", "-p", "thread_pools=1", "-p", "thread_pool_min=10", "-j", "none"]
    start = [program, "-F", "-f", str(file), "-n", str(folder / "work"), "-a", listen, *small]
    return Prepared(start, [program, "-C", "-f", str(file), "-n", str(folder / "check")])


VARNISH = Product(
    name="varnish",
    fix_name="Varnish",
    edge="varnish.vcl",
    inner="inner/varnish.vcl",
    page="varnish.md",
    places=_places,
    prepare=_prepare,
    paste=pasting(
        r"^\s*(?:set|unset) req\.http\.([\w-]+)",
        after={"at the top of the VCL": "vcl 4.1;", "in vcl_pipe": "sub vcl_pipe {"},
    ),
    tls_by=HITCH,
)
