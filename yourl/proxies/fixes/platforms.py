"""What can be done at the clouds' front ends and in Kubernetes, by product and topic: data only.

Most of them set their headers by themselves: there is nothing to paste, but something to look at.
"""

from __future__ import annotations

from .servers import Product


def _automatic(title: str, place: str, sets: str, **topics: str) -> Product:
    """A front end that sets ``sets`` by itself, and passes on whatever else a client sends."""
    told = (
        f"# {title} sets {sets} by itself:\n"
        "# a proxy or a rule behind it takes that away, or it is not the nearest one."
    )
    usual = {
        **dict.fromkeys(("client", "scheme", "scheme-pass", "host", "port"), told),
        "client-overwrite": f"# {title} adds to X-Forwarded-For: let apps read it from the right.",
        "remove": f"# {title} passes {{name}} on as it came: let apps ignore it, or remove it behind {title}.",
    }
    return Product(title, place, {**usual, **{key.replace("_", "-"): text for key, text in topics.items()}})


INGRESS_NGINX = Product(
    "ingress-nginx",
    "in its ConfigMap",
    {
        "client": 'use-forwarded-headers: "true"  # where a proxy of yours stands before it',
        "client-overwrite": 'use-forwarded-headers: "false"  # where no proxy stands before it',
        "scheme": 'use-forwarded-headers: "true"  # where a proxy of yours ends TLS before it',
        "scheme-pass": 'use-forwarded-headers: "true"  # where a proxy of yours ends TLS before it',
        "prefix": (
            "# ingress-nginx, in the Ingress\n"
            "metadata:\n"
            "  annotations:\n"
            "    nginx.ingress.kubernetes.io/x-forwarded-prefix: {value}"
        ),
    },
)

KONG = Product(
    "Kong",
    "in kong.conf",
    {
        "client": "trusted_ips = 192.0.2.1/32  # the proxies before it",
        "scheme": "trusted_ips = 192.0.2.1/32  # the proxy before it that ends TLS",
        "scheme-pass": "trusted_ips = 192.0.2.1/32  # the proxy before it that ends TLS",
        "host": "# Kong, in the route\npreserve_host: true",
        "port": "port_maps = 443:8443  # the port that clients use, and the port that Kong listens on",
    },
)

AWS_ALB = _automatic(
    "AWS ALB",
    "in the attributes of the load balancer",
    "X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Port",
    client="routing.http.xff_header_processing.mode=append",
    scheme=(
        "# AWS ALB says which scheme reached it: where CloudFront is before it, let CloudFront connect by HTTPS\n"
        "# (origin protocol policy), and have an HTTPS listener."
    ),
    scheme_pass="# AWS ALB replaces X-Forwarded-Proto: let the proxy before it connect by HTTPS, to an HTTPS listener",
    host="routing.http.preserve_host_header.enabled=true",
)
AWS_API_GATEWAY = _automatic(
    "AWS API Gateway",
    "in the integration",
    "Forwarded (HTTP APIs) or X-Forwarded-For, -Proto and -Port (REST APIs)",
    host="# AWS API Gateway, in the integration's request parameters\noverwrite:header.X-Forwarded-Host=$context.domainName",
    prefix="# AWS API Gateway, in the integration's request parameters\noverwrite:header.X-Forwarded-Prefix={value}",
)
CLOUDFRONT = _automatic(
    "CloudFront",
    "in the origin request policy",
    "X-Forwarded-For",
    scheme="# CloudFront, in the origin request policy: add the header CloudFront-Forwarded-Proto, and connect by HTTPS",
    host="# CloudFront, in the origin request policy: AllViewer passes the viewer's Host on",
)
GOOGLE = _automatic(
    "Google Cloud load balancer", "in the backend service", "X-Forwarded-For and X-Forwarded-Proto"
)
CLOUD_RUN = _automatic(
    "Cloud Run", "in front of the service", "X-Forwarded-For, X-Forwarded-Proto and Forwarded"
)
CLOUDFLARE = _automatic(
    "Cloudflare",
    "in the zone",
    "X-Forwarded-For, X-Forwarded-Proto and CF-Connecting-IP",
    scheme="# Cloudflare, in SSL/TLS: mode Full (strict), so that it connects by HTTPS; Flexible asks by http",
)
FASTLY = _automatic(
    "Fastly",
    "in VCL, vcl_recv",
    "X-Forwarded-For",
    scheme='if (fastly.ff.visits_this_service == 0) {\n  set req.http.X-Forwarded-Proto = if(req.is_ssl, "https", "http");\n}',
    client_overwrite=(
        "if (fastly.ff.visits_this_service == 0) {\n  set req.http.X-Forwarded-For = client.ip;\n}"
    ),
    remove="unset req.http.{name};",
)
AKAMAI = _automatic("Akamai", "in the property", "X-Forwarded-For")
AZURE_FRONT_DOOR = _automatic(
    "Azure Front Door",
    "in the origin",
    "X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host",
    host="# Azure Front Door, in the origin: leave the origin host header empty, so that Host is passed on",
)
AZURE_APP_GATEWAY = _automatic(
    "Azure Application Gateway",
    "in the backend settings",
    "X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Port and X-Original-Host",
    host=(
        "# Azure Application Gateway, in the backend settings: do not override the host name; or, in a rewrite set,\n"
        "# set X-Forwarded-Host to {http_req_X-Original-Host}"
    ),
)
AZURE_APP_SERVICE = _automatic(
    "Azure App Service", "in front of the app", "X-Forwarded-For, X-Forwarded-Proto and X-ARR-SSL"
)
FLY = _automatic("Fly", "in front of the app", "X-Forwarded-For, -Proto and -Port")
HEROKU = _automatic("Heroku", "in front of the app", "X-Forwarded-For, -Proto and -Port")
RENDER = _automatic("Render", "in front of the app", "X-Forwarded-For and X-Forwarded-Proto")
VERCEL = _automatic("Vercel", "in front of the app", "X-Forwarded-For, -Proto and -Host")
