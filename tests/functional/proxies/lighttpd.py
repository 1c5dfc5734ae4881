"""lighttpd."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_FORWARDED, FORGED_LIST, FROM_OWN_PAGE, WEBSOCKET, Mistake
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    host, _, port = place.upstream.rpartition(":")
    upstream = {'"host" => "127.0.0.1", "port" => 8080': f'"host" => "{host}", "port" => {port}'}
    if place.is_inner:
        return {"server.port = 8081": f"server.port = {place.port}", **upstream}
    listens = {"server.port = 8443": f'server.bind = "127.0.0.1"\nserver.port = {place.port}'}
    return {**listens, **place.pem, **upstream}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "lighttpd.conf"
    file.write_text(texts["lighttpd.conf"])
    command = [require_program("lighttpd"), "-f", str(file)]
    return Prepared([*command, "-D"], [*command, "-tt"])


LIGHTTPD = Product(
    name="lighttpd",
    fix_name="lighttpd",
    edge="lighttpd.conf",
    inner="inner/lighttpd.conf",
    page="lighttpd.md",
    places=_places,
    prepare=_prepare,
    paste=pasting(r'"([\w-]+)" => "|^\s*(extforward\.\w+) ='),
)

MISTAKES = {
    "lighttpd appends to a forged list": Mistake(
        {'    "X-Forwarded-For" => "",\n': ""}, {"spoofable-leftmost": "info"}, headers=FORGED_LIST
    ),
    "lighttpd passes Forwarded on": Mistake(
        {'    "Forwarded" => "",\n': ""},
        {"forwarded-contradiction": "warning"},
        headers=FORGED_FORWARDED,
    ),
    "lighttpd passes X-Forwarded-Ssl on": Mistake(
        {'    "X-Forwarded-Ssl" => "",\n': ""},
        {"scheme-disagreement": "warning"},
        headers=(("X-Forwarded-Ssl", "off"),),
    ),
    "lighttpd drops the WebSocket upgrade": Mistake(
        {'    proxy.header += ("upgrade" => "enable")\n': ""},
        {"websocket-not-passed": "warning"},
        headers=WEBSOCKET,
    ),
    "an inner lighttpd says http over the edge's https": Mistake(
        {'extforward.forwarder = ("127.0.0.1" => "trust")\n': ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy",
    ),
}
