"""http-proxy and http-proxy-middleware on Node, from tests/functional/node (``npm ci`` installs them)."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import ROOT, require_program
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, pasting

MODULES = ROOT / "tests" / "functional" / "node" / "node_modules"


def _places(place: Place) -> Changes:
    if place.is_inner:
        return {"listen(8081, ": f"listen({place.port}, ", **place.backend}
    return {"listen(8443)": f"listen({place.port}, '127.0.0.1')", **place.pem, **place.backend}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    assert MODULES.is_dir(), f"run npm ci in {MODULES.parent}"
    ((name, text),) = texts.items()
    (folder / name).write_text(text)
    command = [require_program("node"), str(folder / name)]
    return Prepared(command, [command[0], "--check", command[1]], {"NODE_PATH": str(MODULES)})


_paste = pasting(r"^\s*(xfwd|changeOrigin|headers):", after={"before": "function prepare(req) {"})

HTTP_PROXY = Product(
    name="http-proxy",
    fix_name="Node",
    edge="http-proxy.js",
    inner="inner/http-proxy.js",
    page="node.md",
    places=_places,
    prepare=_prepare,
    paste=_paste,
)
HTTP_PROXY_MIDDLEWARE = Product(
    name="http-proxy-middleware",
    fix_name="Node",
    edge="http-proxy-middleware.js",
    inner="",
    page="node.md",
    places=_places,
    prepare=_prepare,
    paste=_paste,
)
