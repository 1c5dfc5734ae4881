"""A fix is cut into one block for each program."""

from __future__ import annotations

import pytest

from tests.pages.inspections import document, inspection
from yourl.pages.fixes import Block, Fix, parts
from yourl.proxies.fixes import PRODUCTS, TOPICS, at_proxy

NGINX = "# nginx, in the location that has proxy_pass\nproxy_set_header X-Real-IP $remote_addr;"
HAPROXY = "# HAProxy, in the frontend\n# before any use_backend\nhttp-request del-header X-Real-IP"
TRAEFIK = "# Traefik passes upgrades by itself: take Upgrade out of customRequestHeaders"
ENVOY = "# Envoy, in the HttpConnectionManager\na: b\n# Envoy, in the route\nc: d"
OURS = "YOURL_TRUSTED_PROXIES=10.0.0.0/8"
CHECK = "curl --fail-with-body 'https://a.example/api?expect=!finding:missing-host'"

FIXES = [
    pytest.param("", Fix([], None), id="none"),
    pytest.param(OURS, Fix([Block("yourl", OURS)], None), id="a-setting-of-ours"),
    pytest.param(f"{NGINX}\n# Check: {CHECK}", Fix([Block("nginx", NGINX)], CHECK), id="one-and-a-check"),
    pytest.param(
        f"{NGINX}\n{HAPROXY}", Fix([Block("nginx", NGINX), Block("HAProxy", HAPROXY)], None), id="two"
    ),
    pytest.param(
        f"{OURS}\n{TRAEFIK}", Fix([Block("yourl", OURS), Block("Traefik", TRAEFIK)], None), id="ours-and-one"
    ),
    pytest.param(
        f"{NGINX}\n# Only if nginx is yours:\n# {OURS}",
        Fix([Block("nginx", NGINX), Block("yourl", f"# Only if nginx is yours:\n# {OURS}")], None),
        id="ours-last",
    ),
    pytest.param(
        f"# Only if 192.0.2.1 is a proxy:\n{NGINX}\n{HAPROXY}",
        Fix(
            [
                Block("nginx", f"# Only if 192.0.2.1 is a proxy:\n{NGINX}"),
                Block("HAProxy", f"# Only if 192.0.2.1 is a proxy:\n{HAPROXY}"),
            ],
            None,
        ),
        id="a-condition-stays-with-each",
    ),
    pytest.param(ENVOY, Fix([Block("Envoy", ENVOY)], None), id="two-places"),
    pytest.param(
        f"{NGINX}\n# nginxes, all of them",
        Fix([Block("nginx", f"{NGINX}\n# nginxes, all of them")], None),
        id="comment",
    ),
]


@pytest.mark.parametrize(("fix", "expected"), FIXES)
def test_parts(fix: str, expected: Fix) -> None:
    """Each block keeps its heading and its comments."""
    assert parts(fix) == expected


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("product", PRODUCTS)
def test_every_products_text_is_one_block(topic: str, product: str) -> None:
    """Whatever the inspection says for a product, the tab has its name and all of its text."""
    text = at_proxy(topic, product, name="X-Test", value="/x")
    assert parts(text) == Fix([Block(PRODUCTS[product].title, text)], None)


def test_findings_have_a_check() -> None:
    """The command under a fix is found, and can be copied alone."""
    for finding in inspection()["findings"]:
        check = parts(finding["fix"]).check
        assert check is not None
        assert check.startswith("curl ")


def test_the_product_that_the_evidence_names_is_the_only_one() -> None:
    """Where Via names Caddy next to us, no other product is shown."""
    fields = (("Host", "a.example"), ("X-Forwarded-For", "203.0.113.7"), ("Via", "1.1 Caddy"))
    findings = document("/", fields, peer="10.0.0.9", trusted="10.0.0.0/8")["findings"]
    products = {block.product for finding in findings for block in parts(finding["fix"]).blocks}
    assert products == {"Caddy"}
