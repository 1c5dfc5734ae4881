"""Usual mistakes in the set-up of real proxies: each is named, and pasting its fix mends it.

A mistake is an exact change of a configuration in docs/proxies. A fix is pasted where it says that it
belongs, and the product's own checker has to accept it before the proxy starts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.functional.certificates import Certificate
from tests.functional.proxies.all import MISTAKES, PRODUCTS
from tests.functional.proxies.fixes import blocks_for, checks_in
from tests.functional.proxies.mistake import Fields, Mistake
from tests.functional.proxies.product import Block
from tests.functional.proxies.running import Backends, Proxy, edge_of, upstream_of
from tests.functional.proxies.verdicts import Json, codes, decided, right

CASES = {name: (product, mistake) for product, table in MISTAKES.items() for name, mistake in table.items()}


@contextlib.contextmanager
def set_up(
    product: str,
    mistake: Mistake,
    backends: Backends,
    certificate: Certificate,
    fix: list[Block] | None = None,
) -> Iterator[Proxy]:
    """The edge of a wrong set-up; with ``fix`` pasted into the configuration that is wrong."""
    upstream = upstream_of(backends.trusting(mistake.trusted))
    wrong, fix = PRODUCTS[product], fix or []
    if not mistake.behind:
        with edge_of(wrong, upstream, certificate, changes=mistake.changes, fix=fix) as edge:
            yield edge
        return
    with (
        Proxy(wrong, upstream, certificate, inner=True, changes=mistake.changes, fix=fix) as inner,
        edge_of(PRODUCTS[mistake.behind], inner.address, certificate) as edge,
    ):
        yield edge


def with_edge(fields: Fields, edge: Proxy) -> list[tuple[str, str]]:
    """Header fields with the edge's own host and port where they say EDGE."""
    return [(name, value.replace("EDGE", edge.authority)) for name, value in fields]


def asked(mistake: Mistake, edge: Proxy) -> Json:
    """The inspection of the request that shows the mistake."""
    answer = edge.get(mistake.path, with_edge(mistake.headers, edge))
    assert 200 == answer.status, answer.text
    document: Json = answer.json
    return document


@pytest.mark.parametrize(
    ("product", "mistake"), [pytest.param(*case, id=name) for name, case in CASES.items()]
)
def test_a_mistake_is_named(
    product: str, mistake: Mistake, backends: Backends, certificate: Certificate
) -> None:
    """A usual mistake has its usual consequence, and the findings name it and nothing else."""
    with set_up(product, mistake, backends, certificate) as edge:
        answer = asked(mistake, edge)
    told = decided(answer)
    if "host" in mistake.wrong and "port" not in mistake.wrong:
        told["port"] = edge.port  # goes with the host
    assert (mistake.found, {**right(edge, mistake.prefix), **mistake.wrong}) == (codes(answer), told)


@pytest.mark.parametrize(
    ("product", "mistake"),
    [pytest.param(*case, id=name) for name, case in CASES.items() if case[1].found and case[1].is_fixable],
)
def test_its_fixes_fix_it(
    product: str, mistake: Mistake, backends: Backends, certificate: Certificate
) -> None:
    """What the findings offer takes them and the wrong decision away; no part of it does harm."""
    with set_up(product, mistake, backends, certificate) as edge:
        answer, its_port = asked(mistake, edge), f"port:{edge.port}"
    texts = [one["fix"] for one in answer["findings"] if one["code"] in mistake.found]
    fixes = [blocks_for(PRODUCTS[product].fix_name, text) for text in texts]
    if len(fixes) > 1:
        before = truths(answer, edge, mistake)
        for fix in fixes:
            with set_up(product, mistake, backends, certificate, fix=fix) as edge:
                assert before <= truths(asked(mistake, edge), edge, mistake), fix
    every = list(dict.fromkeys(block for fix in fixes for block in fix))
    with set_up(product, mistake, backends, certificate, fix=every) as edge:
        answer = asked(mistake, edge)
        checks = {
            target: edge.get(
                target.replace(its_port, f"port:{edge.port}"), [*fields, *with_edge(mistake.headers, edge)]
            ).status
            for text in texts
            for target, fields in checks_in(text)
        }
    assert set(checks.values()) == {200}, checks
    assert mistake.found.keys().isdisjoint(codes(answer)), every
    assert right(edge, mistake.prefix) == decided(answer), every


def truths(answer: Json, edge: Proxy, mistake: Mistake) -> int:
    """How many of the values decided are right."""
    told, truth = decided(answer), right(edge, mistake.prefix)
    return sum(told[slot] == truth[slot] for slot in truth)
