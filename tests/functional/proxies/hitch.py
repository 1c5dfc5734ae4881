"""hitch, which ends TLS and speaks the PROXY protocol to what stands behind it."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import IS_ROOT, Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    host, _, port = place.upstream.rpartition(":")
    return {
        '"[*]:8443"': f'"[127.0.0.1]:{place.port}"',
        '"[127.0.0.1]:8444"': f'"[{host}]:{port}"',
        "/etc/ssl/yourl.pem": str(place.certificate.both),
    }


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    as_root = 'user = "nobody"\ngroup = "nogroup"\n' if IS_ROOT else ""
    file = folder / "hitch.conf"
    file.write_text(texts["hitch.conf"] + f"workers = 1\ndaemon = off\n{as_root}")
    command = [require_program("hitch"), f"--config={file}"]
    return Prepared(command, [*command, "--test"])


HITCH = Product(
    name="hitch",
    fix_name="hitch",
    edge="hitch.conf",
    inner="",
    page="stunnel.md",
    places=_places,
    prepare=_prepare,
    paste=pasting(r"^\s*(write-proxy)"),
)

MISTAKES = {
    "hitch without the PROXY protocol before yourl": Mistake(
        {"write-proxy-v2 = on": ""},
        {"redirect-loop-ahead": "error", "missing-client": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
        is_fixable=False,  # nothing shows which program it is, and it cannot set a header
    ),
}
