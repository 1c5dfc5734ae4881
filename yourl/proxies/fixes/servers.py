"""What to type into the proxies that people run themselves, by product and topic: data only.

``{name}`` stands for a header, ``{key}`` for the same in lower case, ``{value}`` for what the finding adds. A
text that begins with ``# `` has its own heading. No line here ends with a comment where a product would take
that for a part of the value (Traffic Server).
"""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """A proxy: its name, where a fix usually belongs, and the lines for each topic."""

    title: str
    place: str
    topics: dict[str, str]


NGINX = Product(
    "nginx",
    "in the location that has proxy_pass",
    {
        "client": "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
        "client-overwrite": "proxy_set_header X-Forwarded-For $remote_addr;  # on the outermost proxy only",
        "scheme": (
            "proxy_set_header X-Forwarded-Proto $scheme;  # where TLS ends before it: $http_x_forwarded_proto"
        ),
        "scheme-pass": "proxy_set_header X-Forwarded-Proto $http_x_forwarded_proto;  # as it came in",
        "host": "proxy_set_header Host $http_host;\nproxy_set_header X-Forwarded-Host $http_host;",
        "port": (
            "proxy_set_header Host $http_host;\n"
            "proxy_set_header X-Forwarded-Host $http_host;\n"
            "proxy_set_header X-Forwarded-Port $server_port;"
        ),
        "prefix": "proxy_set_header X-Forwarded-Prefix {value};",
        "path": (
            '# nginx: "proxy_pass http://backend;" passes the path as it came; with a path of its own, even "/",\n'
            "# it passes a decoded one. To cut a prefix off, take the rest of $request_uri by a map."
        ),
        "websocket": (
            "proxy_http_version 1.1;\n"
            "proxy_set_header Upgrade $http_upgrade;\n"
            'proxy_set_header Connection "upgrade";  # for WebSocket locations'
        ),
        "remove": 'proxy_set_header {name} "";',
    },
)

HAPROXY = Product(
    "HAProxy",
    "in the frontend",
    {
        "client": "option forwardfor",
        "client-overwrite": "http-request set-header X-Forwarded-For %[src]  # on the outermost proxy only",
        "scheme": (
            "http-request set-header X-Forwarded-Proto https if { ssl_fc }\n"
            "http-request set-header X-Forwarded-Proto http if !{ ssl_fc }"
        ),
        "scheme-pass": (
            "http-request set-header X-Forwarded-Proto http if !{ req.hdr(X-Forwarded-Proto) -m found }\n"
            "# and no other set-header X-Forwarded-Proto on this, the inner proxy"
        ),
        "host": "http-request set-header X-Forwarded-Host %[req.hdr(Host)]  # before any change of Host",
        "port": (
            "http-request set-header X-Forwarded-Host %[req.hdr(Host)]\n"
            "http-request set-header X-Forwarded-Port %[dst_port]"
        ),
        "prefix": "http-request set-header X-Forwarded-Prefix {value}",
        "path": "# HAProxy: take out http-request normalize-uri, and set-path or replace-path with url_dec",
        "websocket": "# HAProxy passes upgrades by itself: take out del-header Upgrade and Connection",
        "remove": "http-request del-header {name}",
    },
)

CADDY = Product(
    "Caddy",
    "inside reverse_proxy { … }",
    {
        "client": "header_up X-Forwarded-For {remote_host}",
        "client-overwrite": "header_up X-Forwarded-For {remote_host}  # on the outermost proxy only",
        "scheme": "header_up X-Forwarded-Proto {scheme}",
        "scheme-pass": "trusted_proxies private_ranges  # and no header_up X-Forwarded-Proto",
        "host": "header_up Host {hostport}\nheader_up X-Forwarded-Host {hostport}",
        "port": "header_up Host {hostport}\nheader_up X-Forwarded-Host {hostport}",
        "prefix": "header_up X-Forwarded-Prefix {value}",
        "path": '# Caddy: "handle_path" and "uri strip_prefix" keep the encoding; "rewrite * {path}" does not',
        "websocket": "# Caddy passes upgrades by itself: take out header_up -Upgrade and -Connection",
        "remove": "header_up -{name}",
    },
)

APACHE = Product(
    "Apache httpd",
    "in the VirtualHost",
    {
        "client": "ProxyAddHeaders On",
        "client-overwrite": (
            "# Apache httpd, in the outermost proxy's VirtualHost\nRequestHeader unset X-Forwarded-For early"
        ),
        "scheme": 'RequestHeader set X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"',
        "scheme-pass": 'RequestHeader setifempty X-Forwarded-Proto "expr=%{REQUEST_SCHEME}"',
        "host": "ProxyPreserveHost On",
        "port": 'ProxyPreserveHost On\nRequestHeader set X-Forwarded-Port "expr=%{SERVER_PORT}"',
        "prefix": 'RequestHeader set X-Forwarded-Prefix "{value}"',
        "path": '# Apache httpd: "AllowEncodedSlashes NoDecode", and "nocanon" at the end of ProxyPass',
        "websocket": "ProxyPass / http://backend/ upgrade=websocket",
        "remove": "RequestHeader unset {name} early",
    },
)

TRAEFIK = Product(
    "Traefik",
    "in the dynamic configuration",
    {
        "client": (
            "# Traefik, in the static configuration: the proxies before it\n"
            'entryPoints:\n  web:\n    forwardedHeaders:\n      trustedIPs: ["192.0.2.1"]'
        ),
        "scheme": "# Traefik sets X-Forwarded-Proto by itself: take it out of customRequestHeaders",
        "scheme-pass": (
            "# Traefik, in the static configuration: the proxy before it that ends TLS\n"
            'entryPoints:\n  web:\n    forwardedHeaders:\n      trustedIPs: ["192.0.2.1"]'
        ),
        "client-overwrite": (
            "# Traefik drops a client's X-Forwarded-For by itself: take out forwardedHeaders.insecure"
        ),
        "host": "# Traefik, in the dynamic configuration, in the service\nloadBalancer:\n  passHostHeader: true",
        "port": "# Traefik, in the dynamic configuration, in the service\nloadBalancer:\n  passHostHeader: true",
        "prefix": (
            "# Traefik, in the dynamic configuration: StripPrefix announces what it strips\n"
            'http:\n  middlewares:\n    strip:\n      stripPrefix:\n        prefixes: ["{value}"]'
        ),
        "websocket": "# Traefik passes upgrades by itself: take Upgrade and Connection out of customRequestHeaders",
        "remove": 'http:\n  middlewares:\n    clean:\n      headers:\n        customRequestHeaders: {{name}: ""}',
    },
)

VARNISH = Product(
    "Varnish",
    "in vcl_recv",
    {
        "client": "set req.http.X-Forwarded-For = client.ip;",
        "client-overwrite": "set req.http.X-Forwarded-For = client.ip;  # on the outermost proxy only",
        "scheme": (
            "# Varnish, at the top of the VCL\n"
            "import proxy;\n"
            "# Varnish, in vcl_recv: where TLS ends before it and PROXY protocol version 2 says so\n"
            "if (proxy.is_ssl()) {\n"
            '    set req.http.X-Forwarded-Proto = "https";\n'
            "} else {\n"
            '    set req.http.X-Forwarded-Proto = "http";\n'
            "}"
        ),
        "scheme-pass": "# Varnish, in vcl_recv: take out set req.http.X-Forwarded-Proto",
        "host": "set req.http.X-Forwarded-Host = req.http.Host;  # before any change of Host",
        "port": "set req.http.X-Forwarded-Host = req.http.Host;  # with its port, before any change of Host",
        "prefix": 'set req.http.X-Forwarded-Prefix = "{value}";',
        "websocket": (
            'if (req.http.Upgrade ~ "(?i)^websocket$") { return (pipe); }\n'
            "# Varnish, in vcl_pipe\n"
            "set bereq.http.Upgrade = req.http.Upgrade;\n"
            "set bereq.http.Connection = req.http.Connection;"
        ),
        "remove": "unset req.http.{name};",
    },
)

SQUID = Product(
    "Squid",
    "in squid.conf",
    {
        "client": "forwarded_for on",
        "client-overwrite": "forwarded_for truncate  # on the outermost proxy only",
        "scheme": (
            "acl yourl_https proto HTTPS\n"
            "request_header_access X-Forwarded-Proto deny all\n"
            'request_header_add X-Forwarded-Proto "https" yourl_https\n'
            'request_header_add X-Forwarded-Proto "http" !yourl_https'
        ),
        "scheme-pass": "# Squid, in squid.conf: take out request_header_access and _add for X-Forwarded-Proto",
        "host": (
            "request_header_access X-Forwarded-Host deny all\n"
            'request_header_add X-Forwarded-Host "%>ha{Host}" all'
        ),
        "port": (
            'request_header_access X-Forwarded-Port deny all\nrequest_header_add X-Forwarded-Port "%>lp" all'
        ),
        "prefix": 'request_header_add X-Forwarded-Prefix "{value}" all',
        "websocket": "http_upgrade_request_protocols websocket allow all",
        "remove": "request_header_access {name} deny all",
    },
)

LIGHTTPD = Product(
    "lighttpd",
    "in lighttpd.conf",
    {
        "client": "# lighttpd sets X-Forwarded-For by itself: take it out of setenv.set-request-header",
        "client-overwrite": 'setenv.set-request-header += ("X-Forwarded-For" => "")',
        "scheme": "# lighttpd sets X-Forwarded-Proto by itself: take it out of setenv.set-request-header",
        "scheme-pass": (
            "# lighttpd, in lighttpd.conf, with mod_extforward in server.modules before mod_proxy\n"
            'extforward.forwarder = ("127.0.0.1" => "trust")  # the proxy before it\n'
            'extforward.headers = ("X-Forwarded-For")'
        ),
        "host": '# lighttpd passes Host on by itself: take "map-host-request" out of proxy.header',
        "port": '# lighttpd passes Host on by itself: take "map-host-request" out of proxy.header',
        "prefix": 'setenv.set-request-header += ("X-Forwarded-Prefix" => "{value}")',
        "websocket": 'proxy.header += ("upgrade" => "enable")',
        "remove": 'setenv.set-request-header += ("{name}" => "")',
    },
)

H2O = Product(
    "h2o",
    "in h2o.conf, at the top level",
    {
        "client": "proxy.emit-x-forwarded-headers: ON",
        "client-overwrite": "proxy.header.unset: X-Forwarded-For",
        "scheme": "proxy.emit-x-forwarded-headers: ON",
        "scheme-pass": "proxy.preserve-x-forwarded-proto: ON",
        "host": "proxy.preserve-host: ON",
        "port": "proxy.preserve-host: ON",
        "prefix": 'proxy.header.set: "X-Forwarded-Prefix: {value}"',
        "websocket": "proxy.websocket: ON",
        "remove": "proxy.header.unset: {name}",
    },
)

TRAFFIC_SERVER = Product(
    "Traffic Server",
    "in header_rewrite.config",
    {
        "client": (
            "# Traffic Server, in records.config\nCONFIG proxy.config.http.insert_squid_x_forwarded_for INT 1"
        ),
        "client-overwrite": "rm-header X-Forwarded-For",
        "scheme": (
            "cond %{SEND_REQUEST_HDR_HOOK} [AND]\n"
            "cond %{CLIENT-URL:SCHEME} =https\n"
            'set-header X-Forwarded-Proto "https"\n'
            "cond %{SEND_REQUEST_HDR_HOOK} [AND]\n"
            "cond %{CLIENT-URL:SCHEME} =http\n"
            'set-header X-Forwarded-Proto "http"'
        ),
        "scheme-pass": "# Traffic Server, in header_rewrite.config: take out set-header X-Forwarded-Proto",
        "host": (
            "# Traffic Server, in records.config\nCONFIG proxy.config.url_remap.pristine_host_hdr INT 1"
        ),
        "port": (
            "# Traffic Server, in records.config\nCONFIG proxy.config.url_remap.pristine_host_hdr INT 1"
        ),
        "prefix": 'set-header X-Forwarded-Prefix "{value}"',
        "remove": "rm-header {name}",
    },
)

NODE = Product(
    "Node",
    "in the options of http-proxy or http-proxy-middleware",
    {
        "client": "xfwd: true,",
        "scheme": "xfwd: true,",
        "host": "xfwd: true,",
        "port": "xfwd: true,",
        "websocket": "ws: true,",
        "remove": "# Node, before the proxy is called\ndelete req.headers['{key}'];",
    },
)
