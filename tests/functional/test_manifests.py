"""What is in deploy/, read by the programs that it is written for, without a cluster or an engine."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.functional.harness import ROOT, clean_environment, require_program

DEPLOY = ROOT / "deploy"


def kustomized(folder: str) -> dict[str, Any]:
    """What ``kubectl apply -k`` would apply, by kind."""
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        # In Debian 12 it is 1.20, which is older than the fields that are used here.
        pytest.skip("kubectl is not installed, and Debian's is too old")
    command = [kubectl, "kustomize", str(DEPLOY / folder)]
    asked = subprocess.run(command, capture_output=True, text=True, check=True)
    return {document["kind"]: document for document in yaml.safe_load_all(asked.stdout)}


def test_kustomize_puts_the_image_in() -> None:
    """The plain manifests, with the image that kustomization.yaml names."""
    found = kustomized("kubernetes")
    assert {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"} == set(found)
    (container,) = found["Deployment"]["spec"]["template"]["spec"]["containers"]
    (image,) = yaml.safe_load((DEPLOY / "kubernetes/kustomization.yaml").read_text())["images"]
    assert f"{image['newName']}:{image['newTag']}" == container["image"]


def test_kustomize_puts_an_ingress_before_it() -> None:
    """The example adds two manifests and changes one variable; the others stay."""
    plain, found = kustomized("kubernetes"), kustomized("kubernetes-ingress")
    assert {*plain, "Ingress", "NetworkPolicy"} == set(found)
    before, after = (
        {
            entry["name"]: entry
            for entry in each["Deployment"]["spec"]["template"]["spec"]["containers"][0]["env"]
        }
        for each in (plain, found)
    )
    assert set(before) == set(after)
    assert ["YOURL_TRUSTED_PROXIES"] == [name for name in after if before[name] != after[name]]


def test_compose_reads_its_file() -> None:
    """docker-compose accepts each key; the access code of the shell reaches the container."""
    command = [require_program("docker-compose"), "--file", str(DEPLOY / "compose/compose.yaml"), "config"]
    environment = clean_environment({"YOURL_ACCESS_CODE": "from the shell"})
    asked = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (0, "") == (asked.returncode, asked.stderr)
    service = yaml.safe_load(asked.stdout)["services"]["yourl"]
    assert "from the shell" == service["environment"]["YOURL_ACCESS_CODE"]
    assert str(ROOT) == re.sub(r"/$", "", service["build"]["context"])
