"""Varnish; hitch ends TLS before it."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.hitch import HITCH
from tests.functional.proxies.mistake import FORGED_FORWARDED, FORGED_LIST, FROM_OWN_PAGE, Mistake
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

_HTTPS = 'set req.http.X-Forwarded-Proto = "https";'
_HTTP = 'set req.http.X-Forwarded-Proto = "http";'

MISTAKES = {
    "varnish says no scheme": Mistake(
        {_HTTPS: "", _HTTP: ""}, {"missing-proto": "warning"}, {"scheme": "http"}
    ),
    "varnish says no scheme to a browser": Mistake(
        {_HTTPS: "", _HTTP: ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "varnish appends to a forged list": Mistake(
        {"set req.http.X-Forwarded-For = client.ip;": ""},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "varnish passes Forwarded on": Mistake(
        {"unset req.http.Forwarded;": ""},
        {"forwarded-contradiction": "warning"},
        headers=FORGED_FORWARDED,
    ),
    "varnish names no client": Mistake(
        {"set req.http.X-Forwarded-For = client.ip;": "unset req.http.X-Forwarded-For;"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "varnish puts the backend's name into Host": Mistake(
        {
            "set req.http.X-Forwarded-Host = req.http.Host;": "",
            "set req.http.X-Forwarded-Port = std.port(server.ip);": "",
            "# Only WebSocket": 'set req.http.Host = "backend";\n    # Only WebSocket',
        },
        {"missing-host": "warning"},
        {"host": "backend"},
    ),
    "an inner varnish says http over the edge's https": Mistake(
        {"# A finding's fix goes here": f"{_HTTP}\n# A finding's fix goes here"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy",
        is_fixable=False,  # the cure is to take a line out
    ),
}
