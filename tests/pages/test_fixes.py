"""A fix is cut into one block for each program."""

from __future__ import annotations

import pytest

from yourl.pages.fixes import Block, blocks

NGINX = "# nginx, in the location that has proxy_pass\nproxy_set_header X-Real-IP $remote_addr;"
HAPROXY = "# HAProxy, in the frontend\n# before any use_backend\nhttp-request del-header X-Real-IP"
OURS = "YOURL_TRUSTED_PROXIES=10.0.0.0/8"

FIXES = [
    pytest.param("", [], id="none"),
    pytest.param(OURS, [Block("yourl", OURS)], id="a-setting-of-ours"),
    pytest.param(NGINX, [Block("nginx", NGINX)], id="one"),
    pytest.param(f"{NGINX}\n{HAPROXY}", [Block("nginx", NGINX), Block("HAProxy", HAPROXY)], id="two"),
    pytest.param(f"{OURS}\n{NGINX}", [Block("yourl", OURS), Block("nginx", NGINX)], id="ours-and-one"),
    pytest.param(
        f"{NGINX}\n# nginxes, all of them", [Block("nginx", f"{NGINX}\n# nginxes, all of them")], id="comment"
    ),
]


@pytest.mark.parametrize(("fix", "expected"), FIXES)
def test_blocks(fix: str, expected: list[Block]) -> None:
    """Each block keeps its heading and its comments; nothing is lost."""
    assert blocks(fix) == expected
