"""h2o."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
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
