"""Every product, by its name."""

from __future__ import annotations

from tests.functional.proxies import (
    apache,
    caddy,
    envoy,
    h2o,
    haproxy,
    hitch,
    lighttpd,
    nginx,
    node,
    squid,
    stunnel,
    trafficserver,
    varnish,
)
from tests.functional.proxies.apache import APACHE
from tests.functional.proxies.caddy import CADDY
from tests.functional.proxies.envoy import ENVOY
from tests.functional.proxies.h2o import H2O
from tests.functional.proxies.haproxy import HAPROXY
from tests.functional.proxies.hitch import HITCH
from tests.functional.proxies.lighttpd import LIGHTTPD
from tests.functional.proxies.nginx import NGINX
from tests.functional.proxies.node import HTTP_PROXY, HTTP_PROXY_MIDDLEWARE
from tests.functional.proxies.squid import SQUID
from tests.functional.proxies.stunnel import STUNNEL
from tests.functional.proxies.trafficserver import TRAFFICSERVER
from tests.functional.proxies.varnish import VARNISH

FIRST_FOUR = (NGINX, HAPROXY, CADDY, APACHE)
OTHERS = (ENVOY, VARNISH, SQUID, LIGHTTPD, H2O, TRAFFICSERVER, HTTP_PROXY, HTTP_PROXY_MIDDLEWARE)
HTTP_ONES = (*FIRST_FOUR, *OTHERS)
TLS_ONLY = (HITCH, STUNNEL)
"""They end TLS and read no HTTP."""
PRODUCTS = {product.name: product for product in (*HTTP_ONES, *TLS_ONLY)}
MISTAKES = {
    NGINX.name: nginx.MISTAKES,
    HAPROXY.name: haproxy.MISTAKES,
    CADDY.name: caddy.MISTAKES,
    APACHE.name: apache.MISTAKES,
    ENVOY.name: envoy.MISTAKES,
    VARNISH.name: varnish.MISTAKES,
    SQUID.name: squid.MISTAKES,
    LIGHTTPD.name: lighttpd.MISTAKES,
    H2O.name: h2o.MISTAKES,
    TRAFFICSERVER.name: trafficserver.MISTAKES,
    HTTP_PROXY.name: node.MISTAKES,
    HITCH.name: hitch.MISTAKES,
    STUNNEL.name: stunnel.MISTAKES,
}
"""The usual mistakes with each product."""
