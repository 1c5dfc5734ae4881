"""nginx."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_LIST, FROM_OWN_PAGE, H2C, WEBSOCKET, Mistake
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


def _places(place: Place) -> Changes:
    port = place.port
    if place.is_inner:
        return {"127.0.0.1:8081": f"127.0.0.1:{port}", **place.backend}
    return {
        "listen 8443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "listen [::]:8443 ssl;": f"listen [::1]:{port} ssl;" if has_ipv6() else "",
        **place.pem,
        **place.backend,
    }


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    (folder / "yourl.conf").write_text(texts["nginx.conf"])
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder / kind};\n" for kind in kinds)
    main = folder / "main.conf"
    main.write_text(
        f"daemon off; worker_processes 1; pid {folder / 'pid'}; lock_file {folder / 'lock'};\n"
        f"error_log stderr; {'user root;' if IS_ROOT else ''} events {{ worker_connections 64; }}\n"
        f"http {{\naccess_log off;\n{temporary}include {folder / 'yourl.conf'};\n}}\n"
    )
    start = [require_program("nginx"), "-p", str(folder), "-e", "stderr", "-c", str(main)]
    return Prepared(start, [*start, "-t"])


NGINX = Product(
    name="nginx",
    fix_name="nginx",
    edge="nginx.conf",
    inner="inner/nginx.conf",
    places=_places,
    prepare=_prepare,
    paste=pasting(r"^\s*proxy_set_header ([\w-]+)|^\s*(proxy_http_version) "),
    both_families=True,
)

_PROTO = "proxy_set_header X-Forwarded-Proto $scheme;"
_FOR = "proxy_set_header X-Forwarded-For $remote_addr;"
_REAL_IP = "proxy_set_header X-Real-IP $remote_addr;"
_HOST = "proxy_set_header Host $http_host;"
_X_HOST = "proxy_set_header X-Forwarded-Host $http_host;"
_PORT = "proxy_set_header X-Forwarded-Port $server_port;"
_PREFIX = "proxy_set_header X-Forwarded-Prefix $yourl_prefix;"

_NOTHING = dict.fromkeys(
    (
        *(_PROTO, _FOR, _REAL_IP, _HOST, _X_HOST, _PORT, _PREFIX),
        "proxy_http_version 1.1;",
        "proxy_set_header Upgrade $yourl_upgrade;",
        "proxy_set_header Connection $yourl_connection;",
    ),
    "",
)
"""What is left is the commonest mistake of all: proxy_pass alone."""

MISTAKES = {
    "nginx forwards nothing": Mistake(
        _NOTHING,
        {"missing-host": "warning", "missing-client": "warning", "missing-proto": "warning"},
        {"client": "127.0.0.1", "scheme": "http", "host": "yourl"},
    ),
    "nginx forwards nothing of a browser's request": Mistake(
        _NOTHING,
        {"redirect-loop-ahead": "error", "missing-host": "warning", "missing-client": "warning"},
        {"client": "127.0.0.1", "scheme": "http", "host": "yourl"},
        headers=FROM_OWN_PAGE,
    ),
    "nginx passes X-Forwarded-Host on": Mistake(
        {_X_HOST: ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example"},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
    "nginx says no scheme": Mistake({_PROTO: ""}, {"missing-proto": "warning"}, {"scheme": "http"}),
    "nginx says no scheme to a browser": Mistake(
        {_PROTO: ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "nginx always says http": Mistake(
        {_PROTO: "proxy_set_header X-Forwarded-Proto http;"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "nginx says on for https": Mistake(
        {_PROTO: "proxy_set_header X-Forwarded-Proto $https;"},
        {"malformed-forwarding-header": "warning"},
        {"scheme": "http"},
    ),
    "nginx without Host": Mistake(
        {_HOST: "", _X_HOST: "", "http://yourl$yourl_path": "http://127.0.0.1:8080$yourl_path"},
        {"missing-host": "warning"},
        {"host": "127.0.0.1"},
    ),
    "nginx loses the port": Mistake(
        {"$http_host": "$host", _PORT: ""},
        {"port-lost": "warning"},
        {"port": 443},
        headers=FROM_OWN_PAGE,
    ),
    "nginx loses the port of Host": Mistake(
        {_HOST: "proxy_set_header Host $host;", _X_HOST: 'proxy_set_header X-Forwarded-Host "";'},
        {"port-lost": "info"},
    ),
    "nginx loses the port of X-Forwarded-Host": Mistake({"$http_host": "$host"}, {"port-lost": "info"}),
    "nginx says port 80": Mistake(
        {_PORT: "proxy_set_header X-Forwarded-Port 80;"},
        {"port-disagreement": "warning"},
        {"port": 80},
    ),
    "nginx strips a prefix in silence": Mistake(
        {_PREFIX: "proxy_set_header X-Original-URI $request_uri;"},
        {"prefix-not-announced": "warning"},
        {"prefix": ""},
        path="/yourl/api",
        prefix="/yourl",
    ),
    "nginx names no client": Mistake(
        {_FOR: "", _REAL_IP: ""},
        {"missing-client": "warning"},
        {"client": "127.0.0.1"},
    ),
    "nginx appends to a forged list": Mistake(
        {_FOR: "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;"},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "nginx passes Forwarded on": Mistake(
        {'proxy_set_header Forwarded "";': ""},
        {"forwarded-contradiction": "warning"},
        headers=(("Forwarded", "for=203.0.113.7;proto=http;host=evil.example"),),
    ),
    "nginx passes X-Forwarded-Ssl on": Mistake(
        {'proxy_set_header X-Forwarded-Ssl "";': ""},
        {"scheme-disagreement": "warning"},
        headers=(("X-Forwarded-Ssl", "off"),),
    ),
    "nginx passes CF-Connecting-IP on": Mistake(
        {},
        {"client-disagreement": "warning"},
        headers=(("CF-Connecting-IP", "203.0.113.7"),),
    ),
    "nginx passes every upgrade on": Mistake(
        {
            "Upgrade $yourl_upgrade": "Upgrade $http_upgrade",
            "Connection $yourl_connection": 'Connection "upgrade"',
        },
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "nginx drops the WebSocket upgrade": Mistake(
        {
            "proxy_http_version 1.1;": "",
            "proxy_set_header Upgrade $yourl_upgrade;": "",
            "proxy_set_header Connection $yourl_connection;": "",
        },
        {"websocket-not-passed": "warning"},
        headers=WEBSOCKET,
    ),
    "an inner nginx says http over the edge's https": Mistake(
        {_HOST: f"{_HOST}\n{_PROTO}"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="haproxy",
    ),
    "an inner nginx replaces the list": Mistake(
        {"$proxy_add_x_forwarded_for": "$remote_addr"},
        {},
        {"client": "127.0.0.1"},
        behind="haproxy",
    ),
}
