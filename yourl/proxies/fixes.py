"""Text to paste that removes the cause of a finding, in the words of the proxy that the evidence points to.

Knows header names and configuration languages; decides nothing about the request itself. Where nothing tells
which proxy is nearest to us, a fix is given for each of the four that people run themselves.
"""

from __future__ import annotations

from functools import lru_cache

from .addresses import Address
from .fields import FORWARDING_HEADERS, Fields
from .trust import MAX_HOP_COUNT, TrustedProxies

_WHERE = {
    "nginx": "# nginx, in the location that has proxy_pass",
    "haproxy": "# HAProxy, in the frontend",
    "caddy": "# Caddy, inside reverse_proxy { … }",
    "apache": "# Apache httpd, in the VirtualHost",
    "traefik": "# Traefik, static configuration",
    "envoy": "# Envoy, in the HttpConnectionManager",
}

# topic → product → lines. {name} is a header, {value} whatever the finding adds.
_SNIPPETS: dict[str, dict[str, str]] = {
    "client": {
        "nginx": "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "haproxy": "option forwardfor",
        "caddy": "header_up X-Forwarded-For {remote_host}",
        "apache": "ProxyAddHeaders On",
        "traefik": 'entryPoints:\n  web:\n    forwardedHeaders:\n      trustedIPs: ["{value}"]',
        "envoy": "use_remote_address: true",
    },
    "client-overwrite": {
        "nginx": "proxy_set_header X-Forwarded-For $remote_addr;  # on the outermost proxy",
        "haproxy": "http-request set-header X-Forwarded-For %[src]  # on the outermost proxy",
        "caddy": "header_up X-Forwarded-For {remote_host}  # on the outermost proxy",
        "apache": (
            "# Apache httpd, in the outermost proxy's VirtualHost\nRequestHeader unset X-Forwarded-For early"
        ),
        "envoy": "use_remote_address: true\nskip_xff_append: false",
    },
    "scheme": {
        "nginx": (
            "proxy_set_header X-Forwarded-Proto $scheme;  # where TLS ends before it: $http_x_forwarded_proto"
        ),
        "haproxy": (
            "http-request set-header X-Forwarded-Proto https if { ssl_fc }\n"
            "http-request set-header X-Forwarded-Proto http if !{ ssl_fc }"
        ),
        "caddy": "header_up X-Forwarded-Proto {scheme}",
        "apache": 'RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"',
        "envoy": "use_remote_address: true",
    },
    "scheme-pass": {
        "nginx": "proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;  # as it came in",
        "haproxy": (
            "http-request set-header X-Forwarded-Proto http if !{ req.hdr(X-Forwarded-Proto) -m found }\n"
            "# and no other set-header X-Forwarded-Proto on this, the inner proxy"
        ),
        "caddy": "trusted_proxies private_ranges  # inside reverse_proxy, and no header_up X-Forwarded-Proto",
        "apache": 'RequestHeader setifempty X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"',
        "traefik": 'entryPoints:\n  web:\n    forwardedHeaders:\n      trustedIPs: ["{value}"]',
        "envoy": "use_remote_address: true\nxff_num_trusted_hops: 1",
    },
    "host": {
        "nginx": "proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-Host $http_host;",
        "haproxy": "http-request set-header X-Forwarded-Host %[req.hdr(Host)]  # before any change of Host",
        "caddy": "header_up Host {hostport}\nheader_up X-Forwarded-Host {hostport}",
        "apache": "ProxyPreserveHost On",
        "envoy": "append_x_forwarded_host: true  # in the route",
    },
    "port": {
        "nginx": (
            "proxy_set_header Host $http_host;\n"
            "proxy_set_header X-Forwarded-Host $http_host;\n"
            "proxy_set_header X-Forwarded-Port $server_port;"
        ),
        "haproxy": (
            "http-request set-header X-Forwarded-Host %[req.hdr(Host)]\n"
            "http-request set-header X-Forwarded-Port %[dst_port]"
        ),
        "caddy": "header_up Host {hostport}\nheader_up X-Forwarded-Host {hostport}",
        "apache": 'ProxyPreserveHost On\nRequestHeader set X-Forwarded-Port "expr=%{SERVER_PORT}"',
        "envoy": "append_x_forwarded_port: true",
    },
    "prefix": {
        "nginx": "proxy_set_header X-Forwarded-Prefix {value};",
        "haproxy": "http-request set-header X-Forwarded-Prefix {value}",
        "caddy": "header_up X-Forwarded-Prefix {value}",
        "apache": 'RequestHeader set X-Forwarded-Prefix "{value}"',
        "traefik": (
            "# Traefik, dynamic configuration: StripPrefix announces what it strips\n"
            'http:\n  middlewares:\n    strip:\n      stripPrefix:\n        prefixes: ["{value}"]'
        ),
        "envoy": 'request_headers_to_add: [{header: {key: X-Forwarded-Prefix, value: "{value}"}}]',
    },
    "websocket": {
        "nginx": (
            "proxy_http_version 1.1;\n"
            "proxy_set_header Upgrade $http_upgrade;\n"
            'proxy_set_header Connection "upgrade";  # for WebSocket locations'
        ),
        "haproxy": "# HAProxy passes upgrades by itself: take out del-header Upgrade and Connection",
        "caddy": "# Caddy passes upgrades by itself: take out header_up -Upgrade and -Connection",
        "apache": "ProxyPass / http://backend/ upgrade=websocket",
        "envoy": "upgrade_configs: [{upgrade_type: websocket}]",
    },
    "remove": {
        "nginx": 'proxy_set_header {name} "";',
        "haproxy": "http-request del-header {name}",
        "caddy": "header_up -{name}",
        "apache": "RequestHeader unset {name} early",
        "traefik": (
            "# Traefik, dynamic configuration\n"
            'http:\n  middlewares:\n    clean:\n      headers:\n        customRequestHeaders: {{name}: ""}'
        ),
        "envoy": "request_headers_to_remove: [{name}]",
    },
}

# As https://www.cloudflare.com/ips/ has published them since 2021.
CLOUDFLARE_NETWORKS = (
    *("173.245.48.0/20", "103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "141.101.64.0/18"),
    *("108.162.192.0/18", "190.93.240.0/20", "188.114.96.0/20", "197.234.240.0/22", "198.41.128.0/17"),
    *("162.158.0.0/15", "104.16.0.0/13", "104.24.0.0/14", "172.64.0.0/13", "131.0.72.0/22"),
    *("2400:cb00::/32", "2606:4700::/32", "2803:f800::/32", "2405:b500::/32", "2405:8100::/32"),
    *("2a06:98c0::/29", "2c0f:f248::/32"),
)
_CLOUDFLARE = TrustedProxies.parse(" ".join(CLOUDFLARE_NETWORKS))
_VIA_NAMES = ("caddy", "haproxy", "nginx", "apache", "envoy", "traefik")


def nearest_product(fields: Fields, trusted: TrustedProxies, http_version: str) -> str | None:
    """The proxy program that most probably stands next to us, from the marks that it leaves on a request."""
    if trusted.platform == "cloud-run" or "x-cloud-trace-context" in fields:
        return "cloud-run"
    if "x-forwarded-server" in fields:
        # Both write the proxy's own name; only Traefik adds X-Real-Ip.
        return "traefik" if "x-real-ip" in fields else "apache"
    if any(key.startswith("x-envoy-") for key in fields):
        return "envoy"
    if "via" in fields:
        nearest = fields["via"][-1].rpartition(",")[2][:200].lower()
        for name in _VIA_NAMES:
            if name in nearest:
                return name
    # X-Real-IP is the habit of nginx, but any inner proxy, and a client, may have passed it on.
    return "nginx" if http_version == "1.0" else None  # its default towards the back


@lru_cache(maxsize=256)
def at_proxy(topic: str, product: str | None, name: str = "", value: str = "") -> str:
    """Lines for the proxy's configuration, each block headed by a comment that says where it belongs."""
    snippets = _SNIPPETS[topic]
    products = (product,) if product in snippets else ("nginx", "haproxy", "caddy", "apache")
    blocks = []
    for one in products:
        text = snippets[str(one)].replace("{name}", name).replace("{value}", value)
        blocks.append(text if text.startswith("# ") else f"{_WHERE[str(one)]}\n{text}")
    return "\n".join(blocks)


def overwriting(name: str, product: str | None) -> str:
    """Make the proxy set the header ``name`` itself, whatever came in, or drop what it has no use for."""
    about = FORWARDING_HEADERS[name.lower()].about
    if name in ("X-Forwarded-Proto", "X-Forwarded-Port"):
        return at_proxy(about, product)
    if name == "X-Forwarded-For":
        return at_proxy("client-overwrite", product)
    if (
        name == "X-Forwarded-Host" and product != "apache"
    ):  # mod_proxy appends its own after the header is unset
        return at_proxy("host", product)
    return at_proxy("remove", product, name=name)


def trusting(trusted: TrustedProxies, machine: str, product: str | None = None) -> str:
    """Our own setting, widened by exactly this machine (``unix`` for whoever reaches the Unix socket)."""
    if product == "cloud-run" and trusted.platform is None:
        machine = "cloud-run"
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(machine)}"


def trusting_count(trusted: TrustedProxies, count: int) -> str:
    """Our own setting with another number of proxies."""
    other = TrustedProxies(trusted.networks, min(count, MAX_HOP_COUNT), trusted.platform, trusted.unix)
    return f"YOURL_TRUSTED_PROXIES={other}"


def trusting_cloudflare(trusted: TrustedProxies) -> str:
    """Our own setting, widened by the networks that Cloudflare publishes."""
    return f"YOURL_TRUSTED_PROXIES={trusted.text_with(*CLOUDFLARE_NETWORKS)}"


def is_cloudflare(address: Address | None) -> bool:
    """True for an address of Cloudflare's edge."""
    return _CLOUDFLARE.has_network_for(address)
