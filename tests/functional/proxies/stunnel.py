"""stunnel, which ends TLS and speaks the PROXY protocol to what stands behind it."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    return {
        "accept = 8443": f"accept = 127.0.0.1:{place.port}",
        "127.0.0.1:8444": place.upstream,
        **place.pem,
    }


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "stunnel.conf"
    file.write_text("foreground = yes\npid =\n" + texts["stunnel.conf"])
    # It has no checker; a configuration that it does not understand ends it.
    return Prepared([require_program("stunnel4"), str(file)], ["true"])


STUNNEL = Product(
    name="stunnel",
    fix_name="stunnel",
    edge="stunnel.conf",
    inner="",
    places=_places,
    prepare=_prepare,
    page="stunnel.md",
    paste=pasting(r"^\s*(protocol) ="),
)

MISTAKES = {
    "stunnel without the PROXY protocol before yourl": Mistake(
        {"protocol = proxy": ""},
        {"redirect-loop-ahead": "error", "missing-client": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
        is_fixable=False,  # nothing shows which program it is, and it cannot set a header
    ),
}
