"""HAProxy."""

from __future__ import annotations

from pathlib import Path

from tests.functional.harness import require_program
from tests.functional.proxies.mistake import FORGED_LIST, FROM_OWN_PAGE, H2C, Mistake
from tests.functional.proxies.product import Changes, Place, Prepared, Product, Texts, has_ipv6, pasting


def _places(place: Place) -> Changes:
    port = place.port
    if place.is_inner:
        return {"127.0.0.1:8081": f"127.0.0.1:{port}", **place.backend}
    return {
        "bind :8443": f"bind 127.0.0.1:{port}",
        "bind [::]:8443 v6only": f"bind [::1]:{port} v6only" if has_ipv6() else f"bind 127.0.0.2:{port}",
        "/etc/ssl/yourl.pem": str(place.certificate.both),
        **place.backend,
    }


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "haproxy.cfg"
    file.write_text(texts["haproxy.cfg"])
    program = require_program("haproxy")
    return Prepared([program, "-db", "-f", str(file)], [program, "-c", "-f", str(file)])


HAPROXY = Product(
    name="haproxy",
    fix_name="HAProxy",
    edge="haproxy.cfg",
    inner="inner/haproxy.cfg",
    places=_places,
    prepare=_prepare,
    paste=pasting(r"^\s*http-request (?:set|add)-header ([\w-]+)|^\s*option (forwardfor)"),
    both_families=True,
)

_HTTPS = "http-request set-header X-Forwarded-Proto https if { ssl_fc }"
_HTTP = "http-request set-header X-Forwarded-Proto http if !{ ssl_fc }"
_DELETE = "http-request del-header X-Forwarded- -m beg"
_X_HOST = "http-request set-header X-Forwarded-Host %[req.hdr(Host)]"
_PORT = "http-request set-header X-Forwarded-Port %[dst_port]"
_PREFIX = "http-request set-header X-Forwarded-Prefix /yourl if { path_beg /yourl/ }"

MISTAKES = {
    "haproxy forwards nothing of a browser's request": Mistake(
        {"option forwardfor": "", _HTTPS: "", _HTTP: "", _X_HOST: "", _PORT: ""},
        {"redirect-loop-ahead": "error", "missing-client": "warning"},
        {"client": "127.0.0.1", "scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "haproxy says no scheme": Mistake(
        {_HTTPS: "", _HTTP: ""}, {"missing-proto": "warning"}, {"scheme": "http"}
    ),
    "haproxy says no scheme to a browser": Mistake(
        {_HTTPS: "", _HTTP: ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
    ),
    "haproxy says 1 for https": Mistake(
        {_HTTPS: "http-request set-header X-Forwarded-Proto %[ssl_fc]", _HTTP: ""},
        {"malformed-forwarding-header": "warning"},
        {"scheme": "http"},
    ),
    "haproxy with the server's Host": Mistake(
        {_X_HOST: "", "http-reuse always": "http-request set-header Host 127.0.0.1:8080"},
        {"missing-host": "warning"},
        {"host": "127.0.0.1"},
    ),
    "haproxy loses the port": Mistake(
        {
            _PORT: "",
            _X_HOST: "http-request set-header X-Forwarded-Host %[req.hdr(Host),host_only]",
        },
        {"port-lost": "warning"},
        {"port": 443},
        headers=FROM_OWN_PAGE,
    ),
    "haproxy says port 80": Mistake(
        {_PORT: "http-request set-header X-Forwarded-Port 80"},
        {"port-disagreement": "warning"},
        {"port": 80},
    ),
    "haproxy strips a prefix in silence": Mistake(
        {_PREFIX: "http-request set-header X-Original-URI %[pathq]"},
        {"prefix-not-announced": "warning"},
        {"prefix": ""},
        path="/yourl/api",
        prefix="/yourl",
    ),
    "haproxy names no client": Mistake(
        {"option forwardfor": ""}, {"missing-client": "warning"}, {"client": "127.0.0.1"}
    ),
    "haproxy appends to a forged list": Mistake(
        {_DELETE: ""}, {"spoofable-leftmost": "info"}, headers=FORGED_LIST
    ),
    "haproxy passes Forwarded on": Mistake(
        {"http-request del-header Forwarded": ""},
        {"forwarded-contradiction": "warning"},
        headers=(("Forwarded", "for=203.0.113.7;proto=http;host=evil.example"),),
    ),
    "haproxy passes Front-End-Https on": Mistake(
        {"http-request del-header Front-End-Https": ""},
        {"scheme-disagreement": "warning"},
        headers=(("Front-End-Https", "off"),),
    ),
    "haproxy passes X-Real-IP on": Mistake(
        {"http-request del-header X-Real-IP": ""},
        {"client-disagreement": "warning"},
        headers=(("X-Real-IP", "203.0.113.7"),),
    ),
    "haproxy adds to a forged scheme": Mistake(
        {_DELETE: "", _HTTPS: _HTTPS.replace("set-header", "add-header")},
        {"duplicate-forwarding-header": "warning"},
        headers=(("X-Forwarded-Proto", "http"),),
    ),
    "haproxy passes every upgrade on": Mistake(
        {
            "http-request del-header Upgrade if !{ req.hdr(Upgrade) -i websocket }": "",
            "http-request del-header HTTP2-Settings": "",
        },
        {"hop-by-hop-passed-on": "warning"},
        headers=H2C,
    ),
    "an inner haproxy says http over the edge's https": Mistake(
        {"option forwardfor": f"option forwardfor\n{_HTTPS}\n{_HTTP}"},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="nginx",
    ),
}
