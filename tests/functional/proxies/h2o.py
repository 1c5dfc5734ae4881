"""h2o."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_FORWARDED, FORGED_LIST, FROM_OWN_PAGE, WEBSOCKET, Mistake
from tests.functional.proxies.product import IS_ROOT, Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    if place.is_inner:
        return {"port: 8081": f"port: {place.port}", **place.backend}
    return {"port: 8443": f"host: 127.0.0.1\n  port: {place.port}", **place.pem, **place.backend}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "h2o.conf"
    user = "user: root\n" if IS_ROOT else ""
    file.write_text(f"{texts['h2o.conf']}\n{user}num-threads: 1\nerror-log: /dev/stderr\n")
    command = [require_program("h2o"), "-c", str(file)]
    return Prepared(command, [*command, "--test"])


H2O = Product(
    name="h2o",
    fix_name="h2o",
    edge="h2o.conf",
    inner="inner/h2o.conf",
    page="h2o.md",
    places=_places,
    prepare=_prepare,
    paste=pasting(
        r"^(?:proxy\.header\.\w+: \"?([\w-]+)|(proxy\.(?:preserve|emit|websocket|reverse)[\w-]*):)"
    ),
)

MISTAKES = {
    "h2o without preserve-host": Mistake(
        {"proxy.preserve-host: ON": ""}, {"missing-host": "warning"}, {"host": "127.0.0.1"}
    ),
    "h2o forwards nothing": Mistake(
        {"proxy.preserve-host: ON": "proxy.preserve-host: ON\nproxy.emit-x-forwarded-headers: OFF"},
        {"missing-client": "warning", "missing-proto": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
    ),
    "h2o appends to a forged list": Mistake(
        {"proxy.header.unset: X-Forwarded-For\n": ""},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "h2o passes Forwarded on": Mistake(
        {"proxy.header.unset: Forwarded\n": ""},
        {"forwarded-contradiction": "warning"},
        headers=FORGED_FORWARDED,
    ),
    "h2o passes X-Forwarded-Host on": Mistake(
        {"proxy.header.unset: X-Forwarded-Host\n": ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example", "port": 443},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
    "h2o drops the WebSocket upgrade": Mistake(
        {"proxy.websocket: ON": "proxy.websocket: OFF"},
        {"websocket-not-passed": "warning"},
        headers=WEBSOCKET,
    ),
    "an inner h2o says http over the edge's https": Mistake(
        {"proxy.preserve-x-forwarded-proto: ON": ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="nginx",
    ),
}
