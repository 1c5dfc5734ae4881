"""What to type into each proxy's configuration, by topic: data only.

``{name}`` stands for a header, ``{value}`` for whatever the finding adds. A text that begins with ``# `` says
itself where it belongs.
"""

from __future__ import annotations

WHERE = {
    "nginx": "# nginx, in the location that has proxy_pass",
    "haproxy": "# HAProxy, in the frontend",
    "caddy": "# Caddy, inside reverse_proxy { … }",
    "apache": "# Apache httpd, in the VirtualHost",
    "traefik": "# Traefik, static configuration",
    "envoy": "# Envoy, in the HttpConnectionManager",
}

SNIPPETS: dict[str, dict[str, str]] = {
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
