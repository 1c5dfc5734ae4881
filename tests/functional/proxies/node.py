"""http-proxy and http-proxy-middleware on Node, from tests/functional/node (``npm ci`` installs them)."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import ROOT, require_program
from tests.functional.proxies.mistake import FORGED_FORWARDED, FROM_OWN_PAGE, Mistake
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

_XFWD = "xfwd: true,"
_DROPS = "    if (forged.test(name)) delete req.headers[name];\n"

MISTAKES = {
    "http-proxy without xfwd": Mistake(
        {_XFWD: ""},
        {"missing-client": "warning", "missing-proto": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
    ),
    "http-proxy without xfwd to a browser": Mistake(
        {_XFWD: ""},
        {"redirect-loop-ahead": "error", "missing-client": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "http-proxy with changeOrigin alone": Mistake(
        {_XFWD: "changeOrigin: true,"},
        {"missing-host": "warning", "missing-client": "warning", "missing-proto": "warning"},
        {"client": "127.0.0.1", "scheme": "http", "host": "127.0.0.1"},
    ),
    "http-proxy appends to a forged scheme": Mistake(
        {_DROPS: ""},
        {"duplicate-forwarding-header": "warning"},
        headers=(("X-Forwarded-Proto", "http"),),
    ),
    "http-proxy passes X-Forwarded-Host on": Mistake(
        {_DROPS: ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example"},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
    "http-proxy passes Forwarded on": Mistake(
        {_DROPS: ""}, {"forwarded-contradiction": "warning"}, headers=FORGED_FORWARDED
    ),
}
