"""What to type into Envoy and what is built on it, each text at the level where Envoy takes it: data only.

Checked with ``envoy --mode validate``: headers to add or remove belong into the route configuration, a
virtual host or a route; ``use_remote_address`` and its like into the HttpConnectionManager. What a client
sent must go before Envoy uses it, by early header mutation.
"""

from __future__ import annotations

from .servers import Product

_MUTATION = (
    "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
)


def _early_removal(name: str) -> str:
    return (
        "# Envoy, in the HttpConnectionManager\n"
        "early_header_mutation_extensions:\n"
        "  - name: forged\n"
        "    typed_config:\n"
        f'      "@type": {_MUTATION}\n'
        f"      mutations: [{{remove: {name}}}]"
    )


def _addition(place: str, name: str, value: str) -> str:
    return (
        f"# Envoy, {place}\n"
        "request_headers_to_add:\n"
        f'  - header: {{key: {name}, value: "{value}"}}\n'
        "    append_action: OVERWRITE_IF_EXISTS_OR_ADD"
    )


ENVOY = Product(
    "Envoy",
    "in the HttpConnectionManager",
    {
        "client": "use_remote_address: true",
        "client-overwrite": _early_removal("X-Forwarded-For"),
        "scheme": "use_remote_address: true",
        "scheme-pass": "use_remote_address: true\nxff_num_trusted_hops: 1",
        "host": _addition("in the route configuration", "X-Forwarded-Host", "%REQ(:authority)%"),
        "port": "append_x_forwarded_port: true",
        "prefix": _addition("in the route with prefix_rewrite", "X-Forwarded-Prefix", "{value}"),
        "path": (
            "normalize_path: false\nmerge_slashes: false\npath_with_escaped_slashes_action: KEEP_UNCHANGED"
        ),
        "websocket": "upgrade_configs: [{upgrade_type: websocket}]",
        "remove": _early_removal("{name}"),
    },
)

ISTIO = Product(
    "Istio",
    "in meshConfig.defaultConfig",
    {
        "client": "gatewayTopology:\n  numTrustedProxies: 1  # the proxies before the gateway",
        "scheme": "gatewayTopology:\n  numTrustedProxies: 1  # the proxies before the gateway",
        "scheme-pass": "gatewayTopology:\n  numTrustedProxies: 1  # the proxies before the gateway",
        "prefix": (
            "# Istio, in the VirtualService's route that rewrites the path\n"
            'headers:\n  request:\n    set: {X-Forwarded-Prefix: "{value}"}'
        ),
        "remove": "# Istio, in the VirtualService's route\nheaders:\n  request:\n    remove: [{name}]",
    },
)
