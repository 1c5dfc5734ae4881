"""Apache httpd."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_LIST, FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import (
    IS_ROOT,
    Changes,
    Place,
    Prepared,
    Product,
    Texts,
    has_ipv6,
    pasting,
)

MODULES = (
    *("mpm_event", "authn_core", "authz_core", "authz_host"),
    *("headers", "proxy", "proxy_http", "socache_shmcb", "ssl"),
)


def _places(place: Place) -> Changes:
    port = place.port
    if place.is_inner:
        return {
            "Listen 127.0.0.1:8081": f"Listen 127.0.0.1:{port}",
            "*:8081": f"*:{port}",
            **place.backend,
        }
    listens = f"Listen 127.0.0.1:{port}" + (f"\nListen [::1]:{port}" if has_ipv6() else "")
    return {"Listen 8443": listens, "*:8443": f"*:{port}", **place.pem, **place.backend}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    (folder / "yourl.conf").write_text(texts["apache.conf"])
    loads = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in MODULES)
    as_root = "User nobody\nGroup nogroup\n" if IS_ROOT else ""
    main = folder / "main.conf"
    main.write_text(
        f'ServerRoot "{folder}"\n{loads}{as_root}ServerName localhost\nPidFile {folder / "pid"}\n'
        f"DefaultRuntimeDir {folder}\nMutex pthread\nErrorLog /dev/stderr\nLogLevel warn\n"
        "StartServers 1\nServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8\n"
        "MinSpareThreads 1\nMaxSpareThreads 8\nSSLSessionCache none\n"
        f"Include {folder / 'yourl.conf'}\n"
    )
    command = [require_program("apache2"), "-d", str(folder), "-f", str(main)]
    return Prepared([*command, "-D", "FOREGROUND"], [*command, "-t"])


APACHE = Product(
    name="apache",
    fix_name="Apache httpd",
    edge="apache.conf",
    inner="inner/apache.conf",
    places=_places,
    prepare=_prepare,
    # Unsetting what the client sent and setting it anew are two things that go together.
    paste=pasting(r"^\s*RequestHeader (?:set|setifempty) ([\w-]+)|^\s*(ProxyPreserveHost|ProxyAddHeaders) "),
    both_families=True,
)

_PROTO = 'RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"'

MISTAKES = {
    "apache forwards nothing": Mistake(
        {
            "ProxyPreserveHost On": "ProxyAddHeaders Off",
            _PROTO: "",
            'RequestHeader set X-Forwarded-Port "expr=%{SERVER_PORT}"': "",
        },
        {"missing-host": "warning", "missing-client": "warning", "missing-proto": "warning"},
        {"client": "127.0.0.1", "scheme": "http", "host": "127.0.0.1"},
    ),
    "apache says no scheme": Mistake({_PROTO: ""}, {"missing-proto": "warning"}, {"scheme": "http"}),
    "apache says no scheme to a browser": Mistake(
        {_PROTO: ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "apache names no client": Mistake(
        {"ProxyPreserveHost On": "ProxyPreserveHost On\nProxyAddHeaders Off"},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "apache appends to a forged list": Mistake(
        {"RequestHeader unset X-Forwarded-For early": ""},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "an inner apache says http over the edge's https": Mistake(
        {"ProxyPreserveHost On": f"ProxyPreserveHost On\n{_PROTO}"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy",
    ),
}
