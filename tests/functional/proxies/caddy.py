"""Caddy."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_LIST, FROM_OWN_PAGE, H2C, Mistake
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, has_ipv6, pasting


def _places(place: Place) -> Changes:
    if place.is_inner:
        return {"http://:8081": f"http://:{place.port}", **place.backend}
    bind = "bind 127.0.0.1 [::1]" if has_ipv6() else "bind 127.0.0.1"
    return {"\n:8443 {": f"\n:{place.port} {{\n\t{bind}", **place.pem, **place.backend}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    # Neither its endpoint for administration nor a redirecting server on port 80.
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n"
    file = folder / "Caddyfile"
    file.write_text(options + texts["Caddyfile"])
    places = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    program, arguments = require_program("caddy"), ["--adapter", "caddyfile", "--config", str(file)]
    return Prepared([program, "run", *arguments], [program, "validate", *arguments], places)


CADDY = Product(
    name="caddy",
    fix_name="Caddy",
    edge="Caddyfile",
    inner="inner/Caddyfile",
    places=_places,
    prepare=_prepare,
    paste=pasting(r"^\s*header_up [-+]?([\w-]+)|^\s*(trusted_proxies) "),
    both_families=True,
)

_PLACE = "transport http {"

MISTAKES = {
    "caddy says no scheme": Mistake(
        {_PLACE: f"header_up -X-Forwarded-Proto\n{_PLACE}"},
        {"missing-proto": "warning"},
        {"scheme": "http"},
    ),
    "caddy names no client": Mistake(
        {_PLACE: f"header_up -X-Forwarded-For\n{_PLACE}"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "caddy appends to a forged list": Mistake(
        {
            "request_header -X-Forwarded-*": "",
            _PLACE: f"trusted_proxies private_ranges\n{_PLACE}",
        },
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "caddy passes every upgrade on": Mistake(
        {"request_header @not_websocket -Upgrade": "", "request_header -HTTP2-Settings": ""},
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "an inner caddy that does not trust the edge": Mistake(
        {"trusted_proxies 127.0.0.1": ""},
        {"redirect-loop-ahead": "error"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy",
        is_fixable=False,  # it looks like an edge that asks itself
    ),
}
