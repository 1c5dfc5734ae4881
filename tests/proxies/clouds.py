"""What clouds, CDNs and ingress controllers send to an app behind them, from their documents: data only.

Each case is a request head as the platform documents it, with the setting that is right there, the truth,
and, for a usual mistake, what is decided instead and the finding that names it. The visitor is 203.0.113.9
and asks for https://shop.example/api unless the case says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

VISITOR = "203.0.113.9"
TRUTH: Mapping[str, Any] = MappingProxyType(
    {"client": VISITOR, "scheme": "https", "host": "shop.example", "port": 443, "prefix": ""}
)
A_BROWSER = """
    Sec-Fetch-Site: same-origin
    Origin: https://shop.example"""
CLOUDFLARE = (
    "173.245.48.0/20,103.21.244.0/22,103.22.200.0/22,103.31.4.0/22,141.101.64.0/18,108.162.192.0/18,"
    "190.93.240.0/20,188.114.96.0/20,197.234.240.0/22,198.41.128.0/17,162.158.0.0/15,104.16.0.0/13,"
    "104.24.0.0/14,172.64.0.0/13,131.0.72.0/22"
)


@dataclass(frozen=True)
class CloudCase:
    """One request through a platform.

    ``source`` is the document that names its headers. ``truth`` holds what differs from ``TRUTH``. Where
    the set-up is right, ``found`` is empty and nothing above info may be found; where it is wrong, ``found``
    names the code that has to be there, and ``wrong`` what is decided while it is.
    """

    source: str
    peer: str
    trusted: str
    head: str
    truth: Mapping[str, Any] = field(default_factory=dict)
    found: str = ""
    wrong: Mapping[str, Any] = field(default_factory=dict)
    platform: str | None = None
    target: str = "/api"


ALB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"
CLOUDFRONT = (
    "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html"
)
API_GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html"
GOOGLE_LB = "https://cloud.google.com/load-balancing/docs/https"
CLOUD_RUN = "https://cloud.google.com/run/docs/container-contract"
FRONT_DOOR = "https://learn.microsoft.com/en-us/azure/frontdoor/front-door-http-headers-protocol"
APP_GATEWAY = "https://learn.microsoft.com/en-us/azure/application-gateway/how-application-gateway-works"
APP_SERVICE = "https://learn.microsoft.com/en-us/azure/app-service/configure-language-python"
CLOUDFLARE_HEADERS = "https://developers.cloudflare.com/fundamentals/reference/http-headers/"
FASTLY = "https://www.fastly.com/documentation/reference/http/http-headers/"
AKAMAI = "https://techdocs.akamai.com/property-mgr/docs/origin-server"
FLY = "https://fly.io/docs/networking/request-headers/"
HEROKU = "https://devcenter.heroku.com/articles/http-routing"
RENDER = "https://render.com/docs/web-services"
VERCEL = "https://vercel.com/docs/headers/request-headers"
INGRESS_NGINX = "https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/configmap/"
TRAEFIK = "https://doc.traefik.io/traefik/routing/entrypoints/"
KONG = "https://docs.konghq.com/gateway/latest/how-kong-works/routing-traffic/"
ISTIO = "https://istio.io/latest/docs/ops/configuration/traffic-management/network-topologies/"
NGROK = "https://ngrok.com/docs/http/"

_ALB = """
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Proto: https
    X-Forwarded-Port: 443
    X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678"""
_CLOUDFRONT = """
    Via: 2.0 3f4b1c2d9e8a7f6b5c4d3e2f1a0b9c8d.cloudfront.net (CloudFront)
    X-Amz-Cf-Id: kBqSn0d8v7V9bZ1mUvtHsl0GzE6eHbRk1Vt2VYbU8yY1z9Zk2Q==
    CloudFront-Forwarded-Proto: https
    CloudFront-Viewer-Address: 203.0.113.9:51234"""
AWS = {
    "alb": CloudCase(ALB, "10.0.1.5", "10.0.0.0/16", _ALB),
    "alb, a forged list": CloudCase(
        ALB, "10.0.1.5", "10.0.0.0/16", _ALB.replace("For: ", "For: 198.51.100.66, ")
    ),
    "alb with client ports": CloudCase(
        ALB, "10.0.1.5", "10.0.0.0/16", _ALB.replace("203.0.113.9", "203.0.113.9:51234")
    ),
    "alb, by count": CloudCase(ALB, "10.0.1.5", "1", _ALB),
    "alb, nobody trusted": CloudCase(
        ALB,
        "10.0.1.5",
        "",
        _ALB,
        found="forwarded-by-untrusted",
        wrong={"client": "10.0.1.5", "scheme": "http", "port": 80},
    ),
    "alb with routing.http.xff_header_processing.mode remove": CloudCase(
        ALB,
        "10.0.1.5",
        "10.0.0.0/16",
        _ALB.replace("    X-Forwarded-For: 203.0.113.9\n", ""),
        found="missing-client",
        wrong={"client": "10.0.1.5"},
    ),
    "alb, a count too high": CloudCase(
        ALB,
        "10.0.1.5",
        "2",
        _ALB,
        found="chain-shorter-than-hop-count",
        wrong={"client": "10.0.1.5"},
    ),
    "cloudfront and alb": CloudCase(
        CLOUDFRONT,
        "10.0.1.5",
        "10.0.0.0/16,130.176.0.0/16",
        _ALB.replace("203.0.113.9", "203.0.113.9, 130.176.98.7") + _CLOUDFRONT,
    ),
    "cloudfront and alb, by count": CloudCase(
        CLOUDFRONT,
        "10.0.1.5",
        "2",
        _ALB.replace("203.0.113.9", "203.0.113.9, 130.176.98.7") + _CLOUDFRONT,
    ),
    "cloudfront and alb, counted as one": CloudCase(
        CLOUDFRONT,
        "10.0.1.5",
        "1",
        _ALB.replace("203.0.113.9", "203.0.113.9, 130.176.98.7") + _CLOUDFRONT,
        found="chain-longer-than-hop-count",
        wrong={"client": "130.176.98.7"},
    ),
    "cloudfront and alb, an origin asked over http": CloudCase(
        CLOUDFRONT,
        "10.0.1.5",
        "2",
        _ALB.replace("203.0.113.9", "203.0.113.9, 130.176.98.7")
        .replace("Proto: https", "Proto: http")
        .replace("Port: 443", "Port: 80")
        + _CLOUDFRONT,
        found="redirect-loop-ahead",
        wrong={"scheme": "http", "port": 80},
    ),
    "api gateway, http api": CloudCase(
        API_GATEWAY,
        "198.51.100.20",
        "1",
        """Host: shop.example
        Forwarded: by=198.51.100.20;for=203.0.113.9;host=abc123.execute-api.example;proto=https
        Via: HTTP/1.1 AmazonAPIGateway
        X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678""",
        truth={"host": "abc123.execute-api.example"},
    ),
    "api gateway, rest api": CloudCase(
        API_GATEWAY,
        "198.51.100.20",
        "1",
        """Host: shop.example
        X-Forwarded-For: 203.0.113.9
        X-Forwarded-Proto: https
        X-Forwarded-Port: 443
        X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678
        X-Amzn-Apigateway-Api-Id: abc123""",
    ),
    "api gateway, nobody trusted": CloudCase(
        API_GATEWAY,
        "198.51.100.20",
        "",
        """Host: shop.example
        Forwarded: by=198.51.100.20;for=203.0.113.9;host=shop.example;proto=https
        Via: HTTP/1.1 AmazonAPIGateway""",
        found="forwarded-by-untrusted",
        wrong={"client": "198.51.100.20", "scheme": "http", "port": 80},
    ),
}

_GOOGLE = """
    X-Forwarded-For: 203.0.113.9, 34.117.10.20
    X-Forwarded-Proto: https
    Via: 1.1 google
    X-Cloud-Trace-Context: 105445aa7843bc8bf206b12000100000/1;o=1
    Traceparent: 00-105445aa7843bc8bf206b12000100000-0000000000000001-01"""
_RUN = """
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Proto: https
    Forwarded: for="203.0.113.9";proto=https
    X-Cloud-Trace-Context: 105445aa7843bc8bf206b12000100000/1;o=1
    Traceparent: 00-105445aa7843bc8bf206b12000100000-0000000000000001-01"""
_GOOGLE_NETWORKS = "130.211.0.0/22,35.191.0.0/16"
GOOGLE = {
    "google lb": CloudCase(GOOGLE_LB, "130.211.1.17", f"{_GOOGLE_NETWORKS},34.117.10.20", _GOOGLE),
    "google lb, by count": CloudCase(GOOGLE_LB, "35.191.8.9", "2", _GOOGLE),
    "google lb, a forged list": CloudCase(
        GOOGLE_LB, "35.191.8.9", "2", _GOOGLE.replace("For: ", "For: 198.51.100.66,")
    ),
    "google lb, counted as one": CloudCase(
        GOOGLE_LB,
        "35.191.8.9",
        "1",
        _GOOGLE,
        found="chain-longer-than-hop-count",
        wrong={"client": "34.117.10.20"},
    ),
    "google lb, nobody trusted": CloudCase(
        GOOGLE_LB,
        "35.191.8.9",
        "",
        _GOOGLE,
        found="forwarded-by-untrusted",
        wrong={"client": "35.191.8.9", "scheme": "http", "port": 80},
    ),
    "cloud run": CloudCase(CLOUD_RUN, "169.254.169.126", "", _RUN, platform="cloud-run"),
    "cloud run, a forged list": CloudCase(
        CLOUD_RUN,
        "169.254.169.126",
        "",
        _RUN.replace("For: ", "For: 198.51.100.66,").replace('for="203', 'for="198.51.100.66",for="203'),
        platform="cloud-run",
    ),
    "cloud run, nobody trusted": CloudCase(
        CLOUD_RUN,
        "169.254.169.126",
        "none",
        _RUN,
        platform="cloud-run",
        found="forwarded-by-untrusted",
        wrong={"client": "169.254.169.126", "scheme": "http", "port": 80},
    ),
    "cloud run behind google lb": CloudCase(GOOGLE_LB, "169.254.169.126", "2", _GOOGLE, platform="cloud-run"),
}

_FRONT_DOOR = """
    Host: shop-origin.azurewebsites.net
    Via: 2.0 Azure
    X-Azure-ClientIP: 203.0.113.9
    X-Azure-SocketIP: 203.0.113.9
    X-Azure-Ref: 0zxV+XAAAAABKMMOjBv2NT4TY6SQVjC0zV1NURURHRTA2MTkANDM3YzgyY2Q
    X-Azure-RequestChain: hops=1
    X-Azure-FDID: 55ce4ed1-4b06-4bf1-b40e-4638452104da
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: shop.example
    X-Forwarded-Proto: https"""
_APP_GATEWAY = """
    Host: shop.example
    X-Forwarded-For: 203.0.113.9:51234
    X-Forwarded-Proto: https
    X-Forwarded-Port: 443
    X-Original-Host: shop.example
    X-AppGW-Trace-Id: ac882cd65a2712a0fe1289ec2bb6aee7"""
_APP_SERVICE = """
    Host: shop.example
    Client-IP: 203.0.113.9:51234
    Disguised-Host: shop.example
    Max-Forwards: 10
    Was-Default-Hostname: shop.azurewebsites.net
    X-AppService-Proto: https
    X-ARR-LOG-ID: 1e1c4b1c-6b7e-4f0a-9a53-2f8f0e8e9a10
    X-ARR-SSL: 2048|256|CN=Example CA, O=Example|CN=shop.example
    X-Client-IP: 203.0.113.9
    X-Client-Port: 51234
    X-Forwarded-For: 203.0.113.9:51234
    X-Forwarded-Proto: https
    X-Forwarded-TlsVersion: 1.3
    X-Original-URL: /api
    X-Site-Deployment-Id: shop
    X-Waws-Unencoded-Url: /api"""
AZURE = {
    "front door": CloudCase(FRONT_DOOR, "147.243.1.20", "147.243.0.0/16", _FRONT_DOOR),
    "front door, by count": CloudCase(FRONT_DOOR, "147.243.1.20", "1", _FRONT_DOOR),
    "front door, nobody trusted": CloudCase(
        FRONT_DOOR,
        "147.243.1.20",
        "",
        _FRONT_DOOR,
        found="forwarded-by-untrusted",
        wrong={
            "client": "147.243.1.20",
            "scheme": "http",
            "port": 80,
            "host": "shop-origin.azurewebsites.net",
        },
    ),
    "app gateway": CloudCase(APP_GATEWAY, "10.1.0.4", "10.1.0.0/24", _APP_GATEWAY),
    "app gateway that overrides the host": CloudCase(
        APP_GATEWAY,
        "10.1.0.4",
        "10.1.0.0/24",
        _APP_GATEWAY.replace("Host: shop.example", "Host: shop-origin.internal.example", 1),
        found="missing-host",
        wrong={"host": "shop-origin.internal.example"},
    ),
    "app service": CloudCase(APP_SERVICE, "169.254.129.1", "1", _APP_SERVICE),
    "app service, nobody trusted": CloudCase(
        APP_SERVICE,
        "169.254.129.1",
        "",
        _APP_SERVICE,
        found="forwarded-by-untrusted",
        wrong={"client": "169.254.129.1", "scheme": "http", "port": 80},
    ),
    "app service, X-Forwarded-Proto lost": CloudCase(
        APP_SERVICE,
        "169.254.129.1",
        "1",
        _APP_SERVICE.replace("    X-Forwarded-Proto: https\n", ""),
        found="redirect-loop-ahead",
        wrong={"scheme": "http", "port": 80},
    ),
    "front door and app service": CloudCase(
        FRONT_DOOR,
        "169.254.129.1",
        "2",
        _FRONT_DOOR.replace(
            "X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9, 147.243.1.20:51234"
        )
        + """
    X-ARR-LOG-ID: 1e1c4b1c-6b7e-4f0a-9a53-2f8f0e8e9a10
    X-ARR-SSL: 2048|256|CN=Example CA, O=Example|CN=*.azurewebsites.net
    X-AppService-Proto: https""",
    ),
}

_CLOUDFLARE = """
    CF-Connecting-IP: 203.0.113.9
    CF-IPCountry: DE
    CF-Ray: 8c1a2b3c4d5e6f70-FRA
    CF-Visitor: {"scheme":"https"}
    CDN-Loop: cloudflare; loops=1
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Proto: https"""
_CLOUDFLARE_NGINX = (
    _CLOUDFLARE.replace("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9, 172.70.1.1")
    + """
    X-Real-IP: 172.70.1.1"""
)
_FASTLY = """
    Fastly-Client-IP: 203.0.113.9
    Fastly-FF: abcDEF123!FRA!cache-fra-eddf8230049-FRA
    Fastly-SSL: 1
    CDN-Loop: Fastly
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Server: cache-fra-eddf8230049-FRA
    X-Timer: S1700000000.123456,VS0
    X-Varnish: 1234567890"""
_AKAMAI = """
    True-Client-IP: 203.0.113.9
    X-Akamai-CONFIG-LOG-DETAIL: true
    Akamai-Origin-Hop: 2
    Via: 1.1 v1-akamaitech.net(ghost) (AkamaiGHost), 1.1 akamai.net(ghost) (AkamaiGHost)
    Cache-Control: no-cache, max-age=0
    X-Forwarded-For: 203.0.113.9, 23.32.4.5"""
CDNS = {
    "cloudflare": CloudCase(CLOUDFLARE_HEADERS, "172.70.1.1", CLOUDFLARE, _CLOUDFLARE),
    "cloudflare, a forged list": CloudCase(
        CLOUDFLARE_HEADERS, "172.70.1.1", CLOUDFLARE, _CLOUDFLARE.replace("For: ", "For: 198.51.100.66,")
    ),
    "cloudflare, nobody trusted": CloudCase(
        CLOUDFLARE_HEADERS,
        "172.70.1.1",
        "",
        _CLOUDFLARE,
        found="forwarded-by-untrusted",
        wrong={"client": "172.70.1.1", "scheme": "http", "port": 80},
    ),
    "cloudflare and nginx": CloudCase(
        CLOUDFLARE_HEADERS, "127.0.0.1", f"127.0.0.1,{CLOUDFLARE}", _CLOUDFLARE_NGINX
    ),
    "cloudflare and nginx, only nginx trusted": CloudCase(
        CLOUDFLARE_HEADERS,
        "127.0.0.1",
        "127.0.0.1",
        _CLOUDFLARE_NGINX,
        found="client-disagreement",
        wrong={"client": "172.70.1.1"},
    ),
    "cloudflare flexible and nginx, which sets $scheme": CloudCase(
        CLOUDFLARE_HEADERS,
        "127.0.0.1",
        f"127.0.0.1,{CLOUDFLARE}",
        _CLOUDFLARE_NGINX.replace("Proto: https", "Proto: http"),
        found="redirect-loop-ahead",
        wrong={"scheme": "http", "port": 80},
    ),
    "fastly with X-Forwarded-Proto from its VCL": CloudCase(
        FASTLY, "157.52.80.10", "157.52.64.0/18", _FASTLY + "\n    X-Forwarded-Proto: https"
    ),
    "fastly as it is": CloudCase(
        FASTLY,
        "157.52.80.10",
        "157.52.64.0/18",
        _FASTLY,
        found="redirect-loop-ahead",
        wrong={"scheme": "http", "port": 80},
    ),
    "fastly with shielding": CloudCase(
        FASTLY,
        "157.52.80.10",
        "2",
        _FASTLY.replace("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9, 157.52.90.7")
        + "\n    X-Forwarded-Proto: https",
    ),
    "akamai with X-Forwarded-Proto from a rule": CloudCase(
        AKAMAI, "23.62.7.8", "2", _AKAMAI + "\n    X-Forwarded-Proto: https"
    ),
    "akamai as it is": CloudCase(
        AKAMAI,
        "23.62.7.8",
        "2",
        _AKAMAI,
        found="missing-proto",
        wrong={"scheme": "http", "port": 80},
    ),
    "akamai, counted as one": CloudCase(
        AKAMAI,
        "23.62.7.8",
        "1",
        _AKAMAI + "\n    X-Forwarded-Proto: https",
        found="chain-longer-than-hop-count",
        wrong={"client": "23.32.4.5"},
    ),
}

_FLY = """
    Fly-Client-IP: 203.0.113.9
    Fly-Forwarded-Port: 443
    Fly-Forwarded-Proto: https
    Fly-Forwarded-Ssl: on
    Fly-Region: fra
    Fly-Request-Id: 01HZ0000000000000000000000-fra
    Via: 2 fly.io
    X-Forwarded-For: 203.0.113.9, 66.241.125.10
    X-Forwarded-Port: 443
    X-Forwarded-Proto: https
    X-Forwarded-Ssl: on
    X-Request-Start: t=1700000000000000"""
_HEROKU = """
    Connect-Time: 0
    Total-Route-Time: 0
    Via: 1.1 vegur
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Port: 443
    X-Forwarded-Proto: https
    X-Request-Id: a2d2c64a-1926-4df5-8653-db1b5a644f4e
    X-Request-Start: 1427041338251"""
_RENDER = """
    CF-Connecting-IP: 203.0.113.9
    CF-Ray: 8c1a2b3c4d5e6f70-FRA
    CF-Visitor: {"scheme":"https"}
    CDN-Loop: cloudflare; loops=1
    Render-Proxy-Ttl: 4
    Rndr-Id: 8c1a2b3c-4d5e-6f70
    True-Client-IP: 203.0.113.9
    X-Forwarded-For: 203.0.113.9, 172.70.1.1, 10.214.3.4
    X-Forwarded-Proto: https
    X-Request-Start: 1700000000000000"""
_VERCEL = """
    Forwarded: for=203.0.113.9;host=shop.example;proto=https;sig=0QmVhcmVyIGFiYw==;exp=1700000300
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: shop.example
    X-Forwarded-Proto: https
    X-Real-Ip: 203.0.113.9
    X-Vercel-Deployment-Url: shop-abc123.vercel.app
    X-Vercel-Forwarded-For: 203.0.113.9
    X-Vercel-Id: fra1::abcde-1700000000000-0123456789ab"""
PLATFORMS = {
    "fly": CloudCase(FLY, "172.16.5.2", "2", _FLY),
    "fly, counted as one": CloudCase(
        FLY,
        "172.16.5.2",
        "1",
        _FLY,
        found="chain-longer-than-hop-count",
        wrong={"client": "66.241.125.10"},
    ),
    "heroku": CloudCase(HEROKU, "10.1.23.45", "1", _HEROKU),
    "heroku, a forged list": CloudCase(
        HEROKU, "10.1.23.45", "10.0.0.0/8", _HEROKU.replace("For: ", "For: 198.51.100.66, ")
    ),
    "heroku, nobody trusted": CloudCase(
        HEROKU,
        "10.1.23.45",
        "",
        _HEROKU,
        found="forwarded-by-untrusted",
        wrong={"client": "10.1.23.45", "scheme": "http", "port": 80},
    ),
    "render": CloudCase(RENDER, "10.214.9.9", "3", _RENDER),
    "render, by address": CloudCase(RENDER, "10.214.9.9", f"10.0.0.0/8,{CLOUDFLARE}", _RENDER),
    "render, counted as one": CloudCase(
        RENDER,
        "10.214.9.9",
        "1",
        _RENDER,
        found="chain-longer-than-hop-count",
        wrong={"client": "10.214.3.4"},
    ),
    "vercel": CloudCase(VERCEL, "198.51.100.30", "1", _VERCEL),
    "vercel, nobody trusted": CloudCase(
        VERCEL,
        "198.51.100.30",
        "",
        _VERCEL,
        found="forwarded-by-untrusted",
        wrong={"client": "198.51.100.30", "scheme": "http", "port": 80},
    ),
}

_INGRESS = """
    X-Request-ID: 7d1a9d4f1c5e4a4c8f3b2a1d0e9f8c7b
    X-Real-IP: 203.0.113.9
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: shop.example
    X-Forwarded-Port: 443
    X-Forwarded-Proto: https
    X-Forwarded-Scheme: https
    X-Scheme: https"""
_INGRESS_BEHIND_ALB = """
    X-Request-ID: 7d1a9d4f1c5e4a4c8f3b2a1d0e9f8c7b
    X-Real-IP: 10.0.1.5
    X-Forwarded-For: 10.0.1.5
    X-Forwarded-Host: shop.example
    X-Forwarded-Port: 80
    X-Forwarded-Proto: http
    X-Forwarded-Scheme: http
    X-Scheme: http
    X-Original-Forwarded-For: 203.0.113.9
    X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678"""
_TRAEFIK = """
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: shop.example
    X-Forwarded-Port: 443
    X-Forwarded-Proto: https
    X-Forwarded-Server: traefik-5c9b4c8b5f-abcde
    X-Real-Ip: 203.0.113.9"""
_KONG = """
    Host: upstream.internal.example
    Via: 1.1 kong/3.8.0
    Connection: keep-alive
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: shop.example
    X-Forwarded-Path: /shop/api
    X-Forwarded-Port: 443
    X-Forwarded-Prefix: /shop
    X-Forwarded-Proto: https
    X-Kong-Request-Id: 4b1b3c5d6e7f8091a2b3c4d5e6f70819
    X-Real-IP: 203.0.113.9"""
_ISTIO = """
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Proto: https
    X-Envoy-External-Address: 203.0.113.9
    X-Envoy-Attempt-Count: 1
    X-Forwarded-Client-Cert: By=spiffe://cluster.local/ns/shop/sa/default;Hash=0a1b2c;URI=spiffe://cluster.local/ns/istio-system/sa/ingressgateway
    X-Request-Id: 4bf92f35-77b3-4da6-a3ce-929d0e0e4736
    X-B3-TraceId: 4bf92f3577b34da6a3ce929d0e0e4736"""
_NGROK = """
    Host: abc123.ngrok-free.app
    X-Forwarded-For: 203.0.113.9
    X-Forwarded-Host: abc123.ngrok-free.app
    X-Forwarded-Proto: https"""
INGRESSES = {
    "ingress-nginx": CloudCase(INGRESS_NGINX, "10.244.1.7", "10.244.0.0/16", _INGRESS),
    "ingress-nginx, a forged list": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16",
        _INGRESS + "\n    X-Original-Forwarded-For: 198.51.100.66",
    ),
    "ingress-nginx with use-forwarded-headers behind an alb": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16,10.0.0.0/16",
        _INGRESS + "\n    X-Original-Forwarded-For: 203.0.113.9",
    ),
    "ingress-nginx without use-forwarded-headers behind an alb": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16,10.0.0.0/16",
        _INGRESS_BEHIND_ALB + A_BROWSER,
        found="redirect-loop-ahead",
        wrong={"client": "10.0.1.5", "scheme": "http", "port": 80},
    ),
    "ingress-nginx without use-forwarded-headers, no browser": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16,10.0.0.0/16",
        _INGRESS_BEHIND_ALB,
        found="client-disagreement",
        wrong={"client": "10.0.1.5", "scheme": "http", "port": 80},
    ),
    "ingress-nginx that rewrites the path": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16",
        _INGRESS + "\n    X-Original-Uri: /shop/api",
        truth={"prefix": "/shop"},
        found="prefix-not-announced",
        wrong={"prefix": ""},
    ),
    "ingress-nginx that announces its prefix": CloudCase(
        INGRESS_NGINX,
        "10.244.1.7",
        "10.244.0.0/16",
        _INGRESS + "\n    X-Forwarded-Prefix: /shop",
        truth={"prefix": "/shop"},
    ),
    "traefik": CloudCase(TRAEFIK, "10.42.0.8", "10.42.0.0/16", _TRAEFIK),
    "traefik strips a prefix": CloudCase(
        TRAEFIK,
        "10.42.0.8",
        "10.42.0.0/16",
        _TRAEFIK + "\n    X-Forwarded-Prefix: /shop",
        truth={"prefix": "/shop"},
    ),
    "traefik without trustedIPs behind another proxy": CloudCase(
        TRAEFIK,
        "10.42.0.8",
        "10.42.0.0/16,10.0.0.0/16",
        _TRAEFIK.replace("203.0.113.9", "10.0.1.5").replace("443", "80").replace("https", "http") + A_BROWSER,
        found="redirect-loop-ahead",
        wrong={"client": "10.0.1.5", "scheme": "http", "port": 80},
    ),
    "kong": CloudCase(KONG, "10.42.0.9", "10.42.0.0/16", _KONG, truth={"prefix": "/shop"}),
    "kong without port_maps behind a mapped port": CloudCase(
        KONG,
        "10.42.0.9",
        "10.42.0.0/16",
        _KONG.replace("Port: 443", "Port: 8443") + A_BROWSER,
        truth={"prefix": "/shop"},
        found="port-disagreement",
        wrong={"port": 8443},
    ),
    "istio, a sidecar": CloudCase(ISTIO, "127.0.0.6", "127.0.0.6", _ISTIO),
    "istio, by count": CloudCase(ISTIO, "127.0.0.6", "1", _ISTIO),
    "istio behind an alb": CloudCase(
        ISTIO,
        "127.0.0.6",
        "127.0.0.6,10.0.0.0/16",
        _ISTIO.replace("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9,10.0.1.5"),
    ),
    "istio without numTrustedProxies behind an alb": CloudCase(
        ISTIO,
        "127.0.0.6",
        "127.0.0.6,10.0.0.0/16",
        _ISTIO.replace("X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9,10.0.1.5")
        .replace("Address: 203.0.113.9", "Address: 10.0.1.5")
        .replace("Proto: https", "Proto: http")
        + A_BROWSER,
        found="redirect-loop-ahead",
        wrong={"scheme": "http", "port": 80},
    ),
    "ngrok": CloudCase(NGROK, "127.0.0.1", "127.0.0.1", _NGROK, truth={"host": "abc123.ngrok-free.app"}),
    "ngrok with --host-header=rewrite": CloudCase(
        NGROK,
        "127.0.0.1",
        "127.0.0.1",
        _NGROK.replace("Host: abc123.ngrok-free.app", "Host: localhost:8080", 1),
        truth={"host": "abc123.ngrok-free.app"},
    ),
    "ngrok, nobody trusted": CloudCase(
        NGROK,
        "127.0.0.1",
        "",
        _NGROK,
        truth={"host": "abc123.ngrok-free.app"},
        found="forwarded-by-untrusted",
        wrong={"client": "127.0.0.1", "scheme": "http", "port": 80},
    ),
}

CASES = {**AWS, **GOOGLE, **AZURE, **CDNS, **PLATFORMS, **INGRESSES}
