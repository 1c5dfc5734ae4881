"""The examples in ``deploy/`` beside the plain manifests: behind an ingress, with Compose, on Cloud Run."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import kubernetes_validate
import pytest

from tests.packing import dockerfile
from tests.packing.test_deploy import ROOT, TEXT, VERSIONS, at, dotted_keys, just_one, manifest, read, shape
from yourl import __version__, settings
from yourl.app import create_app
from yourl.context import MAX_WAIT
from yourl.proxies import TrustedProxies

INGRESS = ROOT / "deploy" / "kubernetes-ingress"
COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
PUBLISHED = ("ingress.yaml", "networkpolicy.yaml")
LABELS = {"app.kubernetes.io/name": "yourl"}
INVOKERS = shape(
    {"bindings": just_one(shape({"role": {"const": "roles/run.invoker"}, "members": just_one(TEXT)}))}
)


@pytest.fixture(scope="module")
def ingress() -> dict[str, Any]:
    return read(INGRESS / "ingress.yaml")


@pytest.fixture(scope="module")
def policy() -> dict[str, Any]:
    return read(INGRESS / "networkpolicy.yaml")


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """The one service of the Compose file."""
    (service,) = read(COMPOSE)["services"].values()
    return dict(service)


class TestBehindAnIngress:
    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("name", PUBLISHED)
    def test_manifest_is_what_kubernetes_publishes(self, name: str, version: str) -> None:
        """Both are valid, unknown fields refused, for each version since the oldest named."""
        kubernetes_validate.validate(read(INGRESS / name), version, strict=True)

    @pytest.mark.parametrize("name", PUBLISHED)
    def test_the_schemas_bite(self, name: str) -> None:
        """A misspelt field is refused wherever it stands."""
        for path in dotted_keys(read(INGRESS / name)):
            broken = copy.deepcopy(read(INGRESS / name))
            place = at(broken, path.rstrip(".")) if path else broken
            place["mispelt"] = {}
            with pytest.raises(kubernetes_validate.ValidationError):
                kubernetes_validate.validate(broken, VERSIONS[-1], strict=True)

    def test_adds_to_the_plain_manifests(self) -> None:
        """It takes them as they are, and names each file of its own."""
        kustomization = read(INGRESS / "kustomization.yaml")
        assert ["../kubernetes", *PUBLISHED] == kustomization["resources"]
        assert [{"path": "trust.yaml"}] == kustomization["patches"]
        named = {*PUBLISHED, "trust.yaml", "kustomization.yaml"}
        assert named == {path.name for path in INGRESS.iterdir()}

    def test_leads_to_the_service(self, ingress: Any) -> None:
        """The backend is the Service of the plain manifests, by its port's name."""
        service = manifest("service.yaml")
        backend = at(ingress, "spec.rules.0.http.paths.0.backend.service")
        expected = {"name": service["metadata"]["name"], "port": {"name": at(service, "spec.ports.0.name")}}
        assert expected == backend

    def test_certificate_is_for_the_host(self, ingress: Any) -> None:
        """TLS names the same host as the rule."""
        assert at(ingress, "spec.tls.0.hosts") == [at(ingress, "spec.rules.0.host")]

    def test_limits_of_the_controller_are_those_of_yourl(self, ingress: Any) -> None:
        """The controller lets the largest body through, and waits longer than any answer takes."""
        annotations = {
            key.rpartition("/")[2]: value for key, value in ingress["metadata"]["annotations"].items()
        }
        assert settings.load({}).limits.body_size == int(annotations["proxy-body-size"].rstrip("m")) << 20
        assert MAX_WAIT < int(annotations["proxy-read-timeout"])

    def test_trust_is_given_to_the_container_of_the_deployment(self) -> None:
        """The patch changes one variable of the container that is there, and yourl accepts its value."""
        patch, deployment = read(INGRESS / "trust.yaml"), manifest("deployment.yaml")
        for path in ("apiVersion", "kind", "metadata.name", "spec.template.spec.containers.0.name"):
            assert at(deployment, path) == at(patch, path)
        (variable,) = at(patch, "spec.template.spec.containers.0.env")
        assert "YOURL_TRUSTED_PROXIES" == variable["name"]
        assert TrustedProxies.parse(variable["value"]) != TrustedProxies.parse("")

    def test_policy_selects_the_pods_and_their_port(self, policy: Any) -> None:
        """The policy holds for exactly the pods, and opens the port of the container alone."""
        deployment = manifest("deployment.yaml")
        assert (
            LABELS
            == at(policy, "spec.podSelector.matchLabels")
            == at(deployment, "spec.selector.matchLabels")
        )
        port = at(deployment, "spec.template.spec.containers.0.ports.0")
        assert [{"port": port["name"], "protocol": port["protocol"]}] == at(policy, "spec.ingress.0.ports")

    def test_only_the_controller_comes_in_and_nothing_goes_out(self, policy: Any) -> None:
        """One source, by namespace and pod at once; no destination."""
        (source,) = at(policy, "spec.ingress.0.from")
        assert {"namespaceSelector", "podSelector"} == set(source)
        assert (["Ingress", "Egress"], []) == (policy["spec"]["policyTypes"], policy["spec"]["egress"])


class TestCompose:
    def test_builds_this_checkout(self, composed: Any) -> None:
        """The context is the folder of the Dockerfile, the image this version's."""
        assert (COMPOSE.parent / composed["build"]["context"]).resolve() == ROOT
        assert f"yourl:{__version__}" == composed["image"]

    def test_health_check_is_the_images(self, composed: Any) -> None:
        """The same command and the same times as in the Dockerfile."""
        image = dockerfile.parse((ROOT / "Dockerfile").read_text(encoding="utf-8"))[-1]
        check = image.one("HEALTHCHECK")
        times = {name.replace("-", "_"): value for name, value in check.flags.items()}
        expected = {"test": ["CMD", *image.health_command], **times, "retries": int(times["retries"])}
        assert expected == composed["healthcheck"]

    def test_publishes_the_port_that_the_image_exposes(self, composed: Any) -> None:
        """The container's side of the port is the default PORT."""
        assert [f"8080:{settings.load({}).port}"] == composed["ports"]

    def test_environment_is_accepted(self, composed: Any) -> None:
        """Each variable is a setting; the values start a server."""
        environ = {name: value for name, value in composed["environment"].items() if "$" not in value}
        assert set(composed["environment"]) <= {setting.name for setting in settings.SETTINGS}
        client = create_app(settings.load(environ)).flask.test_client()
        assert 200 == client.get("/health").status_code

    def test_has_no_privileges(self, composed: Any) -> None:
        """Read-only, no capability, no new privileges, bounded."""
        assert composed["read_only"] is True
        assert (["ALL"], ["no-new-privileges:true"]) == (composed["cap_drop"], composed["security_opt"])
        assert {"cpus", "mem_limit", "pids_limit"} <= set(composed)


def test_cloud_run_policy_lets_invoke_and_nothing_else() -> None:
    """The policy has one binding, to the role that calls the service."""
    jsonschema.validate(read(ROOT / "deploy/cloudrun/invokers.yaml"), INVOKERS)
