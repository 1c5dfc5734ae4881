"""Squid as a reverse proxy."""

from __future__ import annotations

from pathlib import Path
from signal import SIGKILL

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_FORWARDED, FORGED_LIST, FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import IS_ROOT, Changes, Place, Prepared, Product, Texts, pasting


def _places(place: Place) -> Changes:
    host, _, port = place.upstream.rpartition(":")
    upstream = {"cache_peer 127.0.0.1 parent 8080": f"cache_peer {host} parent {port}"}
    if place.is_inner:
        return {"127.0.0.1:8081": f"127.0.0.1:{place.port}", **upstream}
    return {"https_port 8443": f"https_port 127.0.0.1:{place.port}", **place.pem, **upstream}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    as_root = "cache_effective_user nobody\ncache_effective_group nogroup\n" if IS_ROOT else ""
    file = folder / "squid.conf"
    file.write_text(
        f"{texts['squid.conf']}\n{as_root}pid_filename {folder / 'pid'}\n"
        "cache_log /dev/null\naccess_log none\n"
        f"coredump_dir {folder}\nshutdown_lifetime 0 seconds\nmax_filedescriptors 256\n"
        "memory_cache_shared off\ncache_mem 8 MB\n"
    )
    # Its shared memory is named after the service, and no two may have one name.
    command = [require_program("squid"), "-n", f"yourl{place.port}", "-f", str(file)]
    return Prepared([*command, "-N", "-d", "1"], [*command, "-k", "parse"])


SQUID = Product(
    name="squid",
    fix_name="Squid",
    edge="squid.conf",
    inner="inner/squid.conf",
    page="squid.md",
    places=_places,
    prepare=_prepare,
    paste=pasting(r"^\s*(?:request_header_add ([\w-]+)|(forwarded_for) )"),
    stop=SIGKILL,
    leaves=lambda port: Path("/dev/shm").glob(f"yourl{port}-*"),
    cuts_prefix=False,  # that takes a program of one's own, url_rewrite_program
)

_PROTO = 'request_header_add X-Forwarded-Proto "https" all'
_HOST = 'request_header_add X-Forwarded-Host "%>ha{Host}" all'
_PORT = 'request_header_add X-Forwarded-Port "%>lp" all'

MISTAKES = {
    "squid says no scheme": Mistake({_PROTO: ""}, {"missing-proto": "warning"}, {"scheme": "http"}),
    "squid says no scheme to a browser": Mistake(
        {_PROTO: ""}, {"redirect-loop-ahead": "error"}, {"scheme": "http"}, headers=FROM_OWN_PAGE
    ),
    "squid hides the client": Mistake(
        {"forwarded_for truncate": "forwarded_for off"},
        {"client-hidden": "info"},
        {"client": "127.0.0.1"},
    ),
    "squid names no client": Mistake(
        {"forwarded_for truncate": "forwarded_for delete"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "squid appends to a forged list": Mistake(
        {"forwarded_for truncate": "forwarded_for on"},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "squid passes Forwarded on": Mistake(
        {"request_header_access Forwarded deny all": ""},
        {"forwarded-contradiction": "warning"},
        headers=FORGED_FORWARDED,
    ),
    "squid passes X-Forwarded-Host on": Mistake(
        {"request_header_access X-Forwarded-Host deny all": "", _HOST: "", _PORT: ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example", "port": 443},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
    "squid puts the backend's name into Host": Mistake(
        {"originserver name=yourl": "originserver name=yourl forceddomain=backend", _HOST: "", _PORT: ""},
        {"missing-host": "warning"},
        {"host": "backend"},
    ),
}
